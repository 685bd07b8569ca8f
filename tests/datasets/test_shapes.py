"""Shapes whose factors are known: the pictures show what the factors say."""

import pytest
import torch

from playground.datasets import shapes
from playground.datasets.shapes import CLASSES, Config, factors, render

ROUND_ABOUT = 2.5 / 64  # the pixels of a 64-pixel image, in units of its half width


def one(kind: str, **changes: float) -> dict[str, torch.Tensor]:
    values = {"hue": 0.0, "size": 0.5, "x": 0.0, "y": 0.0, "shade": 0.1} | changes
    return {"kind": torch.tensor([CLASSES.index(kind)])} | {name: torch.tensor([value]) for name, value in values.items()}


def cover(images: torch.Tensor, shade: torch.Tensor) -> torch.Tensor:
    """Return how far each pixel of (N, 3, H, W) is from its background: (N, H, W), about 1 inside of the shape."""
    ground = (255 * shade).round()[:, None, None, None]
    difference = (images.float() - ground).abs().sum(1)
    return difference / difference.amax((1, 2), keepdim=True)


def test_position_and_size_can_be_read_off_the_pictures():
    known = factors(Config(count=600))
    inside = cover(render(known, 64), known["shade"])
    axis = (torch.arange(64) + 0.5) / 32 - 1
    mass = inside.sum((1, 2))
    torch.testing.assert_close((inside.sum(1) * axis).sum(1) / mass, known["x"], rtol=0, atol=ROUND_ABOUT)
    torch.testing.assert_close((inside.sum(2) * axis).sum(1) / mass, known["y"], rtol=0, atol=ROUND_ABOUT)
    circles = known["kind"] == CLASSES.index("circle")
    radius = (mass[circles] / torch.pi).sqrt() / 32
    torch.testing.assert_close(radius, known["size"][circles], rtol=0.02, atol=0)


@pytest.mark.parametrize(
    ("kind", "area"),
    [("circle", torch.pi), ("ring", torch.pi * 0.75), ("square", 2.0), ("triangle", 1.299), ("star", 1.3225), ("cross", 1.8)],
)
def test_each_kind_has_the_area_of_its_formula(kind, area):
    """For radius 1: a triangle has 3√3/4, a star of five points 5·0.45·sin 36°, a cross 2·(1.8·0.6) - 0.36."""
    inside = cover(render(one(kind), 64), torch.tensor([0.1])).sum() / 32**2 / 0.5**2
    assert inside.item() == pytest.approx(area, rel=0.03)


@pytest.mark.parametrize("kind", CLASSES)
def test_every_shape_is_upright_and_symmetric(kind):
    image = render(one(kind), 64)
    torch.testing.assert_close(image, image.flip(3), rtol=0, atol=1)
    if kind in ("triangle", "star"):
        rows = cover(image, torch.tensor([0.1]))[0].sum(1).nonzero()
        assert 32 - rows[0] > rows[-1] - 31, "its point shows up"


def test_hue_and_shade_are_the_colours_of_shape_and_background():
    hues = torch.tensor([0, 1 / 3, 2 / 3])
    red_green_blue = {name: value.repeat(3) for name, value in one("circle", shade=0.2).items()} | {"hue": hues}
    images = render(red_green_blue, 32)
    centre, low = images[:, :, 16, 16], round(0.15 * 255)
    assert centre.tolist() == [[255, low, low], [low, 255, low], [low, low, 255]]
    assert images[:, :, 0, 0].unique().tolist() == [51]


def test_no_shape_touches_the_border():
    known = factors(Config(count=2000))
    frame = torch.ones(32, 32, dtype=torch.bool)
    frame[1:-1, 1:-1] = False
    assert cover(render(known, 32), known["shade"])[:, frame].max() < 0.05


def test_edges_are_smooth():
    assert len(render(one("circle", x=0.03, y=0.07), 32)[0, 0].unique()) > 8


def test_the_same_shapes_are_drawn_at_every_resolution_and_in_grey():
    large, small = (shapes.load(Config(resolution=resolution, count=200), None).values for resolution in (64, 32))
    averaged = torch.nn.functional.avg_pool2d(large.float(), 2)
    assert (averaged - small.float()).abs().mean() < 2
    grey = shapes.load(Config(count=200, colour=False), None)
    assert grey.spec.shape == (1, 32, 32) and grey.values.shape == (200, 1, 32, 32)


def test_the_seed_decides_and_the_global_one_does_not():
    torch.manual_seed(1)
    first = factors(Config(count=100, seed=5))
    torch.manual_seed(2)
    again, other = factors(Config(count=100, seed=5)), factors(Config(count=100, seed=6))
    for name, values in first.items():
        torch.testing.assert_close(values, again[name], rtol=0, atol=0)
        assert not torch.equal(values, other[name])


def test_the_factors_are_independent():
    known = factors(Config(count=20_000))
    table = torch.stack([values.float() for values in known.values()])
    assert (torch.corrcoef(table) - torch.eye(len(table))).abs().max() < 0.03


@pytest.mark.parametrize("bad", [{"count": 99}, {"count": 50_001}, {"seed": -1}, {"colour": 1}])
def test_settings_out_of_range_are_refused(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        Config(**bad)
