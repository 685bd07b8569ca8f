"""What every module of both networks gives for one latent, in order of execution, and what changing a channel does."""

from __future__ import annotations

import contextlib
import functools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from playground.config import shorten
from playground.layers import ToMap, ToTokens
from playground.layers.tracing import Row, leaves, row_of
from playground.model import Model

NETWORKS = ("generator", "discriminator")
FORMS = ("maps", "tokens", "rows", "units", "number")
BYTES = 4  # of a float32
DEAD_COUNT, DEAD_SEED = 64, 0  # latents that a channel must be silent for to count as dead

Watch = Callable[[str, nn.Module, tuple, torch.Tensor], "torch.Tensor | None"]


@dataclass(frozen=True, eq=False)
class ModuleMap:
    """What one module gives for one sample.

    `values` is float32 of the shape that it gives, without the batch. `form` says what that shape is: `maps` (C, H, W);
    a film (T, C, H, W) is one map for each colour of each frame, and of what treats its frames one by one the middle frame
    is shown; `tokens` of a transformer (T, F), places row by row, after a class token where there is one; `rows` of a recurrent
    network (T, F), time by units; plain `units` (F,); one `number` (). A channel is one map, one feature of all tokens
    or rows, or one unit.
    """

    network: str
    stage: str
    form: str
    row: Row
    values: np.ndarray

    @property
    def key(self) -> tuple[str, str, str]:
        """Where it is: network, stage, module."""
        return self.network, self.stage, self.row.module

    @property
    def num_bytes(self) -> int:
        """Memory that the values take in float32."""
        return self.values.size * BYTES

    @property
    def channels(self) -> np.ndarray:
        """Return the values by channel, (channels, values of each)."""
        return np.moveaxis(np.atleast_1d(self.values), channel_axis(self.form), 0).reshape(
            num_channels(self.form, self.values.shape), -1
        )

    @property
    def planes(self) -> np.ndarray:
        """Return the values as they are drawn, (planes, height, width), NaN where there is none: see `laid_out`."""
        return laid_out(self.form, self.values)

    @property
    def statistics(self) -> dict[str, float]:
        """Mean, standard deviation, smallest and largest of the finite values; the share of values that are `off`, 0 or
        below, and of channels that are `silent`, off everywhere for this sample. Empty where no value is finite."""
        known = self.values[np.isfinite(self.values)]
        if not known.size:
            return {}
        return {
            "mean": float(known.mean(dtype=np.float64)),
            "std": float(known.std(dtype=np.float64)),
            "min": float(known.min()),
            "max": float(known.max()),
            "off": float((known <= 0).mean()),
            "silent": float((self.channels <= 0).all(1).mean()),
        }


@dataclass(frozen=True)
class Edit:
    """Multiply one channel of what a module gives by `factor`: 0 takes it out, 2 doubles it, -1 turns it round."""

    network: str
    stage: str
    module: str
    channel: int
    factor: float


@dataclass(frozen=True, eq=False)
class Ablation:
    """Samples in [-1, 1] (C, H, W) and D's logits, `before` and `after` the edits."""

    before: np.ndarray
    after: np.ndarray
    score_before: float
    score_after: float


def channel_axis(form: str) -> int:
    """Return the axis of a sample's values that counts channels."""
    return -1 if form in ("tokens", "rows") else 0


def num_channels(form: str, shape: tuple[int, ...]) -> int:
    """Return how many channels values of `shape` have."""
    return shape[channel_axis(form)] if shape else 1


def form_of(network: nn.Module, shape: tuple[int, ...]) -> str:
    """Say what a sample's values of `shape` are in `network`; vectors in a row are time unless maps are laid out as tokens."""
    if len(shape) == 2:
        return "tokens" if any(isinstance(module, (ToMap, ToTokens)) for module in network.modules()) else "rows"
    return {0: "number", 3: "maps", 4: "maps"}.get(len(shape), "units")


