"""What the lab "Unrolled" asks for. As in `looking`: anyone may ask anything, and no answer is an exception."""

from __future__ import annotations

from typing import Any

import torch

from playground.config import shorten
from playground.experiment import MAX_SEED
from playground.kinds import to_network
from playground.latent.points import codes_of, labels_of, read_point
from playground.model import Model
from playground.ui.handlers.gradients import of_networks
from playground.ui.handlers.latent import read_choice
from playground.ui.handlers.looking import answering, is_whole
from playground.ui.handlers.wants import real_samples
from playground.ui.session import Session
from playground.ui.views import unrolled as view

MOST_LAYERS = 1000


@answering
@of_networks
def look(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Show the sample of a point and a real one step by step, and one layer of the model in view that has steps."""
    point = read_point(request.get("point", {"seed": 1}), model)
    reads = read_choice(request, "reads", (view.FAKE, view.REAL), view.FAKE)
    layer, seed = request.get("layer"), request.get("real_seed", 0)
    if layer is not None and not is_whole(layer, MOST_LAYERS):
        raise ValueError(f"layer must be a whole number, not {shorten(layer)}")
    if not is_whole(seed, MAX_SEED):
        raise ValueError(f"real_seed must be a whole number between 0 and {MAX_SEED}, not {shorten(seed)}")
    labels = labels_of([point])
    made = codes_of([point], model, "z").to(model.device), None if labels is None else labels.to(model.device)
    real, note = _real(session, model, seed)
    return view.look(model, made, real, reads, layer) | {"note": note}


def _real(session: Session, model: Model, seed: int) -> tuple[torch.Tensor | None, str]:
    """Return one real sample as D reads it, (1, …), or None and a sentence that says why there is none."""
    try:
        samples = real_samples(session, model)
    except (ValueError, FileNotFoundError) as error:
        return None, str(error)
    chosen = int(torch.randint(len(samples), (), generator=torch.Generator().manual_seed(seed)))
    return to_network(samples.values[chosen : chosen + 1], samples.spec).to(model.device), ""
