"""Models to and from one safetensors file. Nothing is ever unpickled, and a file's contents are never trusted."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import re
import struct
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from playground.atomic import replacing
from playground.experiment import Experiment
from playground.model import Model, build_meta, to_arrays
from playground.training.snapshot import RECORD_FIELDS
from playground.training.state import COUNTERS, MOMENTS, OPTIONAL

BEST = "best."  # averaged weights of an earlier step that made better samples than the last
FORMAT, VERSION = "gan-playground", "1"
CHECKPOINT, RUN = "checkpoint", "run"
KINDS = {CHECKPOINT: "a checkpoint, one model", RUN: "a whole run with its moments"}  # of file, in words
MAX_FILE_BYTES = 512 * 2**20
MAX_HEADER_BYTES = 8 * 2**20  # 48 moments of the networks with the most arrays take 3
MAX_HISTORY = 500
NUMBER_FORMATS = ("F64", "F32", "F16", "I64", "U8")  # those that NumPy knows and we write
LARGEST = 1e300  # number in a history
Form = tuple[tuple[int, ...], str]  # shape and number format
SHIPPED = pathlib.Path(__file__).parents[1] / "checkpoints"
OPTIMISER_KEY = re.compile(
    r"optimiser_(generator|discriminator)\.\d{1,4}\.(" + "|".join(sorted(set().union(*MOMENTS.values()))) + ")"
)


def save(model: Model, path: str | os.PathLike) -> None:
    """Write `model` to `path`: averaged generator, discriminator, experiment, history, and what resuming needs if known.

    The file appears whole or not at all. Raises OSError when it cannot be written.
    """
    arrays = dict(model.resume) if model.resume else {}
    own = BEST if model.best_step is not None and model.resume else "average."
    arrays |= {own + name: value for name, value in to_arrays(model.generator.state_dict()).items()}
    arrays |= {f"discriminator.{name}": value for name, value in to_arrays(model.discriminator.state_dict()).items()}
    metadata = describe(model.experiment, model.history, model.step if model.resume else model.shown_step)
    write(path, arrays, metadata | ({"best_step": str(model.best_step)} if own == BEST else {}))


def save_state(
    experiment: Experiment,
    state: Mapping[str, np.ndarray],
    history: list[dict],
    path: str | os.PathLike,
    best: tuple[int, Mapping[str, np.ndarray]] | None = None,
) -> None:
    """Write a snapshot's `state` to `path` as `save` does, without building its networks.

    `best` are step and averaged weights of an earlier moment that the model shows in place of its last ones.
    """
    metadata = describe(experiment, history, int(state["step"]))
    if best is not None:
        state = {**state, **{BEST + name: value for name, value in best[1].items()}}
        metadata["best_step"] = str(best[0])
    write(path, state, metadata)


def describe(experiment: Experiment, history: list[dict], step: int, kind: str = CHECKPOINT) -> dict[str, str]:
    """Return what a file says of its contents; private settings are left out."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "kind": kind,
        "experiment": json.dumps(experiment.settings()),
        "history": json.dumps(thinned(history)),
        "step": str(step),
    }


def write(path: str | os.PathLike, arrays: Mapping[str, np.ndarray], metadata: dict[str, str]) -> None:
    """Write named arrays to one safetensors file, whole or not at all. Raises OSError when it cannot be written."""
    with replacing(path) as partial:
        try:
            save_file(
                {name: np.ascontiguousarray(value).reshape(value.shape) for name, value in arrays.items()}, partial, metadata
            )
        except SafetensorError as error:  # how the library reports a full disk
            raise OSError(f"could not write {pathlib.Path(path).name}: {error}") from None


def load(path: str | os.PathLike) -> Model:
    """Read a model from `path`, on the CPU. Raises ValueError with one sentence for a file that is not sound.

    What the file says is checked against the architecture built on the meta device before a tensor is read.
    """
    path = pathlib.Path(path)
    with opened(path) as file:
        metadata = file.metadata() or {}
        experiment, history, step = read_description(metadata, CHECKPOINT)
        best_step = _read_best_step(metadata, step)
        names = list(file.keys())
        check_tensors({name: form(file, name) for name in names}, expected(experiment, best=best_step is not None))
        arrays = {name: file.get_tensor(name) for name in names}
    check_finite(path.name, arrays)
    model = Model.from_state(experiment, arrays, history)
    model.step = step
    if best_step is not None:
        best = {name.removeprefix(BEST): value for name, value in arrays.items() if name.startswith(BEST)}
        model.show_best(best, best_step)
    return model


def kind_of(path: str | os.PathLike) -> str:
    """Return what a file holds, `checkpoint` or `run`, as it says of itself. Raises ValueError for a file that is not ours."""
    with opened(pathlib.Path(path)) as file:
        return (file.metadata() or {}).get("kind", CHECKPOINT)


@contextlib.contextmanager
def opened(path: pathlib.Path) -> Iterator[Any]:
    """Open a safetensors file of ours. Raises ValueError with one sentence for what is none, or is damaged."""
    _check_envelope(path)
    try:
        with safe_open(path, framework="np") as file:
            yield file
    except SafetensorError as error:
        raise ValueError(f"{path.name} is not a sound safetensors file: {error}") from None


def shipped() -> list[pathlib.Path]:
    """Return the checkpoints that come with the project, in the order of their names."""
    return sorted(SHIPPED.glob("*.safetensors"))


