"""The bounded store of what each visitor has: never in `gr.State`, which holds no more than an unguessable id."""

from __future__ import annotations

import contextlib
import secrets
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

from playground.datasets.images import ImageFolder
from playground.evaluation.diagnosis import Diagnosis
from playground.evaluation.layout import Projection
from playground.experiment import Experiment
from playground.model import Model
from playground.timeline import Run
from playground.ui.shelf import Shelf, num_bytes

MAX_SESSIONS = 100
MAX_BYTES = 4 * 2**30


@dataclass
class Walk:
    """The path that a visitor looks at, through latent space and between classes, and where on it they are (t in [0, 1])."""

    seeds: tuple[int, int] = (1, 2)
    classes: tuple[int, int] = (0, 0)
    method: str = "slerp"
    t: float = 0.0


@dataclass
class Session:
    """One visitor's experiment, model and run.

    `model` is None while the networks were changed and not trained yet; `run` is its training, with the moments to go
    back to, and `past` the model at one of them while the visitor looks at that. `diagnosis` is the newest of the run's.
    `shipped` is the name and the step of the model that comes with the page, where that is what `model` was at first.
    `own` says that the model was trained or
    opened by the visitor, so that Train goes on with it; a model that merely came with the page is left alone.
    `address` is where the visitor opened the page, `tab` what Gradio calls the browser tab that did.
    `remaining` is what is left of a paused run's budget, in seconds.
    `ending` says that a run was asked to stop for good rather than to pause, `cancelled` that it was called off
    before its turn came. `shelf` has the runs that the visitor keeps. `saved` is the folder of the last file made for
    download: it goes with the session. `tasks` has an event for
    each work that lasts, by its name, which stops it. `projection` places samples on the last
    map, if that was one of PCA. `lock` guards the model's networks.
    """

    id: str
    experiment: Experiment
    model: Model | None = None
    own: bool = False
    run: Run | None = None
    past: Model | None = None
    shipped: tuple[str, int] | None = None
    diagnosis: Diagnosis | None = None
    folder: ImageFolder | None = None
    address: str = ""
    tab: str = ""
    walk: Walk = field(default_factory=Walk)
    shelf: Shelf = field(default_factory=Shelf)
    remaining: float = 0.0
    running: bool = False
    ending: bool = False
    cancelled: bool = False
    saved: tempfile.TemporaryDirectory | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    tasks: dict[str, threading.Event] = field(default_factory=dict)
    projection: Projection | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.run = Run.from_model(self.model) if self.model else None

    def take(self, model: Model | None, *, own: bool) -> None:
        """Go over to another model, or to none: what belonged to the one before goes."""
        self.model, self.own, self.remaining = model, own, 0.0
        self.run = Run.from_model(model) if model else None
        self.past = self.diagnosis = None
        self.shipped = None

    def take_run(self, run: Run) -> None:
        """Go over to a run with all its moments, to look at and to train on. Raises ValueError where it has none."""
        self.experiment = run.experiment
        self.take(run.model(), own=True)
        self.run = run.copy()
        self.model.history = self.run.history

    @property
    def shown(self) -> Model | None:
        """The model that the page shows: of the moment that the visitor went back to, else the newest."""
        return self.past or self.model

    @property
    def unchanged(self) -> str:
        """The name of the model that comes with the page, while the session's is that and was not trained further."""
        if self.shipped is None or self.model is None or self.past is not None:
            return ""
        name, step = self.shipped
        return name if self.model.step == step else ""

    @property
    def num_bytes(self) -> int:
        """Memory that the session holds, about."""
        total = self.folder.values.nbytes if self.folder else 0
        if self.model:
            networks = (self.model.generator, self.model.discriminator)
            total += sum(value.nbytes for network in networks for value in network.state_dict().values())
            total += sum(value.nbytes for value in (self.model.resume or {}).values())
        own = self.run.timeline.moments if self.run else ()
        return total + num_bytes([*own, *self.shelf.moments])


class SessionGone(ValueError):
    """The session was put away, or never was."""


class Store:
    """Sessions by id; the one used longest ago goes first when there are too many, running ones never."""

    def __init__(self, max_sessions: int = MAX_SESSIONS, max_bytes: int = MAX_BYTES) -> None:
        self.max_sessions, self.max_bytes = max_sessions, max_bytes
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._pinned: Session | None = None
        self._guests = 0
        self._lock = threading.Lock()

    def open(self, experiment: Experiment, model: Model | None = None) -> Session:
        """Start a session under a new unguessable id."""
        session = Session(secrets.token_urlsafe(18), experiment, model)
        with self._lock:
            self._sessions[session.id] = session
            self._make_room(session.id)
        return session

    def pin(self, session: Session) -> Session:
        """Keep one session for ever: what the page shows before a visitor has their own."""
        self._pinned = session
        return session

    def is_pinned(self, session: Session) -> bool:
        """Say whether a session is everybody's, and so nobody's to train."""
        return session is self._pinned

    def get(self, session_id: object) -> Session:
        """Return a session and mark it as used. Raises SessionGone with a sentence when it is not there."""
        with self._lock:
            if self._pinned and session_id == self._pinned.id:
                return self._pinned
            session = self._sessions.get(session_id) if isinstance(session_id, str) else None
            if session is None:
                raise SessionGone("This page's session was put away to make room for others. Reload the page to go on.")
            self._sessions.move_to_end(session.id)
            return session

    def leave(self, tab: str) -> None:
        """End the runs of a closed tab, also one that waits for its turn; the sessions stay until their room is needed."""
        with self._lock:
            left = [session for session in self._sessions.values() if tab and session.tab == tab]
        for session in left:
            session.cancelled = True
            session.stop.set()
            for stopping in list(session.tasks.values()):
                stopping.set()

    @property
    def num_running(self) -> int:
        """How many runs there are, of sessions and of programs that call the API."""
        with self._lock:
            return self._guests + sum(session.running for session in self._sessions.values())

    @contextlib.contextmanager
    def guest_run(self) -> Iterator[None]:
        """Count a run that has no session."""
        with self._lock:
            self._guests += 1
        try:
            yield
        finally:
            with self._lock:
                self._guests -= 1

    def __len__(self) -> int:
        return len(self._sessions)

    def _make_room(self, newest: str) -> None:
        def over() -> bool:
            total = sum(session.num_bytes for session in self._sessions.values())
            return len(self._sessions) > self.max_sessions or total > self.max_bytes

        for session_id in list(self._sessions):
            if not over():
                return
            if session_id != newest and not self._sessions[session_id].running:
                del self._sessions[session_id]
