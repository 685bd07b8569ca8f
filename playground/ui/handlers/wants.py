"""What the tab "What D wants" asks for. As in `looking`: anyone may ask anything, and the answer is never an exception."""

from __future__ import annotations

import functools
import pathlib
from typing import Any

import numpy as np
import torch

from playground.config import shorten
from playground.datasets import DATASETS, data_root
from playground.datasets.images import prepare
from playground.experiment import MAX_SEED, Experiment
from playground.inspection import Scores, scores, shape_table
from playground.inspection import follow as followed
from playground.inspection import wants as wanted_by
from playground.inspection.wants import logits, longest
from playground.model import SHEET_COUNT, Model, draw_latents
from playground.samples import Samples
from playground.ui.handlers.looking import answering, is_whole, of_model, read_label
from playground.ui.handlers.screen import say
from playground.ui.session import Session
from playground.ui.views.wants import judged, wanted
from playground.ui.views.wants import spread as spread_of

TILES = 24
COUNT, LEAST = 256, 48  # pictures scored for a histogram
LIGHT = 150_000  # numbers that both networks pass on for one picture: up to here COUNT are scored in about 100 ms
POOL = 1024  # real samples kept of a data set: enough of each class
Batch = tuple[torch.Tensor, torch.Tensor | None]


@answering
@of_model
def tiles(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Make pictures, generated or `real`, with D's score of each and the gradient of that score by pixel."""
    samples, labels = _batch(session, model, request)
    return wanted(model, wanted_by(model, samples, labels), labels)


@answering
@of_model
def follow(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Move the same pictures along the gradient, `share` of the longest way, and score what becomes of them."""
    share = request.get("share")
    if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 <= share <= 1:
        raise ValueError(f"share must be a number between 0 and 1, not {shorten(share)}")
    samples, labels = _batch(session, model, request)
    length = share * longest(model)
    return judged(followed(model, samples, length, labels)) | {"length": round(length, 2)}


@answering
@of_model
def spread(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Score many real and as many generated pictures. Without the data there are only generated ones, and a `note` why."""
    count = _count(model.experiment)
    try:
        samples = real_samples(session, model)
    except (ValueError, FileNotFoundError) as error:
        fake = model.generate(draw_latents(count, model.experiment.generator.latent_dim, 0))
        return spread_of(model, Scores(np.zeros(0, np.float32), logits(model, fake))) | {"note": str(error)}
    return spread_of(model, scores(model, samples, count)) | {"note": ""}


@functools.lru_cache(maxsize=64)
def _count(experiment: Experiment) -> int:
    """Return how many pictures are scored: fewer by large networks, which a person should not wait long for."""
    table = shape_table(experiment)
    passed_on = sum(row.activations for row in (*table.generator, *table.discriminator))
    return max(LEAST, min(COUNT, COUNT * LIGHT // passed_on))


def _batch(session: Session, model: Model, request: dict) -> Batch:
    """Return the samples and labels that a request means. Raises ValueError naming what is wrong."""
    label, seed, real = read_label(request, model), request.get("seed", 0), request.get("real", False)
    if not is_whole(seed, MAX_SEED):
        raise ValueError(f"seed must be a whole number between 0 and {MAX_SEED}, not {shorten(seed)}")
    if not isinstance(real, bool):
        raise ValueError(f"real must be true or false, not {shorten(real)}")
    if real:
        return _real(real_samples(session, model), label, seed, bool(model.experiment.num_classes))
    # of as many latents as the sheet of samples draws: with its seed the pictures are the same
    latents = draw_latents(SHEET_COUNT, model.experiment.generator.latent_dim, seed)[:TILES]
    labels = model.labels(TILES, label)
    return model.generate(latents, labels), labels


def _real(samples: Samples, label: int | None, seed: int, conditional: bool) -> Batch:
    order = torch.randperm(len(samples), generator=torch.Generator().manual_seed(seed))
    if conditional and label is not None:
        order = order[samples.labels[order] == label]
    if not len(order):
        raise ValueError(say("none_of_class"))
    order = order[torch.arange(TILES) % len(order)]
    return samples.values[order], samples.labels[order] if conditional else None


def real_samples(session: Session, model: Model, count: int = POOL) -> Samples:
    """Return up to `count` real samples of the data that a model learnt from; the first are the same for any count.

    Raises ValueError with a sentence without them.
    """
    experiment = model.experiment
    dataset = DATASETS[experiment.dataset]
    if experiment.dataset == "images" and session.folder is not None:
        return prepare(session.folder.values[:count], experiment.data)
    if experiment.dataset == "images" or not dataset.available(data_root()):
        raise ValueError(say("no_real", title=dataset.title))
    return _pool(experiment.dataset, experiment.data, data_root(), count)


@functools.lru_cache(maxsize=8)
def _pool(dataset: str, config: Any, root: pathlib.Path, count: int) -> Samples:
    """Draw some samples of a data set, once: to read all of it takes a second."""
    samples = DATASETS[dataset].load(config, root)
    chosen = torch.randperm(len(samples), generator=torch.Generator().manual_seed(0))[:count]
    return Samples(samples.spec, samples.values[chosen], None if samples.labels is None else samples.labels[chosen])
