"""Networks built from an experiment, and a trained generator ready to sample and to look into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import nn

from playground.architectures import ARCHITECTURES
from playground.config import shorten
from playground.experiment import Experiment
from playground.layers import Row, ShapeError, initialise, trace
from playground.samples import to_pixels

SHEET_COUNT, SHEET_SEED = 36, 0  # fixed latents: what changes from sheet to sheet is the training alone
SHEET_COLUMNS, SHEET_CLASSES = 6, 10  # of a conditional model: a row a class, a latent a column
MAX_PARAMETERS = 30_000_000
MAX_TRAINING_BYTES = 3 * 2**30
GENERATOR_STREAM, DISCRIMINATOR_STREAM = 1, 2  # separate random streams, so that a change in G leaves D's start alone


@dataclass
class Model:
    """Hold an experiment with its networks' weights, in eval mode on one device.

    The generator carries the averaged (EMA) weights. `history` is a list of plain dicts, one a snapshot of the
    training that made it; `step` counts generator updates. `resume` is what training needs to go on, if known.
    `best_step` is set when the generator carries weights of that earlier step, which made better samples than the last.
    """

    experiment: Experiment
    generator: nn.Module
    discriminator: nn.Module
    step: int = 0
    history: list[dict] = field(default_factory=list)
    resume: dict[str, np.ndarray] | None = None
    best_step: int | None = None

    @classmethod
    def untrained(cls, experiment: Experiment) -> Model:
        """Build the networks with the experiment's starting weights."""
        generator, discriminator = build(experiment)
        return cls(experiment, generator.eval(), discriminator.eval())

    @classmethod
    def from_state(cls, experiment: Experiment, state: Mapping[str, np.ndarray], history: list[dict] | None = None) -> Model:
        """Build the model that a snapshot's `state` describes. Raises ValueError when it is of other networks."""
        model = cls.untrained(experiment)
        model.update(state)
        model.history = list(history or [])
        return model

    def update(self, state: Mapping[str, np.ndarray]) -> None:
        """Take over the weights of a snapshot's `state`. Raises ValueError when it is of other networks."""
        try:
            load_arrays(self.generator, state, "average.")
            load_arrays(self.discriminator, state, "discriminator.")
        except RuntimeError as error:
            raise ValueError(f"these weights do not fit the experiment: {str(error).splitlines()[0]}") from None
        self.step, self.best_step = int(state.get("step", 0)), None
        self.resume = dict(state) if "noise" in state else None

    def show_best(self, average: Mapping[str, np.ndarray], step: int) -> None:
        """Sample from the averaged weights of an earlier step, under their plain names; training goes on from the last."""
        load_arrays(self.generator, average)
        self.best_step = step

    @property
    def shown_step(self) -> int:
        """The step whose weights make the samples."""
        return self.step if self.best_step is None else self.best_step

    @property
    def device(self) -> torch.device:
        return next(self.generator.parameters()).device

    def latents(self, count: int, seed: int) -> torch.Tensor:
        """Draw `count` latents (count, latent_dim) from N(0, 1); the same on every device."""
        return draw_latents(count, self.experiment.generator.latent_dim, seed).to(self.device)

    def labels(self, count: int, label: int | None = None) -> torch.Tensor | None:
        """Return `count` labels (count,), all `label` or the classes in turn; None for a model without classes.

        Raises ValueError naming a label that is no class of the data, or any label where there are no classes.
        """
        num_classes = self.experiment.num_classes
        if label is not None and (not isinstance(label, int) or not 0 <= label < num_classes):
            known = f"a class from 0 to {num_classes - 1}" if num_classes else "left out: this model knows no classes"
            raise ValueError(f"label must be {known}, not {shorten(label)}")
        if not num_classes:
            return None
        return torch.arange(count) % num_classes if label is None else torch.full((count,), label)

    @torch.no_grad()
    def generate(self, latents: torch.Tensor, labels: torch.Tensor | None = None) -> torch.Tensor:
        """Turn latents (N, latent_dim) into samples in [-1, 1], images (N, C, H, W).

        `labels` are int64 (N,), or mixtures of classes, float (N, num_classes); by default the classes in turn.
        """
        latents = latents.to(self.device)
        labels = self.labels(len(latents)) if labels is None else labels
        if labels is None:
            return torch.cat([self.generator(piece) for piece in latents.split(256)])
        pieces = zip(latents.split(256), labels.to(self.device).split(256), strict=True)
        return torch.cat([self.generator(piece, label) for piece, label in pieces])

    def sample(self, count: int, seed: int = 0, label: int | None = None) -> np.ndarray:
        """Make `count` images, uint8 (count, H, W, C), all of class `label` or the classes in turn.

        Raises ValueError for a count below 1 and a label that is none.
        """
        if count < 1:
            raise ValueError(f"count must be at least 1, not {count}")
        latents, labels = self.latents(count, seed), self.labels(count, label)
        pieces = range(0, count, 256)  # thousands of images as floats would take gigabytes
        return np.concatenate(
            [to_pixels(self.generate(latents[i : i + 256], None if labels is None else labels[i : i + 256])) for i in pieces]
        )


def draw_latents(count: int, latent_dim: int, seed: int) -> torch.Tensor:
    """Draw latents (count, latent_dim) from N(0, 1) on the CPU, so that a seed means the same picture anywhere."""
    return torch.randn(count, latent_dim, generator=torch.Generator().manual_seed(seed))


