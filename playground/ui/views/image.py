"""Images as sprites: one PNG that holds many pictures edge to edge."""

from __future__ import annotations

import base64
import math
from typing import Any

import numpy as np

from playground.exporting.pictures import sprite


def sprite_json(images: np.ndarray) -> dict[str, Any]:
    """Pack uint8 images (N, H, W, C) for the browser: a data address and the geometry to cut it up again."""
    count, height, width, _ = images.shape
    source = base64.b64encode(sprite(images)).decode()
    return {
        "src": f"data:image/png;base64,{source}",
        "columns": math.ceil(math.sqrt(count)),
        "count": count,
        "width": width,
        "height": height,
    }
