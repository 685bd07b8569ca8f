"""Differentiable augmentation: what each change does, that gradients pass, and how its share adapts."""

import pytest
import torch
from torch.testing import assert_close

from playground.augmentation import AUGMENTATIONS, FUNCTIONS, TARGET_IMAGES, adapted, augment, colour, cutout, shift

IMAGES = torch.rand(40, 3, 16, 16, generator=torch.Generator().manual_seed(1)) * 2 - 1


def source(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("kinds", AUGMENTATIONS)
def test_every_change_keeps_shape_and_type_and_one_seed_gives_one_change(kinds):
    first, second = augment(IMAGES, kinds, source()), augment(IMAGES, kinds, source())
    assert first.shape == IMAGES.shape and first.dtype == IMAGES.dtype
    assert_close(first, second, rtol=0, atol=0)
    assert torch.equal(first, IMAGES) == (kinds == "none")


def test_a_shifted_image_is_the_image_moved_by_at_most_an_eighth_with_black_behind_it():
    moves = set()
    for image, moved in zip(IMAGES, shift(IMAGES, source()), strict=True):
        found = [
            (down, right) for down in range(-2, 3) for right in range(-2, 3) if torch.equal(rolled(image, down, right), moved)
        ]
        assert len(found) == 1
        moves.add(found[0])
    assert len(moves) > 10


def rolled(image: torch.Tensor, down: int, right: int) -> torch.Tensor:
    """Move an image (C, H, W) with plain slices, the slow way."""
    result = torch.full_like(image, -1.0)
    height, width = image.shape[1:]
    rows, columns = slice(max(0, down), height + min(0, down)), slice(max(0, right), width + min(0, right))
    from_rows, from_columns = slice(max(0, -down), height - max(0, down)), slice(max(0, -right), width - max(0, right))
    result[:, rows, columns] = image[:, from_rows, from_columns]
    return result


def test_a_cutout_is_one_grey_rectangle_of_at_most_half_the_side():
    hidden = (cutout(IMAGES, source()) != IMAGES).any(1)  # (N, H, W)
    for mask in hidden:
        rows, columns = mask.any(1), mask.any(0)
        assert torch.equal(mask, rows[:, None] & columns[None, :])
        assert 4 <= rows.sum() <= 8 and 4 <= columns.sum() <= 8
    assert (cutout(IMAGES, source())[hidden[:, None].expand_as(IMAGES)] == 0).all()


def test_colour_changes_brightness_saturation_and_contrast_as_the_formula_says():
    brightness, saturation, contrast = torch.rand(3, 40, 1, 1, 1, generator=source())
    bright = IMAGES + brightness - 0.5
    grey = bright.mean(1, keepdim=True)
    rich = grey * (1 - 2 * saturation) + bright * 2 * saturation
    mean = rich.mean((1, 2, 3), keepdim=True)
    assert_close(colour(IMAGES, source()), mean * (0.5 - contrast) + rich * (contrast + 0.5))


@pytest.mark.parametrize("kind", FUNCTIONS)
def test_gradients_pass_through(kind):
    images = IMAGES.clone().requires_grad_()
    augment(images, kind, source()).square().sum().backward()
    assert images.grad.abs().sum() > 0 and images.grad.isfinite().all()


def test_the_share_of_images_that_change_is_the_probability():
    images = IMAGES.repeat(20, 1, 1, 1)
    changed = (augment(images, "colour", source(), 0.3) != images).any(1).any(1).any(1).float().mean()
    assert 0.25 < changed < 0.35


def test_the_share_grows_while_real_scores_are_all_of_one_mind_and_shrinks_otherwise():
    sure, torn = torch.full((50,), 2.0), torch.tensor([2.0, -2.0]).repeat(25)
    start = torch.tensor(0.5)
    assert_close(adapted(start, sure, 0.0, 0.6), start + 50 / TARGET_IMAGES)
    assert_close(adapted(start, torn, 0.0, 0.6), start - 50 / TARGET_IMAGES)
    assert adapted(torch.tensor(1.0), sure, 0.0, 0.6) == 1 and adapted(torch.tensor(0.0), torn, 0.0, 0.6) == 0