def laid_out(form: str, values: np.ndarray) -> np.ndarray:
    """Lay values of a `form` out as planes (planes, height, width), NaN where there is nothing.

    A map is a plane. Tokens make a plane for each feature: the square of places, a class token in a line of its own above
    it. Rows make one plane, time running down, a unit a column. Units make one plane that is about square.
    """
    if form == "maps" or form == "rows":
        return values.reshape(-1, *values.shape[-2:])
    if form == "tokens":
        return _token_planes(values.T)
    flat = values.ravel()
    side = max(1, math.ceil(math.sqrt(flat.size)))
    square = np.full((1, math.ceil(flat.size / side), side), np.nan, np.float32)
    square.reshape(-1)[: flat.size] = flat
    return square


def _token_planes(features: np.ndarray) -> np.ndarray:
    count, num_tokens = features.shape
    side = math.isqrt(num_tokens)
    if num_tokens == side**2 + 1:  # a class token first
        features = np.concatenate([features[:, :1], np.full((count, side - 1), np.nan, np.float32), features[:, 1:]], 1)
    missing = -features.shape[1] % side
    return np.pad(features, ((0, 0), (0, missing)), constant_values=np.nan).reshape(count, -1, side)


@torch.no_grad()
def module_maps(
    model: Model, code: torch.Tensor, label: torch.Tensor | None = None, edits: Sequence[Edit] = ()
) -> list[ModuleMap]:
    """Return what every leaf module gives, first of G for `code`, then of D for the sample that G made of it.

    `code` is a latent (latent_dim,), or one style a size (num_layers, w_dim); `label` is a class () or a mixture of classes
    (num_classes,), of a conditional model only, class 0 by default. `edits` are in force on the way, and maps are shown as
    edited. Raises ValueError for a code of another size and an edit of what is not there.
    """
    return watched(model, code, label, edits)[0]


