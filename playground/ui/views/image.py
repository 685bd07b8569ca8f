"""Images as sprites: one PNG that holds many pictures edge to edge."""

from __future__ import annotations

import base64
import math
from typing import Any

import numpy as np

from playground.exporting.pictures import sprite


def sprite_json(images: np.ndarray, columns: int | None = None) -> dict[str, Any]:
    """Pack uint8 images (N, H, W, C) for the browser: a data address and the geometry to cut it up again.

    By default there are about as many columns as rows.
    """
    count, height, width, _ = images.shape
    columns = columns or math.isqrt(count - 1) + 1
    source = base64.b64encode(sprite(images, columns=columns)).decode()
    return {
        "src": f"data:image/png;base64,{source}",
        "columns": columns,
        "count": count,
        "width": width,
        "height": height,
    }
