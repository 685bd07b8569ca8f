"""What a discriminator of sequences thinks step by step, where it says so."""

from __future__ import annotations

import numpy as np
import torch

from playground.layers.tracing import stages
from playground.model import Model

STEPS = "steps"  # the stage of a sequence discriminator whose output is a judgement after every step, (N, T, 1)


@torch.no_grad()
def step_judgements(model: Model, samples: torch.Tensor, labels: torch.Tensor | None = None) -> np.ndarray | None:
    """Return D's judgement of every step of samples (N, *spec.shape) as D reads them, float32 (N, T).

    Higher looks more real. None for a discriminator that judges samples only as a whole.
    """
    stage = stages(model.discriminator).get(STEPS)
    if stage is None:
        return None
    found: list[torch.Tensor] = []
    handle = stage.register_forward_hook(lambda module, inputs, output: found.append(output))
    try:
        model.discriminator(samples.to(model.device), labels)
    finally:
        handle.remove()
    return found[0].float().flatten(1).cpu().numpy()
