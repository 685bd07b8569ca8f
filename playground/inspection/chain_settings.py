"""Between a chain of layers and the settings of a DCGAN-like generator, which has such a chain from 4×4 pixels on."""

from __future__ import annotations

from typing import Any

from torch import nn

from playground.architectures.dcgan import BASE_SIZE, Generator, num_doublings
from playground.experiment import Experiment
from playground.inspection.chains import FIELDS, Chain, Layer, sizes
from playground.layers import per_stage
from playground.layers.tracing import stages
from playground.model import build_meta

SETTINGS = {"kernel": "kernel_size", "stride": "stride", "padding": "padding", "output_padding": "output_padding"}


def from_experiment(experiment: Experiment) -> Chain:
    """Return the chain of the experiment's own generator, from its first map of 4×4 on, with the data's size as target.

    Raises ValueError with a sentence where the generator is made of other stages.
    """
    _check_family(experiment)
    generator, _ = build_meta(experiment)
    enlarging = [stage for name, stage in stages(generator).items() if name.startswith("up")]
    modules = [module for stage in enlarging for module in stage.modules() if isinstance(module, nn.ConvTranspose2d)]
    layers = tuple(
        Layer("transposed", m.out_channels, m.kernel_size, m.stride, m.padding, m.output_padding, m.dilation, m.groups)
        for m in modules
    )
    return Chain((modules[0].in_channels, BASE_SIZE, BASE_SIZE), layers, experiment.spec.shape[1:])


def to_settings(chain: Chain, experiment: Experiment) -> dict[str, Any]:
    """Return the settings that give the experiment's generator this chain's sizes, `{"generator.padding": [1, 2, 1]}`.

    Channels are not taken over: the width decides them. A first stage that makes the 4×4 map may be part of the chain.
    Raises ValueError with a sentence that says what of the chain these settings cannot express.
    """
    _check_family(experiment)
    if _projects(chain):
        chain = Chain((chain.layers[0].channels, BASE_SIZE, BASE_SIZE), chain.layers[1:], chain.target)
    _check_expressible(chain, experiment)
    values = {f"generator.{name}": [getattr(layer, field)[0] for layer in chain.layers] for field, name in SETTINGS.items()}
    changed = experiment.with_settings(values)  # refuses what is out of the settings' range
    if [_geometry(layer) for layer in from_experiment(changed).layers] != [_geometry(layer) for layer in chain.layers]:
        raise ValueError("this generator would read these settings in another way")
    return values


def _check_family(experiment: Experiment) -> None:
    config = experiment.generator
    if not isinstance(config, Generator.Config):
        raise ValueError(
            f"the generator of {experiment.architecture} is not a chain of transposed convolutions with such settings"
        )
    others = sorted(set(per_stage("upsampling", config.upsampling, num_doublings(experiment.spec))) - {"transposed"})
    if others:
        raise ValueError(f"the generator in use enlarges its maps by {', '.join(others)}, not by transposed convolutions")


def _projects(chain: Chain) -> bool:
    """Say whether the first stage is the one that makes 4×4 of a single pixel, which has no settings."""
    reached = sizes(chain)
    if len(reached) < 2 or len(chain.layers) < 2:
        return False
    return reached[0][1:] == (1, 1) and reached[1][1:] == (BASE_SIZE, BASE_SIZE)


def _check_expressible(chain: Chain, experiment: Experiment) -> None:
    count, wanted = num_doublings(experiment.spec), experiment.spec.shape[1:]
    if any(layer.kind != "transposed" for layer in chain.layers):
        raise ValueError("the settings know transposed convolutions only")
    if any(high != wide for layer in chain.layers for high, wide in (layer.axes,)):
        raise ValueError("the settings have one number for height and width")
    if any(layer.dilation != (1, 1) or layer.groups != 1 for layer in chain.layers):
        raise ValueError("dilation and groups are no settings of this generator")
    if chain.start[1:] != (BASE_SIZE, BASE_SIZE) or len(chain.layers) != count:
        raise ValueError(f"this generator has {count} stages, from {BASE_SIZE}×{BASE_SIZE} on")
    if sizes(chain)[-1][1:] != wanted or len(sizes(chain)) <= count:
        raise ValueError(f"the chain does not reach the data's size, {wanted[0]}×{wanted[1]}")


def _geometry(layer: Layer) -> tuple:
    return tuple(getattr(layer, field) for field in FIELDS)
