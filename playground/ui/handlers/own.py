"""A visitor's own data, pictures or a table: they stay in the session, and no default can know them."""

from __future__ import annotations

from typing import Any

from playground.datasets import images, table
from playground.experiment import Experiment
from playground.samples import Samples
from playground.ui.session import Session
from playground.ui.words import words

OWN = ("images", "table")


def is_own(dataset: str) -> bool:
    """Say whether a data set is whatever the visitor brings."""
    return dataset in OWN


def say(sentence: str, /, **gaps: Any) -> str:
    """Return a sentence of the status line."""
    return words("status")[sentence].format(**gaps)


def lacking(session: Session, dataset: str) -> str:
    """Return the sentence that asks for the visitor's own data; empty where they are here, or are not needed."""
    if dataset == "images" and session.folder is None:
        return say("no_images")
    return say("no_table") if dataset == "table" and session.table is None else ""


def own_samples(session: Session, experiment: Experiment, count: int | None = None) -> Samples:
    """Make samples of what the visitor brought, the first `count` of the pictures. Raises ValueError where it will not do."""
    sentence = lacking(session, experiment.dataset)
    if sentence:
        raise ValueError(sentence)
    if experiment.dataset == "images":
        return images.prepare(session.folder.values[:count], experiment.data)
    return table.prepare(session.table, experiment.data)
