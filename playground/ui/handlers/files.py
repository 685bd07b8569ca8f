"""Opening and saving: pages, links, checkpoints, uploaded pictures, downloads of data sets."""

from __future__ import annotations

import pathlib
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

from playground.checkpoint import load, save, shipped
from playground.config import shorten
from playground.datasets import DATASETS, data_root
from playground.datasets._download import download_with_progress
from playground.datasets.images import Config as ImagesConfig
from playground.datasets.images import read_images
from playground.experiment import Experiment
from playground.model import Model
from playground.ui.handlers.screen import STORE, advice, opening, say, screen, status
from playground.ui.handlers.settings import check_fit, idle
from playground.ui.session import Session

POLL_SECONDS = 0.3
# what others add to an address: Gradio (two underscores), Hugging Face, and sites that count clicks
FOREIGN = ("__", "view", "logs", "utm_", "fbclid", "gclid", "ref")


def open_page(query: Mapping[str, str]) -> tuple[Session, dict[str, Any]]:
    """Start a session for a visitor: as the link's settings say, or with the model that comes with the page."""
    experiment, model, name = opening()
    settings = {key: value for key, value in query.items() if not key.startswith(FOREIGN)}
    session = STORE.open(experiment, model)
    session.shipped = (name, model.step) if model else None
    if "model" in settings:
        return session, _linked(session, settings["model"])
    if not settings:
        return session, screen(session, say("ready", name=name) if model else say("fresh"))
    try:
        session.experiment = Experiment.from_settings(settings)
        session.take(None, own=False)
        return session, screen(session, advice(session, say("fresh")))
    except ValueError as error:
        session.experiment = experiment
        session.take(model, own=False)
        session.shipped = (name, model.step) if model else None
        return session, screen(session, f"This link cannot be opened: {error}.", bad=True)


def _linked(session: Session, name: str) -> dict[str, Any]:
    """Open the model that a link names, or say that there is none such."""
    try:
        return open_shipped(session.id, name)
    except ValueError as error:
        return screen(session, f"This link cannot be opened: {error}.", bad=True)


def open_shipped(session_id: str, name: str) -> dict[str, Any]:
    """Open one of the models that come with the page."""
    files = {file.stem: file for file in shipped()}
    if not isinstance(name, str) or name not in files:
        raise ValueError(f"unknown model {shorten(name)}; choose from: {', '.join(files)}")
    return _opened(idle(session_id), load(files[name]), name, shipped=True)


def open_checkpoint(session_id: str, file: Any) -> dict[str, Any]:
    """Open a model that the visitor uploads."""
    if not file:
        return {}
    return _opened(idle(session_id), load(file), pathlib.Path(str(file)).name)


def _opened(session: Session, model: Model, name: str, shipped: bool = False) -> dict[str, Any]:
    experiment = model.experiment
    session.experiment = experiment
    session.take(model, own=True)
    session.shipped = (name, model.step) if shipped else None
    about = {"architecture": experiment.architecture, "dataset": DATASETS[experiment.dataset].title, "step": f"{model.step:,}"}
    return screen(session, say("loaded", name=name, **about))


def save_checkpoint(session_id: str) -> dict[str, Any]:
    """Write the session's model to a file of its own folder, for the browser to download."""
    session = STORE.get(session_id)
    if session.shown is None:
        raise ValueError(say("nothing_to_save"))
    model = session.shown
    session.saved = tempfile.TemporaryDirectory(prefix="gan-playground-")  # the one before goes
    path = pathlib.Path(session.saved.name) / file_name(model)
    with session.lock:
        save(model, path)
    return {"file": str(path), "status": status(say("saved"))}


def file_name(model: Model) -> str:
    """Return what a model's file is called."""
    return f"{model.experiment.architecture}-{model.experiment.dataset}-step{model.step}.safetensors"


def upload_images(session_id: str, files: list[str] | str | None) -> Iterator[dict[str, Any]]:
    """Read the visitor's own pictures and choose them as data set."""
    session = idle(session_id)
    paths = [pathlib.Path(file) for file in ([files] if isinstance(files, str) else files or [])]
    if not paths:
        return
    data = ImagesConfig(resolution=session.experiment.data.resolution)
    check_fit(session.experiment.architecture, "images", data)
    progress = [0.0]
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read_images, paths, progress=lambda fraction: progress.__setitem__(0, fraction))
        waiting = {reading}
        while waiting:
            yield {"status": status(say("reading"), fraction=progress[0])}
            waiting = wait(waiting, timeout=POLL_SECONDS).not_done
        folder = reading.result()
    session = idle(session_id)  # reading takes a while: a run may have started
    session.folder = folder
    session.experiment = Experiment(session.experiment.architecture, "images", data=data, seed=session.experiment.seed)
    session.take(None, own=False)
    sentences = [say("uploaded", used=f"{folder.used:,}", found=f"{folder.found:,}"), folder.note]
    shown = ", ".join(sentence.rstrip(".") for sentence in folder.skipped[:5])
    more = f" and {len(folder.skipped) - 5:,} more" if len(folder.skipped) > 5 else ""
    sentences.append(f"Skipped: {shown}{more}." if shown else "")
    yield screen(session, " ".join(filter(None, sentences)))


def download(session_id: str) -> Iterator[dict[str, Any]]:
    """Download the session's data set, because the visitor asked for it."""
    session = idle(session_id)
    dataset = DATASETS[session.experiment.dataset]
    message = say("downloading", title=dataset.title)
    for fraction in download_with_progress(dataset, data_root()):
        numbers = f"{fraction * dataset.download_bytes / 1e6:.0f} of {dataset.download_bytes / 1e6:.0f} MB"
        yield {"status": status(message, fraction=fraction, numbers=numbers)}
    yield screen(session, say("downloaded", title=dataset.title))
