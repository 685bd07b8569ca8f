"""Spectra of pictures for the browser, and one arm of a comparison: its samples, its spectrum, its checkerboard."""

from __future__ import annotations

from typing import Any

import numpy as np

from playground.experiment import Experiment
from playground.inspection import checkerboard_energy, radial_spectrum
from playground.training import Snapshot
from playground.ui.views.image import sprite_json
from playground.ui.views.sheet import sheet_columns
from playground.ui.views.wants import plain


def curve(images: np.ndarray) -> dict[str, Any]:
    """Describe the spectrum of pictures (N, C, H, W) in [-1, 1], and the share of their power that is a checkerboard."""
    frequencies, power = radial_spectrum(images)
    energy = plain(np.array([checkerboard_energy(images)]))[0]
    return {"frequencies": plain(frequencies), "power": plain(power), "checkerboard": energy, "count": len(images)}


def arm(experiment: Experiment, snapshot: Snapshot) -> dict[str, Any]:
    """Describe one of two runs at a moment."""
    generator = experiment.generator
    made = snapshot.sheet.transpose(0, 3, 1, 2) / 127.5 - 1
    return curve(made) | {
        "upsampling": generator.upsampling[0],
        "kernel": generator.kernel_size[0],
        "stride": generator.stride[0],
        "step": snapshot.step,
        "seconds": round(snapshot.seconds, 2),
        "sprite": sprite_json(snapshot.sheet, sheet_columns(experiment)),
    }
