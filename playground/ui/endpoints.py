"""The endpoints that programs call through `gradio_client`: they know no session, and check all they are given."""

from __future__ import annotations

import base64
import contextlib
import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

from playground.checkpoint import load, shipped
from playground.config import check_whole, shorten
from playground.datasets import DATASETS, data_root
from playground.experiment import MAX_SEED, Experiment
from playground.exporting.pictures import sprite
from playground.inspection import feature_maps as maps_of
from playground.inspection import shape_table
from playground.latent import interpolate as frames_of
from playground.model import Model
from playground.training import Snapshot
from playground.training import snapshot as outcomes
from playground.ui import compute
from playground.ui.handlers.runs import RUNS, check_seconds
from playground.ui.handlers.screen import STORE

MAX_COUNT = 256


def build() -> None:
    """Register the endpoints on the page that is being built."""
    for function in (generate, interpolate, shapes, feature_maps):
        gr.api(_clear(function), api_name=function.__name__, concurrency_id="light", concurrency_limit=16)
    gr.api(_clear(train), api_name="train", concurrency_id="training", concurrency_limit=RUNS)


def generate(checkpoint: str, count: int = 16, seed: int = 0, label: int | None = None) -> dict[str, Any]:
    """Make `count` samples with a shipped model: `{"png": base64 of all of them edge to edge, "count", "shape"}`.

    A model that knows classes makes those of class `label`, or the classes in turn.
    """
    model = shipped_model(checkpoint)
    wanted = whole("count", count, 1, MAX_COUNT), whole("seed", seed, 0, MAX_SEED), class_of(model, label)
    return _pictures(model.sample(*wanted))


def interpolate(
    checkpoint: str, seeds: list, frames: int = 48, method: str = "slerp", classes: list | None = None
) -> dict[str, Any]:
    """Make the frames of a walk through the latents of `seeds`, in the form that `/generate` gives.

    A model that knows classes also goes through `classes`: one for each seed, or one for all.
    """
    if not isinstance(seeds, list) or not 2 <= len(seeds) <= 16:
        raise ValueError(f"seeds must be a list of 2 to 16 whole numbers, not {shorten(seeds)}")
    checked = [whole("seed", seed, 0, MAX_SEED) for seed in seeds]
    if not isinstance(method, str):
        raise ValueError(f"method must be a name, not {shorten(method)}")
    if classes is not None and not isinstance(classes, list):
        raise ValueError(f"classes must be a list of whole numbers, not {shorten(classes)}")
    count, model = whole("frames", frames, len(checked), MAX_COUNT), shipped_model(checkpoint)
    through = [class_of(model, label) for label in classes or []]
    return _pictures(frames_of(model, checked, frames=count, method=method, classes=through))


def shapes(settings: dict) -> dict[str, Any]:
    """Return the shape table of an experiment, given as flat settings: `{"architecture": "dcgan", "generator.width": 32}`."""
    return shape_table(experiment_of(settings)).to_json()


def feature_maps(checkpoint: str, seed: int = 0, label: int | None = None) -> list[dict[str, Any]]:
    """Return every stage's feature maps for one latent: network, stage, shape, channel order, statistics, and the maps.

    `maps` has the form that `/generate` gives, with the shape of one map. A model that knows classes makes one of class
    `label`, by default the first.
    """
    model = shipped_model(checkpoint)
    labels = model.labels(1, class_of(model, label))
    latent = model.latents(1, whole("seed", seed, 0, MAX_SEED))[0]
    stages = maps_of(model, latent, None if labels is None else labels[0])
    return [
        {
            "network": maps.network,
            "stage": maps.stage,
            "shape": list(maps.shape),
            "channels": list(maps.channels),
            "statistics": maps.statistics,
            "maps": _pictures(maps.pictures()),
        }
        for maps in stages
    ]


def train(settings: dict, seconds: float = 20) -> Iterator[dict[str, Any]]:
    """Train an experiment and stream its snapshots' numbers, the last one with a PNG of the samples."""
    experiment, budget = experiment_of(settings), check_seconds(seconds)
    dataset = DATASETS[experiment.dataset]
    if experiment.dataset == "images" or not dataset.available(data_root()):
        raise ValueError(f"the data set {experiment.dataset!r} is not on this machine; digits and shapes always are")
    samples = dataset.load(experiment.data, data_root())
    run = compute.snapshots(experiment, samples, resume=None, seconds=budget, steps=None, stop=lambda: False)
    with STORE.guest_run(), contextlib.closing(run):
        yield from map(_record, run)


def _record(snapshot: Snapshot) -> dict[str, Any]:
    found = snapshot.diagnosis
    record = snapshot.record() | {"status": snapshot.status, "message": snapshot.message}
    record |= {"diagnosis": found.state, "sentence": found.sentence, "advice": found.advice}
    return record if snapshot.status == outcomes.RUNNING else record | _pictures(snapshot.sheet)


def experiment_of(settings: Any) -> Experiment:
    """Read flat settings from a stranger. Raises ValueError naming what is wrong."""
    if not isinstance(settings, dict) or len(settings) > 64:
        raise ValueError(f"settings must be an object of at most 64 names and values, not {shorten(settings)}")
    return Experiment.from_settings(settings)


@functools.lru_cache(maxsize=8)
def _loaded(name: str) -> Model:
    return load({file.stem: file for file in shipped()}[name])


def shipped_model(name: Any) -> Model:
    """Return a shipped model by name. Raises ValueError naming the choices."""
    names = [file.stem for file in shipped()]
    if name not in names:
        raise ValueError(f"unknown checkpoint {shorten(name)}; choose from: {', '.join(names)}")
    return _loaded(name)


def whole(name: str, value: Any, low: int, high: int) -> int:
    """Return a whole number in range. Raises ValueError naming a value that is not."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # JSON has one kind of number
    check_whole(name, value, low, high)
    return value


def class_of(model: Model, label: Any) -> int | None:
    """Return a class that the model knows, or None. Raises ValueError naming one that it does not know."""
    if label is None:
        return None
    if not model.experiment.num_classes:
        raise ValueError("label must be left out: this model knows no classes")
    return whole("label", label, 0, model.experiment.num_classes - 1)


def _pictures(images: Any) -> dict[str, Any]:
    return {"png": base64.b64encode(sprite(images)).decode(), "count": len(images), "shape": list(images.shape[1:])}


def _clear(function: Callable) -> Callable:
    """Turn what a caller did wrong into one clear sentence; the signature stays, for it makes the documentation."""
    if inspect.isgeneratorfunction(function):

        @functools.wraps(function)
        def guarded(*args: Any, **kwargs: Any) -> Iterator[Any]:
            try:
                yield from function(*args, **kwargs)
            except (ValueError, OSError) as error:
                raise gr.Error(str(error), print_exception=False) from None

    else:

        @functools.wraps(function)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            try:
                return function(*args, **kwargs)
            except (ValueError, OSError) as error:
                raise gr.Error(str(error), print_exception=False) from None

    return guarded