@torch.no_grad()
def watched(
    model: Model, code: torch.Tensor, label: torch.Tensor | None = None, edits: Sequence[Edit] = ()
) -> tuple[list[ModuleMap], np.ndarray, float]:
    """Return the maps as `module_maps`, and from the same pass the sample (C, H, W) in [-1, 1] and D's logit."""
    check_edits(model, edits)
    seen: dict[tuple[str, str, str], ModuleMap] = {}
    names = {name: leaves(getattr(model, name)) for name in NETWORKS}

    def keep(name: str, module: nn.Module, args: tuple, output: torch.Tensor) -> None:
        value, network = output[len(output) // 2].float().cpu().clone(), getattr(model, name)  # a later one may work in place
        row = row_of(*names[name][module], module, tuple(args[0].shape[1:]), tuple(value.shape), len(output))
        seen[name, row.stage, row.module] = ModuleMap(
            name, row.stage, form_of(network, row.output_shape), row, _frames(value).numpy()
        )

    with watching(model, editor(model, edits)), watching(model, keep):
        sample, logit = through(model, code, label)
    return list(seen.values()), sample[0].float().cpu().numpy(), logit.item()


def _frames(value: torch.Tensor) -> torch.Tensor:
    """Take a film (T, C, H, W) as maps (T·C, H, W); anything else stays as it is."""
    return value.flatten(0, 1) if value.ndim == 4 else value


@torch.no_grad()
def ablate(model: Model, code: torch.Tensor, edits: Sequence[Edit], label: torch.Tensor | None = None) -> Ablation:
    """Make the sample of `code` with some channels multiplied by factors, in either network, and judge it.

    Arguments and errors as for `module_maps`.
    """
    check_edits(model, edits)
    before, score = through(model, code, label)
    with watching(model, editor(model, edits)):
        after, score_after = through(model, code, label)
    samples = (sample[0].float().cpu().numpy() for sample in (before, after))
    return Ablation(*samples, score.item(), score_after.item())


@torch.no_grad()
def dead_channels(model: Model, count: int = DEAD_COUNT, seed: int = DEAD_SEED) -> dict[tuple[str, str, str], np.ndarray]:
    """Say of every module's channels, bool (channels,), which are never above 0 for any of `count` latents.

    Behind a ReLU such a channel is dead: it passes nothing on and learns nothing. Keys are network, stage and module.
    """
    dead: dict[tuple[str, str, str], np.ndarray] = {}
    names = {name: leaves(getattr(model, name)) for name in NETWORKS}

    def note(name: str, module: nn.Module, args: tuple, output: torch.Tensor) -> None:
        output = output.flatten(1, 2) if output.ndim == 5 else output  # films
        axis = channel_axis(form_of(getattr(model, name), tuple(output.shape[1:])))
        by_channel = output.movedim(axis if axis < 0 else axis + 1, 0) if output.ndim > 1 else output[None]
        dead[name, *names[name][module]] = (by_channel <= 0).flatten(1).all(1).cpu().numpy()

    latents, labels = model.latents(count, seed), model.labels(count)
    labels = labels if labels is None else labels.to(model.device)
    with watching(model, note):
        model.discriminator(model.generator(latents, labels), labels)
    return dead


def through(model: Model, code: torch.Tensor, label: torch.Tensor | None) -> tuple[torch.Tensor, torch.Tensor]:
    """Make the sample (1, C, H, W) of one code, and judge it: its logit ()."""
    labels = model.labels(1, None) if label is None else label.unsqueeze(0)
    labels = labels if labels is None else labels.to(model.device)
    sample = generated(model, code, labels)
    logits = model.discriminator(sample, labels)
    return sample, (logits[0] if isinstance(logits, tuple) else logits)[0]


def generated(model: Model, code: torch.Tensor, labels: torch.Tensor | None) -> torch.Tensor:
    """Make the sample (1, C, H, W) of one code. Raises ValueError for one of another size."""
    wanted = model.experiment.generator.latent_dim
    if code.ndim == 2 and hasattr(model.generator, "synthesis"):
        return model.generator.synthesis(code[None].to(model.device))
    if code.numel() != wanted:
        raise ValueError(f"the latent must have {wanted} numbers, not {code.numel()}")
    return model.generator(code.reshape(1, wanted).to(model.device), labels)


@contextlib.contextmanager
def watching(model: Model, watch: Watch) -> Iterator[None]:
    """Call `watch(network, module, inputs, output)` after every leaf module; what it returns, if anything, is passed on."""
    handles = []
    try:
        for name in NETWORKS:
            for module in leaves(getattr(model, name)):
                handles.append(module.register_forward_hook(functools.partial(_told, watch, name)))
        yield
    finally:
        for handle in handles:
            handle.remove()


def _told(watch: Watch, name: str, module: nn.Module, args: tuple, output: torch.Tensor) -> torch.Tensor | None:
    return watch(name, module, args, output)


def check_edits(model: Model, edits: Sequence[Edit]) -> None:
    """Raise ValueError for an edit in a network, stage or module that the model does not have."""
    for edit in edits:
        if edit.network not in NETWORKS:
            raise ValueError(f"unknown network {shorten(edit.network)}; choose from: {', '.join(NETWORKS)}")
        if (edit.stage, edit.module) not in leaves(getattr(model, edit.network)).values():
            raise ValueError(f"the {edit.network} has no module {shorten(edit.module)} in a stage {shorten(edit.stage)}")
        if not math.isfinite(edit.factor):
            raise ValueError(f"a factor must be a finite number, not {edit.factor}")


def editor(model: Model, edits: Sequence[Edit]) -> Watch:
    """Return a watch that makes the edits."""
    names = {name: leaves(getattr(model, name)) for name in NETWORKS}
    by_place: dict[tuple[str, str, str], list[Edit]] = {}
    for edit in edits:
        by_place.setdefault((edit.network, edit.stage, edit.module), []).append(edit)

    def change(name: str, module: nn.Module, args: tuple, output: torch.Tensor) -> torch.Tensor | None:
        wanted = by_place.get((name, *names[name][module]))
        if not wanted:
            return None
        form, changed = form_of(getattr(model, name), tuple(output.shape[1:])), output.clone()
        for edit in wanted:
            _channel_of(changed, form, edit.channel).mul_(edit.factor)
        return changed

    return change


def _channel_of(output: torch.Tensor, form: str, channel: int) -> torch.Tensor:
    output = output.flatten(1, 2) if output.ndim == 5 else output  # films, whose channels are their frames
    count = num_channels(form, tuple(output.shape[1:]))
    if not 0 <= channel < count:
        raise ValueError(f"there is no channel {channel}: the module has {count}, counted from 0")
    axis = channel_axis(form)
    return output if output.ndim == 1 else output.select(axis if axis < 0 else axis + 1, channel)
