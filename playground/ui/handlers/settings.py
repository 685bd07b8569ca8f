"""Choosing a data set or an architecture, changing a setting, starting over."""

from __future__ import annotations

from typing import Any

from playground.config import shorten
from playground.datasets import DATASETS
from playground.experiment import Experiment
from playground.inspection import shape_table
from playground.model import Model
from playground.presets import PRESETS
from playground.timeline import fork
from playground.ui.handlers.screen import STORE, advice, link, say, screen, status
from playground.ui.session import Session
from playground.ui.views.form import RESTARTS, form
from playground.ui.views.gallery import misfit

MAX_CHANGES = 4


def choose(session_id: str, dataset: str, architecture: str) -> dict[str, Any]:
    """Take another data set or architecture; what was set by hand stays where it still makes sense."""
    session = idle(session_id)
    old = session.experiment
    if (dataset, architecture) == (old.dataset, old.architecture):
        return {}
    data = old.data if dataset == old.dataset else _same_resolution(old, dataset)
    check_fit(architecture, dataset, data)
    fresh = Experiment(architecture=architecture, dataset=dataset, data=data, seed=old.seed)
    if architecture == old.architecture:
        try:
            kept = Experiment(
                architecture, dataset, old.opponent, old.seed, data, old.generator, old.discriminator, old.recipe, old.engine
            )
            shape_table(kept)
            fresh = kept
        except ValueError:
            pass  # per-stage settings of another resolution: the defaults serve
    shape_table(fresh)  # refuses what is too large before anything changes
    session.experiment = fresh
    session.take(None, own=False)
    return screen(session, advice(session, say("fresh")))


def choose_data(session_id: str, dataset: str) -> dict[str, Any]:
    """Take another data set for the architecture that is chosen."""
    return choose(session_id, dataset, STORE.get(session_id).experiment.architecture)


def choose_architecture(session_id: str, architecture: str) -> dict[str, Any]:
    """Take another architecture for the data set that is chosen."""
    return choose(session_id, STORE.get(session_id).experiment.dataset, architecture)


def check_fit(architecture: str, dataset: str, data: Any) -> None:
    """Raise ValueError with a sentence where an architecture cannot be used with a data set."""
    problem = misfit(architecture, dataset, data)
    if problem:
        raise ValueError(problem)


def break_it(session_id: str, name: str) -> dict[str, Any]:
    """Set up an experiment that fails in a way worth seeing, with the data as they are; `defaults` goes back."""
    session = idle(session_id)
    old = session.experiment
    if name == "defaults":
        session.experiment = Experiment(old.architecture, old.dataset, seed=old.seed, data=old.data)
        message = say("back_to_defaults")
    else:
        session.experiment = PRESETS[name].experiment(old)
        message = say("preset", summary=PRESETS[name].summary)
    session.take(None, own=False)
    return screen(session, advice(session, message))


def _same_resolution(old: Experiment, dataset: str) -> Any:
    config = DATASETS[dataset].config
    return config(resolution=old.data.resolution)


def edit(session_id: str, key: str, value: Any) -> dict[str, Any]:
    """Change one setting. Settings of recipe and engine take effect in the run that goes on; others make new networks."""
    session = STORE.get(session_id)
    section = str(key).partition(".")[0]
    if session.running:
        return {"form": form(session.experiment, say("busy"))}
    try:
        changed = changed_experiment(session.experiment, str(key), value)
        shape_table(changed)  # refuses what cannot be built or is too large; a chain that breaks is shown in red
    except ValueError as error:
        return {"form": form(session.experiment, f"{error}.")}
    session.experiment = changed
    if session.own and session.model and section not in (*RESTARTS, "seed", "opponent"):
        state = "paused" if session.remaining else "idle"
        return {"form": form(changed), "link": link(session), "status": status(say("edited_recipe"), state=state)}
    if section in ("recipe", "engine"):  # the page's own model stays on view; the next run uses what is new
        return {"form": form(changed), "link": link(session), "status": status(say("edited_next"))}
    return other_networks(session, changed)


def other_networks(session: Session, experiment: Experiment) -> dict[str, Any]:
    """Take an experiment with other networks, which are not trained yet. Raises ValueError for what is too large."""
    shape_table(experiment)
    session.experiment = experiment
    session.take(None, own=False)
    return screen(session, advice(session, say("edited")))


def apply(session_id: str, change: Any) -> dict[str, Any]:
    """Make the change that a diagnosis advises and keep all weights that still fit: the run forks at its newest moment."""
    session = idle(session_id)
    if not isinstance(change, dict) or not 1 <= len(change) <= MAX_CHANGES:
        raise ValueError(f"a change is one to {MAX_CHANGES} settings, not {shorten(change)}")
    if session.run is None or not len(session.run.timeline):
        session.experiment = session.experiment.with_settings(change)
        session.take(None, own=False)
        return screen(session, advice(session, say("fresh")))
    found = fork(session.run, None, change)
    shape_table(found.experiment)  # refuses what is too large before anything changes
    session.experiment = found.experiment
    session.take(Model.from_state(found.experiment, found.state, found.history), own=True)
    session.run = found.start()
    return screen(session, advice(session, say("applied", note=found.note)))


def changed_experiment(experiment: Experiment, key: str, value: Any) -> Experiment:
    """Return the experiment with one setting changed. Raises ValueError naming what is wrong."""
    if key == "opponent":
        settings = {name: v for name, v in experiment.settings().items() if not name.startswith("discriminator.")}
        return Experiment.from_settings(settings | {"opponent": "" if value == experiment.architecture else value})
    return experiment.with_settings({key: value})


def reset(session_id: str) -> dict[str, Any]:
    """Go back to the weights that the seed gives, and show what they make: noise."""
    session = idle(session_id)
    session.take(Model.untrained(session.experiment), own=True)
    return screen(session, say("reset", seed=session.experiment.seed))


def idle(session_id: str) -> Session:
    """Return a session that is not training. Raises ValueError with a sentence otherwise."""
    session = STORE.get(session_id)
    if session.running:
        raise ValueError(say("busy"))
    return session