def sheet_inputs(experiment: Experiment, label: int | None = None) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Return the latents (N, latent_dim) and labels (N,) of the sample sheet.

    With classes the sheet is a table: a row a class, the same latents in every row; or only rows of class `label`.
    """
    num_classes = experiment.num_classes
    if not num_classes or label is not None:
        latents = draw_latents(SHEET_COUNT, experiment.generator.latent_dim, SHEET_SEED)
        return latents, None if label is None else torch.full((SHEET_COUNT,), label)
    rows = min(num_classes, SHEET_CLASSES)
    latents = draw_latents(SHEET_COLUMNS, experiment.generator.latent_dim, SHEET_SEED)
    return latents.repeat(rows, 1), torch.arange(rows).repeat_interleave(SHEET_COLUMNS)


def build(experiment: Experiment) -> tuple[nn.Module, nn.Module]:
    """Build generator and discriminator on the CPU, in train mode, weights drawn from the experiment's seed.

    Sizes are checked on the meta device before anything is allocated. Raises ValueError (a ShapeError names the
    stage) when the chain of sizes breaks or the networks are too large.
    """
    generator, discriminator = build_meta(experiment)
    rows = trace_generator(experiment, generator) + trace_discriminator(experiment, discriminator)
    check_size(rows, experiment.recipe.batch_size)
    for stream, network in ((GENERATOR_STREAM, generator), (DISCRIMINATOR_STREAM, discriminator)):
        owner = experiment.architecture if stream == GENERATOR_STREAM else experiment.opponent or experiment.architecture
        network.to_empty(device="cpu")
        source = torch.Generator().manual_seed(experiment.seed * 4 + stream)
        initialise(network, source, ARCHITECTURES[owner].initialisation)
    return generator, discriminator


def build_meta(experiment: Experiment) -> tuple[nn.Module, nn.Module]:
    """Build both networks on the meta device: shapes without memory."""
    own = ARCHITECTURES[experiment.architecture]
    opponent = ARCHITECTURES[experiment.opponent or experiment.architecture]
    with torch.device("meta"):
        return own.generator(experiment.generator, experiment.spec), opponent.discriminator(
            experiment.discriminator, experiment.spec
        )


def trace_generator(experiment: Experiment, generator: nn.Module) -> list[Row]:
    """Follow a latent through the meta generator. Raises ShapeError where sizes break or miss the data's."""

    rows = trace(generator, torch.empty(2, experiment.generator.latent_dim, device="meta"), *_meta_label(experiment))
    made, wanted = rows[-1].output_shape, experiment.spec.shape
    if made != wanted:
        shapes = ["×".join(map(str, shape)) for shape in (made, wanted)]
        raise ShapeError(rows[-1].stage, f"the generator makes {shapes[0]} but the data are {shapes[1]}", rows)
    return rows


def trace_discriminator(experiment: Experiment, discriminator: nn.Module) -> list[Row]:
    """Follow a sample through the meta discriminator. Raises ShapeError where sizes break."""
    return trace(discriminator, torch.empty(2, *experiment.spec.shape, device="meta"), *_meta_label(experiment))


def _meta_label(experiment: Experiment) -> list[torch.Tensor]:
    """Return what stands for a label: a mixture of classes, which needs no numbers to look anything up."""
    return [torch.empty(2, experiment.num_classes, device="meta")] if experiment.num_classes else []


def step_macs(experiment: Experiment) -> int:
    """Return about how many multiply-accumulates one training step takes: a backward pass counts as two forward ones."""
    generator, discriminator = build_meta(experiment)
    made = sum(row.macs for row in trace_generator(experiment, generator))
    judged = sum(row.macs for row in trace_discriminator(experiment, discriminator))
    rounds = experiment.recipe.discriminator_steps
    return experiment.recipe.batch_size * ((2 + rounds) * made + (2 + 6 * rounds) * judged)


def check_size(rows: list[Row], batch_size: int) -> None:
    """Raise ValueError when training would need more weights or memory than a visitor may take."""
    parameters = sum(row.parameters for row in rows)
    if parameters > MAX_PARAMETERS:
        raise ValueError(f"{parameters:,} parameters are more than the {MAX_PARAMETERS:,} allowed; lower the width")
    activations = sum(row.activations for row in rows)
    # weights: value, gradient, two of Adam, average; activations: kept for real, fake and G's pass, with gradients
    needed = 4 * (5 * parameters + 4 * batch_size * activations)
    if needed > MAX_TRAINING_BYTES:
        sizes = f"about {needed / 2**30:.1f} GiB, over the {MAX_TRAINING_BYTES / 2**30:.0f} GiB allowed"
        raise ValueError(f"training would take {sizes}; lower the width or the batch size")


def to_arrays(tensors: Mapping[str, torch.Tensor]) -> dict[str, np.ndarray]:
    """Copy named tensors to numpy; what is kept must not change when training goes on."""
    return {name: np.array(tensor.detach().cpu().numpy(), order="C") for name, tensor in tensors.items()}


def load_arrays(network: nn.Module, arrays: Mapping[str, np.ndarray], prefix: str = "") -> None:
    """Copy the arrays under `prefix` into a network. Raises RuntimeError when names or shapes differ."""
    own = {name.removeprefix(prefix): value for name, value in arrays.items() if name.startswith(prefix)}
    network.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in own.items()})
