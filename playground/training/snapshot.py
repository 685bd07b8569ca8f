"""What training shows of itself at a moment."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from playground.evaluation.diagnosis import Diagnosis
from playground.evaluation.live import QUALITY_FIELDS, Quality
from playground.training.quality import Best

MEASURED = (
    "step", "samples_seen", "seconds", "rate", "loss_discriminator", "loss_generator", "logit_real", "logit_fake",
    "separation", "gradient_discriminator", "gradient_generator",
)  # fmt: skip
RECORD_FIELDS = MEASURED + QUALITY_FIELDS
RUNNING, FINISHED, STOPPED, DIVERGED = "running", "finished", "stopped", "diverged"


@dataclass(frozen=True)
class Snapshot:
    """Plain numbers and numpy arrays of one moment of a run.

    Losses, logits, separation (the chance that D scores a real sample above a fake one) and gradient lengths (before
    clipping) are means over the steps since the snapshot before (NaN where no step was taken). `rate` is in
    real samples a second. `seconds` is the training time of the whole run, resumed parts included, without the time
    spent on snapshots. `sheet` holds samples from fixed latents, uint8 (N, H, W, C). `state` is all that
    a `Model` and resuming need, as named arrays; None on some snapshots of a large network.
    `quality` is a measurement of the averaged weights that came since the snapshot before. `best` stands on the last
    snapshot alone, when earlier weights made clearly better samples: a `Model` shows those, training goes on from `state`.
    `diagnosis` says what is going on in the run so far.
    `status` is running, finished, stopped or diverged, and `message` a sentence where there is something to say.
    """

    step: int
    samples_seen: int
    seconds: float
    rate: float
    loss_discriminator: float
    loss_generator: float
    logit_real: float
    logit_fake: float
    separation: float
    gradient_discriminator: float
    gradient_generator: float
    status: str
    message: str
    sheet: np.ndarray
    state: dict[str, np.ndarray] | None = None
    quality: Quality | None = None
    best: Best | None = None
    diagnosis: Diagnosis | None = None

    def record(self) -> dict[str, Any]:
        """Return the numbers alone, as the history of a checkpoint keeps them; None stands for NaN, as in JSON."""
        numbers = {name: getattr(self, name) for name in MEASURED}
        numbers |= self.quality.numbers() if self.quality else dict.fromkeys(QUALITY_FIELDS)
        return {name: None if value is not None and not math.isfinite(value) else value for name, value in numbers.items()}
