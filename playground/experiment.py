"""The one frozen description of a run, and its flat form for links, files and the command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from playground.architectures import ARCHITECTURES
from playground.config import check, differences, field, parse, shorten
from playground.datasets import DATASETS
from playground.engine import Engine
from playground.recipe import Recipe
from playground.samples import SampleSpec

MAX_SEED = 2**31 - 1
SECTIONS = ("data", "generator", "discriminator", "recipe", "engine")
# Settings that once had another name: links and files made then still open. This is the only place that knows.
MOVED = {"recipe.precision": "engine.precision"}


@dataclass(frozen=True)
class Experiment:
    """Describe a run completely: data, networks, recipe, engine, seed.

    A section left None takes the defaults of its architecture or data set. `opponent` names the architecture
    whose discriminator is used, when it is not the generator's own. Raises ValueError naming a bad value.
    """

    architecture: str = "sn-dcgan"
    dataset: str = "digits"
    opponent: str = field("", help="Take the discriminator of another architecture.")
    seed: int = field(0, help="Fixes the starting weights, the order of the data and the noise.", low=0, high=MAX_SEED)
    data: Any = None
    generator: Any = None
    discriminator: Any = None
    recipe: Recipe | None = None
    engine: Engine | None = None

    def __post_init__(self) -> None:
        check(self)
        for section, default in self._defaults().items():
            value = getattr(self, section)
            if value is None:
                object.__setattr__(self, section, default)
            elif type(value) is not type(default):
                raise ValueError(f"{section} must be a {type(default).__qualname__}, not {shorten(value)}")
        if self.spec.kind not in ARCHITECTURES[self.architecture].kinds:
            raise ValueError(f"{self.architecture} cannot make samples of kind {self.spec.kind!r}")
        if self.spec.kind not in ARCHITECTURES[self.opponent or self.architecture].kinds:
            raise ValueError(f"{self.opponent}'s discriminator cannot judge samples of kind {self.spec.kind!r}")
        if self._conditional and not self.spec.classes:
            able = ", ".join(name for name, entry in DATASETS.items() if entry.spec(entry.config()).classes)
            raise ValueError(f"{self._conditional} needs data with classes, and {self.dataset} has none; choose from: {able}")

    @property
    def spec(self) -> SampleSpec:
        """What one sample of the data is."""
        return DATASETS[self.dataset].spec(self.data)

    @property
    def _conditional(self) -> str:
        names = (self.architecture, self.opponent or self.architecture)
        return next((name for name in names if ARCHITECTURES[name].conditional), "")

    @property
    def num_classes(self) -> int:
        """How many classes the networks are told apart by; 0 where neither of them is conditional."""
        return len(self.spec.classes) if self._conditional else 0

    def settings(self) -> dict[str, Any]:
        """Return what differs from the defaults as a flat mapping, `{"generator.width": 32}`, of plain JSON values.

        Architecture and data set always appear; private settings (paths) never do.
        """
        flat: dict[str, Any] = {"architecture": self.architecture, "dataset": self.dataset}
        if self.opponent:
            flat["opponent"] = self.opponent
        if self.seed:
            flat["seed"] = self.seed
        for section, default in self._defaults().items():
            changed = differences(getattr(self, section), default)
            flat |= {f"{section}.{name}": value for name, value in changed.items()}
        return flat

    @classmethod
    def from_settings(cls, flat: Mapping[str, Any], *, trusted: bool = False) -> Experiment:
        """Build an experiment from a flat mapping. Raises ValueError naming an unknown key or a bad value.

        Private settings are refused unless `trusted` (what a person types on their own machine).
        """
        names = {key: value for key, value in flat.items() if "." not in key}
        unknown = set(names) - {"architecture", "dataset", "opponent", "seed"}
        if unknown:
            raise ValueError(f"unknown setting {shorten(min(unknown))}; choose from: architecture, dataset, opponent, seed")
        start = parse(cls, names)
        return start.with_settings({key: value for key, value in flat.items() if "." in key}, trusted=trusted)

    def with_settings(self, flat: Mapping[str, Any], *, trusted: bool = False) -> Experiment:
        """Return a copy with some settings changed, `{"recipe.loss": "hinge"}`. Raises ValueError as `from_settings`."""
        changes: dict[str, dict[str, Any]] = {}
        for key, value in flat.items():
            section, _, name = MOVED.get(key, key).partition(".")
            if section == "seed" and not name:
                return replace(self, seed=parse(Experiment, {"seed": value}).seed).with_settings(
                    {k: v for k, v in flat.items() if k != "seed"}, trusted=trusted
                )
            if section not in SECTIONS or not name:
                raise ValueError(f"unknown setting {shorten(key)}; it starts with one of: {', '.join(SECTIONS)}")
            changes.setdefault(section, {})[name] = value
        sections = {section: self._parse_section(section, values, trusted) for section, values in changes.items()}
        return replace(self, **sections)

    def _parse_section(self, section: str, values: dict[str, Any], trusted: bool) -> Any:
        current = getattr(self, section)
        try:
            for name in values:
                spec = type(current).__dataclass_fields__.get(name)
                if spec is not None and spec.metadata.get("private") and not trusted:
                    raise ValueError(f"{name} cannot be set from a link or a file")
            return parse(type(current), values, base=current)
        except ValueError as error:
            raise ValueError(f"{section}: {error}") from None

    def _defaults(self) -> dict[str, Any]:
        own = ARCHITECTURES[self.architecture]
        opponent = ARCHITECTURES[self.opponent] if self.opponent else own
        return {
            "data": DATASETS[self.dataset].config(),
            "generator": own.generator_config,
            "discriminator": opponent.discriminator_config,
            "recipe": own.recipe,
            "engine": own.engine,
        }
