"""A chain of layers as PyTorch code that runs by itself."""

from __future__ import annotations

import keyword

from playground.config import shorten
from playground.inspection.chains import FIELDS, Chain, Layer, problem, sizes

USUAL = {"stride": 1, "padding": 0, "output_padding": 0, "dilation": 1, "groups": 1}  # PyTorch's defaults, left out
NAMES = {"transposed": "nn.ConvTranspose2d", "convolution": "nn.Conv2d"}
BETWEEN = {"transposed": "nn.ReLU()", "convolution": "nn.LeakyReLU(0.2)"}


def to_code(chain: Chain, name: str = "Chain") -> str:
    """Write `chain` as a module class called `name`: an nn.Sequential with every layer's size in a comment.

    Between the layers are the activations that DCGAN has, ReLU or leaky ReLU; none follows the last. Raises ValueError
    for a chain that breaks or a name that Python would not take.
    """
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
        raise ValueError(f"{shorten(name)} is no name for a class")
    reached = sizes(chain)
    if len(reached) <= len(chain.layers):
        raise ValueError(f"a chain that breaks cannot be written as code: {problem(chain).sentence}")
    texts = ["×".join(map(str, size)) for size in reached]
    lines = []
    for stage, (layer, channels) in enumerate(zip(chain.layers, chain.channels_in, strict=True)):
        last = stage + 1 == len(chain.layers)
        lines.append(f"            {_call(layer, channels)},  # {texts[stage]} → {texts[stage + 1]}")
        lines += [] if last else [f"            {BETWEEN[layer.kind]},"]
    return _TEMPLATE.format(name=name, start=texts[0], end=texts[-1], layers="\n".join(lines), shape=str(chain.start)[1:-1])


def _call(layer: Layer, channels: int) -> str:
    values = {field: getattr(layer, field) for field in (*FIELDS, "groups")}
    plain = {field: value[0] if isinstance(value, tuple) and value[0] == value[1] else value for field, value in values.items()}
    if layer.kind == "convolution":
        plain.pop("output_padding")
    options = [f"{field}={value}" for field, value in plain.items() if field == "kernel" or value != USUAL[field]]
    settings = ", ".join(options).replace("kernel=", "kernel_size=")
    return f"{NAMES[layer.kind]}({channels}, {layer.channels}, {settings})"


_TEMPLATE = '''import torch
from torch import nn


class {name}(nn.Module):
    """Turn maps of {start} into maps of {end} (channels × height × width)."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
{layers}
        )

    def forward(self, maps):
        return self.layers(maps)


if __name__ == "__main__":
    print({name}()(torch.randn(1, {shape})).shape)
'''
