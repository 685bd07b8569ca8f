"""Points of latent space as JSON: what they mean, that they come back as they were, and what is refused."""

import math

import pytest
import torch
from small_models import model_of
from torch.testing import assert_close

from playground.latent.points import Point, codes_of, labels_of, read_point, read_points, write_point
from playground.latent.spaces import decode, mean_style, mix_styles, to_styles, truncate
from playground.model import Model


@pytest.fixture(scope="module")
def plain() -> Model:
    return model_of("dcgan")


@pytest.fixture(scope="module")
def styled() -> Model:
    return model_of("stylegan2")


@pytest.fixture(scope="module")
def conditional() -> Model:
    return model_of("cgan")


def test_a_seed_is_the_latent_that_the_model_draws_for_it(plain):
    assert_close(read_point({"seed": 7}, plain).code, plain.latents(1, 7)[0])


def test_numbers_come_back_bit_for_bit(plain):
    latent = plain.latents(1, 3)[0] * 1.1
    again = read_point(write_point(Point(latent)), plain)
    assert torch.equal(again.code, latent)


@pytest.mark.parametrize("label", [3, [0.25, 0.75, *[0.0] * 8]])
def test_a_class_and_a_mixture_of_classes_come_back(conditional, label):
    point = read_point({"seed": 1, "label": label}, conditional)
    again = write_point(point)
    assert again["label"] == label
    assert_close(read_point(again, conditional).label, point.label)


def test_without_a_class_it_is_the_first_and_a_model_without_classes_has_none(conditional, plain):
    assert read_point({"seed": 1}, conditional).label.argmax() == 0
    assert read_point({"seed": 1, "label": 3}, plain).label is None


def test_arithmetic_adds_and_brings_back_to_the_usual_length(plain):
    a, b, c = (plain.latents(1, seed)[0] for seed in (1, 2, 3))
    point = read_point({"sum": [[1, {"seed": 1}], [-1, {"seed": 2}], [1, {"seed": 3}]]}, plain)
    expected = a - b + c
    assert_close(point.code, expected / expected.norm() * math.sqrt(len(expected)))


def test_a_sum_of_nothing_left_is_zero_not_nan(plain):
    assert not read_point({"sum": [[1, {"seed": 1}], [-1, {"seed": 1}]]}, plain).code.any()


def test_points_of_styles_add_around_their_middle(styled):
    w = to_styles(styled, styled.latents(2, 5))
    specs = [write_point(Point(code)) for code in w]
    point = read_point({"sum": [[0.5, specs[0]], [0.5, specs[1]]]}, styled)
    assert_close(point.code, w.mean(0))
    assert point.space == "w"


def test_points_of_z_and_w_meet_in_w(styled):
    w = to_styles(styled, styled.latents(1, 5))[0]
    points = [read_point({"seed": 5}, styled), Point(w)]
    codes = codes_of(points, styled)
    assert_close(codes[0], codes[1])
    with pytest.raises(ValueError, match="no latent z"):
        codes_of(points, styled, "z")


def test_styles_give_the_picture_that_their_latent_gives(styled):
    latents = styled.latents(2, 0)
    assert_close(decode(styled, to_styles(styled, latents)), styled.generate(latents))


def test_truncation_goes_to_the_mean_style_and_to_the_zero_latent(styled, plain):
    w = to_styles(styled, styled.latents(3, 0))
    assert_close(truncate(styled, w, 0.0), mean_style(styled).expand_as(w))
    assert_close(truncate(plain, plain.latents(2, 0), 0.5), plain.latents(2, 0) / 2)
    assert truncate(plain, (z := plain.latents(2, 0)), 1.0) is z


def test_latents_of_a_generator_with_styles_are_truncated_as_styles(styled):
    latents = styled.latents(2, 0)
    assert_close(truncate(styled, latents, 0.3), truncate(styled, to_styles(styled, latents), 0.3))
    middle = decode(styled, latents, truncation=0.0)
    assert_close(middle[0], middle[1])


def test_mixed_styles_are_the_first_ones_up_to_a_size_and_the_second_from_there(styled):
    a, b = to_styles(styled, styled.latents(2, 0)).split(1)
    mixed = mix_styles(a, b, 1)
    assert torch.equal(mixed[:, 0], a[:, 0]) and torch.equal(mixed[:, 1:], b[:, 1:])


def test_labels_are_stacked(conditional):
    assert labels_of(read_points([{"seed": 1, "label": 2}, {"seed": 1}], conditional)).argmax(1).tolist() == [2, 0]


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ({}, "a point has one of"),
        ("7", "a point has one of"),
        ({"seed": 1, "values": ""}, "a point has one of"),
        ({"seed": -1}, "a seed"),
        ({"seed": True}, "a seed"),
        ({"values": "%%"}, "base64"),
        ({"values": "AAAA"}, "base64"),
        ({"values": "AAAAAA=="}, "1 numbers"),
        ({"values": 7}, "base64"),
        ({"sum": []}, "sum must be"),
        ({"sum": [[1]]}, "a term"),
        ({"sum": [[math.nan, {"seed": 1}]]}, "a weight"),
        ({"sum": [[1, {"sum": [[1, {"sum": [[1, {"sum": [[1, {"seed": 1}]]}]]}]]}]]}, "deep"),
        ({"sum": [[1, {"seed": 1}]] * 70}, "64 others"),
    ],
)
def test_what_is_no_point_is_refused_by_name(plain, spec, sentence):
    with pytest.raises(ValueError, match=sentence):
        read_point(spec, plain)


@pytest.mark.parametrize("label", [10, -1, "3", [1.0], [0.5] * 10, [math.nan] * 10])
def test_what_is_no_class_is_refused(conditional, label):
    with pytest.raises(ValueError, match="class|mixture"):
        read_point({"seed": 1, "label": label}, conditional)


@pytest.mark.parametrize("value", [-0.1, 1.1, math.nan, True, "1"])
def test_what_is_no_truncation_is_refused(plain, value):
    with pytest.raises(ValueError, match="truncation"):
        truncate(plain, plain.latents(1, 0), value)
