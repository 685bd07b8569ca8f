"""Follow a sample's shape through a network without computing anything (PyTorch's meta device)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from playground.layers.parts import Weighted
from playground.layers.sizes import Axis
from playground.layers.stage import Stage


@dataclass(frozen=True)
class Row:
    """One module of a network: what goes in, what comes out (without the batch dimension), what it costs.

    `macs` are multiply-accumulates for one sample, `activations` the numbers that training keeps of it;
    `kernel_size` … `output_padding` are None where they do not apply. Where a sample comes in several pieces that the module
    treats alike, the frames of a film, `times` says how many, and the shapes are those of one piece.
    """

    stage: str
    module: str
    type: str
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    kernel_size: tuple[int, ...] | None
    stride: tuple[int, ...] | None
    padding: tuple[int, ...] | str | None
    output_padding: tuple[int, ...] | None
    parameters: int
    macs: int
    activations: int
    times: int = 1


class ShapeError(ValueError):
    """A chain of layers whose sizes do not meet. `stage` names where; `rows` are those that still fit."""

    def __init__(self, stage: str, sentence: str, rows: list[Row]) -> None:
        super().__init__(sentence)
        self.stage, self.rows = stage, rows


def trace(network: nn.Module, *inputs: torch.Tensor) -> list[Row]:
    """Run `network` (on the meta device) on `inputs` and return a row a leaf module, in order of execution.

    Raises ShapeError at the first stage that cannot take what the one before gives.
    """
    rows: list[Row] = []
    names = leaves(network)

    def before(module: nn.Module, args: tuple) -> None:
        problem = size_problem(module, args[0].shape[1:])
        if problem:
            raise ShapeError(names[module][0], problem, rows)

    def after(module: nn.Module, args: tuple, output: torch.Tensor) -> None:
        times = max(1, output.shape[0] // inputs[0].shape[0]) if output.ndim else 1
        rows.append(row_of(*names[module], module, args[0].shape[1:], output.shape[1:], times))

    handles = [module.register_forward_pre_hook(before) for module in names]
    handles += [module.register_forward_hook(after) for module in names]
    try:
        with _ShapesOnly():
            network(*inputs)
    finally:
        for handle in handles:
            handle.remove()
    return rows


class _ShapesOnly(TorchFunctionMode):
    """Answer the commonest functions on the meta device with the right shape, without calling them.

    They would compute nothing there either, but the first of them makes PyTorch load its compiler, which takes one
    and a half seconds of every start of the program.
    """

    KEEP = frozenset(
        {functional.relu, functional.leaky_relu, functional.gelu, functional.batch_norm, functional.layer_norm, torch.tanh}
    )
    SPREAD = frozenset({torch.Tensor.add, torch.Tensor.mul})  # what `+` and `*` call

    def __torch_function__(self, function, types, args=(), kwargs=None):
        if function in self.KEEP:
            return args[0]
        if function is functional.linear:  # that the sizes match was asked of `size_problem`
            features, weight = args[:2]
            return features.new_empty(*features.shape[:-1], weight.shape[0])
        if function in self.SPREAD and not kwargs:
            return args[0].new_empty(torch.broadcast_shapes(*(torch.Size(getattr(part, "shape", ())) for part in args)))
        return function(*args, **(kwargs or {}))


def stages(network: nn.Module) -> dict[str, Stage]:
    """Return the stages of `network` by name, in order; a name is the last part of the module's path."""
    return {path.rsplit(".", 1)[-1]: module for path, module in network.named_modules() if isinstance(module, Stage)}


def leaves(network: nn.Module) -> dict[nn.Module, tuple[str, str]]:
    """Return the modules without children in every stage of `network`, each with its stage's name and its own in there."""
    return {
        module: (stage_name, name)
        for stage_name, stage in stages(network).items()
        for name, module in stage.named_modules()
        if not list(module.children())
    }


def size_problem(module: nn.Module, input_shape: tuple[int, ...]) -> str | None:
    """Say why `module` cannot take `input_shape` (without batch), or None if it can."""
    if isinstance(module, nn.Linear):
        fits = input_shape[-1] == module.in_features
        return None if fits else f"the layer takes {module.in_features} numbers but gets {input_shape[-1]}"
    if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)) and not isinstance(module.padding, str):
        found = (axis.problem(size) for axis, size in zip(axes(module), input_shape[1:], strict=True))
        return next((problem for problem in found if problem), None)
    return None


def axes(module: nn.Conv2d | nn.ConvTranspose2d) -> tuple[Axis, Axis]:
    """Return what a layer does along the height and along the width."""
    transposed = isinstance(module, nn.ConvTranspose2d)  # nn.Conv2d carries an output padding that it never uses
    extra = module.output_padding if transposed else (0, 0)
    settings = (module.kernel_size, module.stride, module.padding, extra, module.dilation)
    high, wide = (Axis(transposed, *values) for values in zip(*settings, strict=True))
    return high, wide


def row_of(
    stage: str, name: str, module: nn.Module, input_shape: tuple[int, ...], output_shape: tuple[int, ...], times: int = 1
) -> Row:
    """Describe what one leaf module does to a sample, or to each of its `times` pieces, of `input_shape`, and what it costs."""
    geometry = {}
    for key in ("kernel_size", "stride", "padding", "output_padding"):
        value = getattr(module, key, None)
        geometry[key] = value if value is None or isinstance(value, (tuple, str)) else (value,)
    if not isinstance(module, (nn.ConvTranspose1d, nn.ConvTranspose2d)):
        geometry["output_padding"] = None  # nn.Conv2d carries one that it never uses
    parameters = sum(p.numel() for p in module.parameters(recurse=False))
    macs = _macs(module, input_shape, output_shape)
    kept = module.kept(tuple(input_shape)) if isinstance(module, Weighted) else 0
    return Row(
        stage,
        name,
        type(module).__name__,
        tuple(input_shape),
        tuple(output_shape),
        **geometry,
        parameters=parameters,
        macs=times * macs,
        activations=times * (math.prod(output_shape) + kept),
        times=times,
    )


def _macs(module: nn.Module, input_shape: torch.Size, output_shape: torch.Size) -> int:
    if isinstance(module, nn.Linear):
        return math.prod(input_shape[:-1]) * module.weight.numel()
    if isinstance(module, (nn.Conv1d, nn.Conv2d)):
        return math.prod(output_shape[1:]) * module.weight.numel()
    if isinstance(module, (nn.ConvTranspose1d, nn.ConvTranspose2d)):  # each input value stamps the whole kernel once
        return math.prod(input_shape[1:]) * module.weight.numel()
    return module.macs(tuple(input_shape), tuple(output_shape)) if isinstance(module, Weighted) else 0