def thinned(history: list[dict]) -> list[dict]:
    """Return at most `MAX_HISTORY` records, evenly spread, the last one among them."""
    if len(history) <= MAX_HISTORY:
        return history
    return [history[round(index)] for index in np.linspace(0, len(history) - 1, MAX_HISTORY)]


def _check_envelope(path: pathlib.Path) -> None:
    """Refuse what cannot be a checkpoint from its first bytes, whatever its name ends in."""
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        raise ValueError(f"{path.name} has {size / 2**20:.0f} MiB, over the {MAX_FILE_BYTES // 2**20} MiB allowed")
    with path.open("rb") as file:
        start = file.read(9)
    header = struct.unpack("<Q", start[:8])[0] if len(start) == 9 else 0
    if start[8:] != b"{" or not 2 <= header <= min(MAX_HEADER_BYTES, size - 8):
        raise ValueError(f"{path.name} is not a safetensors file")


def read_description(metadata: dict[str, str], kind: str) -> tuple[Experiment, list[dict], int]:
    """Return experiment, history and step that a file of `kind` names. Raises ValueError for anything unsound."""
    if metadata.get("format") != FORMAT:
        raise ValueError("this safetensors file was not made by GAN Playground: it does not say what its weights are for")
    if metadata.get("version") != VERSION:
        version = metadata.get("version", "")[:20]
        raise ValueError(f"this checkpoint has version {version!r}; this program reads version {VERSION}")
    found = metadata.get("kind", CHECKPOINT)  # files of earlier versions do not say
    if found != kind:
        raise ValueError(f"this file is {KINDS.get(found, 'of an unknown kind')}; wanted here is {KINDS[kind]}")
    try:
        settings, history, step = (json.loads(metadata[key]) for key in ("experiment", "history", "step"))
    except (KeyError, ValueError, RecursionError):
        raise ValueError("the checkpoint's description is damaged") from None
    if not isinstance(settings, dict) or not isinstance(step, int) or not 0 <= step <= 2**40:
        raise ValueError("the checkpoint's description is damaged")
    return Experiment.from_settings(settings), _checked_history(history), step


def _read_best_step(metadata: dict[str, str], step: int) -> int | None:
    """Return the step of the weights that a model shows in place of its last ones, if it does."""
    text = metadata.get("best_step")
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 15 or int(text) > step:
        raise ValueError("the checkpoint's description is damaged")
    return int(text)


def _checked_history(history: Any) -> list[dict]:
    if not isinstance(history, list) or len(history) > MAX_HISTORY or not all(isinstance(record, dict) for record in history):
        raise ValueError("the checkpoint's training history is damaged")
    numbers = (int, float, type(None))
    records = []
    for record in history:
        known = {key: record.get(key) for key in RECORD_FIELDS}
        # by comparison: a whole number may have too many digits for math.isfinite
        if not all(isinstance(value, numbers) and (value is None or abs(value) <= LARGEST) for value in known.values()):
            raise ValueError("the checkpoint's training history is damaged")
        if known["step"] is not None:  # it is by their steps that records are ordered, and cut at a moment
            records.append(known)
    return records


def form(file: Any, name: str) -> Form:
    """Return shape and number format of a tensor in an open file, without reading it."""
    tensor = file.get_slice(name)
    return tuple(tensor.get_shape()), tensor.get_dtype()


def expected(
    experiment: Experiment, *, resumable: bool = False, best: bool = False
) -> tuple[dict[str, tuple], dict[str, tuple]]:
    """Return the shapes that must be there and those that may, by name.

    A `resumable` state must hold all that training needs, one with a `best` also the weights of that.
    """
    generator, discriminator = (network.state_dict() for network in build_meta(experiment))
    wanted = {f"average.{name}": tuple(value.shape) for name, value in generator.items()}
    wanted |= {f"discriminator.{name}": tuple(value.shape) for name, value in discriminator.items()}
    if best:
        wanted |= {f"{BEST}{name}": tuple(value.shape) for name, value in generator.items()}
    training = {f"generator.{name}": tuple(value.shape) for name, value in generator.items()} | dict.fromkeys(COUNTERS, ())
    optional = dict.fromkeys(OPTIONAL, ())
    return (wanted | training, optional) if resumable else (wanted, training | optional)


def check_tensors(found: Mapping[str, Form], shapes: tuple[dict[str, tuple], dict[str, tuple]]) -> None:
    """Raise ValueError unless the names and shapes in a file are those of the experiment's networks, as `expected`."""
    wanted, optional = shapes
    for name in wanted:
        if name not in found:
            raise ValueError(f"the checkpoint lacks {name}")
    known_shapes = wanted | optional
    for name, (shape, kind) in found.items():
        known = known_shapes.get(name)
        if known is None and name != "noise" and not OPTIMISER_KEY.fullmatch(name):
            raise ValueError(f"the checkpoint holds {name[:60]!r}, which belongs to no network of this experiment")
        if known is not None and shape != known:
            raise ValueError(f"{name} has shape {shape} in the checkpoint, but these networks need {known}")
        if kind not in NUMBER_FORMATS:
            raise ValueError(f"{name} has number format {kind} in the checkpoint; read are only {', '.join(NUMBER_FORMATS)}")


def check_finite(file: str, arrays: Mapping[str, np.ndarray]) -> None:
    """Raise ValueError, which names the file, where a number is NaN or infinite."""
    if not all(np.isfinite(value).all() for value in arrays.values()):
        raise ValueError(f"{file} holds weights that are NaN or infinite")
