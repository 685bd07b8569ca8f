"""The command that works out the sizes of a chain of layers, and what would repair it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from playground._cli import FAILED, OK, AsJson, note, table
from playground.config import shorten

if TYPE_CHECKING:
    from playground.inspection import Chain, Layer

FIELDS = {
    "k": "kernel", "s": "stride", "p": "padding", "o": "output_padding", "d": "dilation", "g": "groups", "c": "channels",
}  # fmt: skip
HELP = (
    "Stages separated by commas: k4s2p1 with kernel, stride, padding, o output padding, d dilation, g groups, c channels out; "
    "k4x3 for height and width; conv: before a convolution."
)


def solve(
    start: Annotated[str, typer.Option(metavar="CxHxW", help="The map that the first stage gets.")],
    target: Annotated[str, typer.Option(metavar="HxW", help="The size to reach.")],
    layers: Annotated[str, typer.Option(metavar="STAGES", help=HELP)],
    code: Annotated[bool, typer.Option("--code", help="Write the chain as PyTorch code instead.")] = False,
    as_json: AsJson = False,
) -> None:
    """Work out the sizes of a chain of layers; where it fails, offer the nearest repairs, with exit status 1."""
    from playground.inspection import problem, to_code

    chain = read_chain(start, target, layers)
    fault = problem(chain)
    if as_json:
        typer.echo(json.dumps(_described(chain, code)))
    elif code:
        typer.echo(to_code(chain), nl=False)
    else:
        typer.echo("\n".join(_report(chain)))
    if fault:
        note(f"stage {fault.stage + 1}: {fault.sentence}")
    raise typer.Exit(FAILED if fault else OK)


def _described(chain: Chain, code: bool) -> dict[str, Any]:
    from playground.inspection import formulas, problem, repairs, sizes, to_code

    fault = problem(chain)
    offers = [
        {"start": offer.chain.start, "layers": _stages(offer.chain), "sentence": offer.sentence, "path": offer.path}
        for offer in repairs(chain)
    ]
    return {
        "sizes": sizes(chain),
        "formulas": formulas(chain),
        "problem": {"stage": fault.stage + 1, "sentence": fault.sentence} if fault else None,
        "repairs": offers,
        **({"code": to_code(chain)} if code else {}),
    }


def _report(chain: Chain) -> list[str]:
    from playground.inspection import formulas, repairs, sizes

    reached, written = sizes(chain), formulas(chain)
    rows = [("stage", "layer", "size", "formula"), ("start", "", _size(reached[0]), "")]
    for number, (layer, text) in enumerate(zip(_stages(chain).split(","), [*written, *[()] * len(chain.layers)], strict=False)):
        size = _size(reached[number + 1]) if number + 1 < len(reached) else "?"
        rows.append((str(number + 1), layer, size, "; ".join(text)))
    lines = table(rows)
    offers = repairs(chain)
    lines += ["", "repairs"] if offers else []
    for offer in offers:
        begin = "" if offer.chain.start == chain.start else f"--start {_size(offer.chain.start).replace('×', 'x')} "
        lines += [f"  {offer.sentence}", f"    {begin}--layers {_stages(offer.chain)}  {offer.path}"]
    return lines


def read_chain(start: str, target: str, layers: str) -> Chain:
    """Read a chain from what a person typed. Raises ValueError naming what cannot be read or is out of range."""
    from playground.inspection import Chain

    begin = _numbers(start, 3, "--start is channels, height and width, like 128x4x4")
    texts = layers.split(",")
    found, channels = [], begin[0]
    for number, text in enumerate(texts, 1):
        layer = _layer(text.strip(), channels, last=number == len(texts))
        found.append(layer)
        channels = layer.channels
    return Chain(begin, tuple(found), _numbers(target, 2, "--target is height and width, like 28x28"))


def _numbers(text: str, count: int, usage: str) -> tuple[int, ...]:
    words = re.split("[x×]", text.strip().lower())
    if len(words) != count or not all(re.fullmatch(r"\d{1,5}", word, re.ASCII) for word in words):
        raise ValueError(f"{usage}, not {shorten(text)}")
    return tuple(int(word) for word in words)


def _layer(text: str, channels: int, *, last: bool) -> Layer:
    """Read one stage; without `c` a transposed convolution halves the channels, the last gives one, a convolution doubles."""
    from playground.inspection import Layer

    kind, _, settings = text.rpartition(":")
    if kind not in ("", "conv") or not re.fullmatch(r"([kspodgc]\d{1,5}([x×]\d{1,5})?)+", settings, re.ASCII):
        raise ValueError(f"a stage is written like k4s2p1 or conv:k3s2p1, not {shorten(text)}")
    values: dict[str, Any] = {"stride": 1, "padding": 0}
    for letter, number in re.findall(r"([kspodgc])([\d×x]+)", settings):
        sides = tuple(int(word) for word in re.split("[x×]", number))
        values[FIELDS[letter]] = sides[0] if len(sides) == 1 else sides
    if "kernel" not in values:
        raise ValueError(f"a stage needs a kernel, k4 for one of 4×4; {shorten(text)} has none")
    usual = 2 * channels if kind else 1 if last else max(1, channels // 2)
    return Layer("convolution" if kind else "transposed", **({"channels": min(usual, 4096)} | values))


def _stages(chain: Chain) -> str:
    """Write the layers of a chain as the command reads them."""
    return ",".join(_written(layer) for layer in chain.layers)


def _written(layer: Layer) -> str:
    text = "" if layer.kind == "transposed" else "conv:"
    usual = {"output_padding": (0, 0), "dilation": (1, 1), "groups": 1}
    for letter, name in FIELDS.items():
        value = getattr(layer, name)
        if value != usual.get(name):
            pair = value if isinstance(value, tuple) else (value,)
            text += letter + "x".join(str(number) for number in dict.fromkeys(pair))
    return text


def _size(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))
