"""What the panel "Find" asks for: a picture in the model's form, its place in latent space, the training images near it."""

from __future__ import annotations

import base64
import binascii
import functools
import pathlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from playground.config import shorten
from playground.datasets import DATASETS, data_root
from playground.datasets.images import prepare
from playground.evaluation import TrainingIndex, index_training, nearest_training
from playground.experiment import MAX_SEED
from playground.inspection.wants import logits
from playground.latent.inversion import Inversion, invert
from playground.latent.points import read_point
from playground.latent.targets import is_centred, is_light, prepare_target, read_picture
from playground.model import Model
from playground.samples import Samples
from playground.ui.handlers.latent import copy_of, pictures_of, read_choice, read_number, read_truncation, stop_task, task
from playground.ui.handlers.looking import answering, is_whole, of_model
from playground.ui.handlers.screen import STORE, say
from playground.ui.handlers.wants import real_samples
from playground.ui.session import Session
from playground.ui.views import find as view

SOURCES = ("draw", "file", "real", "point")
MAX_URL = 1_400_000  # characters: 1 MB in base64, and its head
EVERY = 0.3  # seconds between two reports
NEIGHBOURS = 6


@answering
@of_model
def target(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Bring what the visitor drew or chose to the form of the model's samples, and show it."""
    return view.target(model, *_target(session, model, request))


def _target(session: Session, model: Model, request: dict) -> tuple[np.ndarray, dict[str, Any]]:
    """Return the target, uint8 (H, W, C), and what was done to it."""
    source = read_choice(request, "source", SOURCES, "draw")
    if source == "point":
        point = read_point(request.get("point"), model)
        return pictures_of(model, [point], read_truncation(request))[0], {}
    if source == "real":
        return _real(session, model, request)
    picture = read_picture(_bytes_of(request.get("image")))
    swap, centre = (_switch(request, name) for name in ("invert", "centre"))
    done = {
        "inverted": is_centred(model.experiment) and is_light(picture) if swap is None else swap,
        "centred": is_centred(model.experiment) if centre is None else centre,
    }
    return prepare_target(model.experiment, picture, invert_colours=done["inverted"], centre=done["centred"]), done


def _real(session: Session, model: Model, request: dict) -> tuple[np.ndarray, dict[str, Any]]:
    seed = request.get("seed", 0)
    if not is_whole(seed, MAX_SEED):
        raise ValueError(f"seed must be a whole number between 0 and {MAX_SEED}, not {shorten(seed)}")
    dataset = DATASETS[model.experiment.dataset]
    held_out = dataset.load_test is not None and dataset.available(data_root())
    samples = _test(dataset.name, model.experiment.data, data_root()) if held_out else real_samples(session, model)
    row = int(torch.randint(len(samples), (1,), generator=torch.Generator().manual_seed(seed)))
    return samples.values[row].permute(1, 2, 0).contiguous().numpy(), {"held_out": held_out}


@functools.lru_cache(maxsize=4)
def _test(dataset: str, config: Any, root: pathlib.Path) -> Samples:
    return DATASETS[dataset].load_test(config, root)


def _bytes_of(url: Any) -> bytes:
    """Read a data address. Raises ValueError with a sentence for anything else."""
    if not isinstance(url, str) or not url.startswith("data:image/") or ";base64," not in url[:64]:
        raise ValueError(say("no_target"))
    if len(url) > MAX_URL:
        raise ValueError(say("target_large"))
    try:
        return base64.b64decode(url.partition(",")[2], validate=True)
    except binascii.Error:
        raise ValueError(say("no_target")) from None


def _switch(request: dict, name: str) -> bool | None:
    value = request.get(name)
    if value is not None and not isinstance(value, bool):
        raise ValueError(f"{name} must be true, false or empty, not {shorten(value)}")
    return value


def find(session_id: str, request: Any) -> Iterator[dict[str, Any]]:
    """Search for the target's place in latent space; gives the panel every step of it, and what was found."""
    try:
        session, model = copy_of(session_id)
        wanted, seconds, label, seed = _read(session, model, request)
        yield {"find": view.started(wanted)}
        with task(session, "find") as stopping:
            search = invert(model, wanted, label=label, seconds=seconds, seed=seed, stop=stopping.is_set, every=EVERY)
            for report in search:
                if isinstance(report, Inversion):
                    score = logits(model, report.sample[None], _labels(report))[0]
                    yield {"find": view.found(model, wanted, report, float(score))}
                else:
                    yield {"find": view.progress(wanted, report, seconds)}
    except (ValueError, FileNotFoundError) as error:
        yield {"find": view.refused("search", str(error))}


def _labels(found: Inversion) -> torch.Tensor | None:
    return None if found.point.label is None else found.point.label[None]


def _read(session: Session, model: Model, request: Any) -> tuple[np.ndarray, float, int | None, int]:
    if not isinstance(request, dict):
        raise ValueError(f"a search is asked for by an object, not {shorten(request)}")
    label, seed, last = request.get("label"), request.get("search_seed", 0), model.experiment.num_classes - 1
    if label is not None and not is_whole(label, last):
        raise ValueError(f"label must be empty or a class that the model knows, not {shorten(label)}")
    if not is_whole(seed, MAX_SEED):
        raise ValueError(f"seed must be a whole number between 0 and {MAX_SEED}, not {shorten(seed)}")
    return _target(session, model, request)[0], read_number(request, "seconds", 1, 60, 15), label, seed


def halt(session_id: str) -> dict[str, Any]:
    """Stop the search: what it has by then is its result."""
    stop_task(STORE.get(session_id), "find")
    return {}


def near(session_id: str, request: Any) -> Iterator[dict[str, Any]]:
    """Look for the training images nearest to a point's sample; the first time that takes some seconds."""
    try:
        if not isinstance(request, dict):
            raise ValueError(f"neighbours are asked for by an object, not {shorten(request)}")
        session, model = copy_of(session_id)
        picture = pictures_of(model, [read_point(request.get("point"), model)], read_truncation(request))
        with task(session, "near") as stopping:
            for found in _index_of(session, model):
                if stopping.is_set():
                    return
                if isinstance(found, TrainingIndex):
                    yield {"find": view.near(found, picture, nearest_training(picture, found, NEIGHBOURS))}
                else:
                    yield {"find": view.reading(found)}
    except (ValueError, FileNotFoundError) as error:
        yield {"find": view.refused("near", str(error))}


def _index_of(session: Session, model: Model) -> Iterator[float | TrainingIndex]:
    """Give the training images of the model's data ready to look among, made once for each data set in this process."""
    experiment, root = model.experiment, data_root()
    dataset = DATASETS[experiment.dataset]
    if experiment.dataset == "images" and session.folder is not None:
        yield from index_training(prepare(session.folder.values, experiment.data), experiment.dataset)
        return
    if experiment.dataset == "images" or not dataset.available(root):
        raise ValueError(say("no_training", title=dataset.title))
    place = _place(experiment.dataset, experiment.data, root)
    if not place:
        yield 0.0
        for found in index_training(dataset.load(experiment.data, root), experiment.dataset):
            if isinstance(found, TrainingIndex):
                place.append(found)
            else:
                yield found
    yield place[0]


@functools.lru_cache(maxsize=4)
def _place(dataset: str, config: Any, root: pathlib.Path) -> list[TrainingIndex]:
    """Return where the one index of a data set is kept: empty until it was made."""
    return []
