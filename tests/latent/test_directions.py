"""Directions: what they are the eigenvectors of, how far a strength goes, what they act on, and their files."""

import io
import json

import numpy as np
import pytest
import torch
from small_models import IMAGE_MAKERS
from torch.testing import assert_close

from playground.checkpoint import load, shipped
from playground.experiment import Experiment
from playground.latent import (
    class_direction,
    factors,
    load_directions,
    marked_direction,
    move,
    principal_components,
    save_directions,
)
from playground.latent.components import components, finding_components
from playground.latent.contrasts import border
from playground.latent.directions import Direction, codes_for, model_key
from playground.latent.entering import entries_of, part_of, steered_stages
from playground.latent.factors import factor_matrix
from playground.latent.points import Point
from playground.latent.spaces import to_styles
from playground.layers import ConditionalBatchNorm2d
from playground.model import Model


def model_of(name: str, **settings) -> Model:
    wanted = {"architecture": name, "dataset": "digits", "data.resolution": 16}
    return Model.untrained(Experiment.from_settings(wanted | {f"generator.{key}": value for key, value in settings.items()}))


@pytest.fixture(scope="module")
def plain() -> Model:
    return model_of("dcgan", width=4)


@pytest.fixture(scope="module")
def styled() -> Model:
    return model_of("stylegan2", width=4)


@pytest.fixture(scope="module")
def pieced() -> Model:
    model = model_of("biggan", width=4)
    source = torch.Generator().manual_seed(0)
    for layer in model.generator.modules():
        if isinstance(layer, ConditionalBatchNorm2d):  # these start at zero
            layer.scale.data.normal_(generator=source)
            layer.shift.data.normal_(generator=source)
    return model


@pytest.fixture(scope="module")
def trained() -> Model:
    return load(next(file for file in shipped() if file.stem == "sn-dcgan-mnist"))


# the first layer's weight (rows, latent_dim) as it is used, read from the network by hand
WEIGHTS = {
    "mlp": lambda g: g.stages.hidden1[0].weight,
    "dcgan": lambda g: g.stages.project[1].weight.flatten(1).mT,
    "cgan": lambda g: g.stages.project[1].weight[:32].flatten(1).mT,
    "acgan": lambda g: g.stages.project[1].weight[:32].flatten(1).mT,
    "sngan": lambda g: g.stages.project[0].weight,
    "sagan": lambda g: g.stages.project[0].weight / torch.linalg.matrix_norm(g.stages.project[0].weight, 2),
    "r3gan": lambda g: g.stages.project[1].weight.flatten(1),
    "transgan": lambda g: g.stages.project[0].weight,
    "recurrent-rows": lambda g: g.stages.rows1[0].weight,
}


@pytest.mark.parametrize("name", WEIGHTS)
def test_factors_are_the_eigenvectors_of_the_first_layers_weights(name):
    model = model_of(name)
    matrix = WEIGHTS[name](model.generator).detach().double().numpy()
    values, vectors = np.linalg.eigh(matrix.T @ matrix)
    for n, found in enumerate(factors(model, 6), 1):
        assert abs(found.vector @ vectors[:, -n]) == pytest.approx(1, abs=2e-3)
        assert found.share == pytest.approx(values[-n] / values.sum(), rel=2e-2)
        assert np.linalg.norm(found.vector) == pytest.approx(1, abs=1e-5)


def test_factors_of_styles_come_from_the_chosen_sizes_and_act_there(styled):
    stages = styled.generator.stages
    layers = [stages["up1"][0], stages["up1"][4], stages["rgb2"][0]]
    matrix = torch.cat([layer.affine_weight * layer.affine_scale for layer in layers]).detach().double().numpy()
    _, vectors = np.linalg.eigh(matrix.T @ matrix)
    (found,) = factors(styled, 1, at=("up1",))
    assert abs(found.vector @ vectors[:, -1]) / np.linalg.norm(found.vector) == pytest.approx(1, abs=1e-4)
    assert found.stages == ("up1",) and found.space == "w"


def test_a_piece_of_z_is_factored_by_the_layers_that_take_it(pieced):
    first, second = entries_of(pieced)[:2]
    (found,) = factors(pieced, 1)
    assert np.linalg.norm(found.vector[first.part]) == pytest.approx(1, abs=1e-5)
    (found,) = factors(pieced, 1, at=(second.name,))
    assert np.linalg.norm(found.vector[second.part]) == pytest.approx(1, abs=1e-5)
    assert factor_matrix(pieced, (second.name,))[:, first.part].abs().max() == 0


@pytest.mark.parametrize("name", IMAGE_MAKERS)
def test_every_architecture_has_factors_and_components_that_change_its_pictures(name):
    model = model_of(name)
    found = factors(model, 3)
    stage = next(iter(steered_stages(model)))
    found += principal_components(model, stage, 3, samples=64)
    codes = codes_for(model, model.latents(2, 1))
    assert len(found) == 6
    for direction in found:
        moved = move(model, model.latents(2, 1), [(direction, 2.0)])
        assert len(moved) == 2 and not torch.equal(moved.reshape(2, -1)[:, : codes.shape[1]], codes)


def test_factors_keep_to_what_the_layer_can_tell_apart():
    model = model_of("mlp", width=8, latent_dim=32)
    assert len(factors(model, 20)) == 8


def test_components_are_those_of_the_singular_value_decomposition():
    source = torch.Generator().manual_seed(0)
    rows = torch.randn(200, 20, generator=source) * torch.linspace(3, 0.2, 20) @ torch.randn(20, 300, generator=source)
    rows = rows - rows.mean(0)
    scores, values = components(rows, 4, 0)
    left, exact, _ = torch.linalg.svd(rows, full_matrices=False)
    assert_close(values, exact[:4].square(), rtol=1e-4, atol=0)
    cosines = (scores / scores.norm(dim=0) * left[:, :4]).sum(0).abs()
    assert_close(cosines, torch.ones(4), atol=1e-3, rtol=0)


def test_components_of_a_linear_stage_come_back_to_z(plain):
    """The 4×4 map before its activation would be linear in z: there regression must find the singular vectors."""
    model = model_of("mlp", num_hidden=1)
    model.generator.stages.hidden1[1] = torch.nn.Identity()
    weight = model.generator.stages.hidden1[0].weight.detach()
    weight.mul_(torch.linspace(4, 0.5, weight.shape[1]))
    _, _, rows = torch.linalg.svd(weight, full_matrices=False)
    found = principal_components(model, "hidden1", 2, samples=4000)
    for direction, row in zip(found, rows, strict=False):
        assert abs(float(torch.from_numpy(direction.vector) @ row)) > 0.95


def test_components_of_the_mapping_are_those_of_w(styled):
    found = principal_components(styled, "mapping", 3)
    codes = codes_for(styled, styled.latents(2000, 0)).double()
    _, values, rows = torch.linalg.svd(codes - codes.mean(0), full_matrices=False)
    for n, direction in enumerate(found):
        vector = torch.from_numpy(direction.vector).double()
        assert abs(vector @ rows[n]) / vector.norm() > 0.99
        assert direction.share == pytest.approx((values[n] ** 2 / (values**2).sum()).item(), rel=1e-3)


def test_the_search_says_how_far_it_is_and_is_the_same_again(plain):
    seen = list(finding_components(plain, "up1", 2, samples=600))
    assert seen[:-1] == sorted(seen[:-1]) and len(seen) > 3
    again = principal_components(plain, "up1", 2, samples=600)
    np.testing.assert_array_equal(seen[-1][0].vector, again[0].vector)


def test_a_strength_of_one_is_one_standard_deviation_of_the_codes(styled, plain):
    for model in (styled, plain):
        direction = factors(model, 1)[0]
        length = np.linalg.norm(direction.vector)
        along = codes_for(model, model.latents(4000, 5)) @ torch.from_numpy(direction.vector) / length
        assert along.std().item() == pytest.approx(length, rel=0.05)


def test_a_move_adds_up_and_acts_on_the_chosen_stages_only(styled, pieced):
    direction = factors(styled, 1, at=("up1",))[0]
    styles = to_styles(styled, styled.latents(2, 0))
    moved = move(styled, styled.latents(2, 0), [(direction, 1.5), (direction, 0.5)])
    vector = torch.from_numpy(direction.vector)
    assert_close(moved[:, 1] - styles[:, 1], (2 * vector).expand(2, -1), rtol=1e-4, atol=1e-5)
    assert torch.equal(moved[:, 0], styles[:, 0])
    entry = entries_of(pieced)[1]
    whole = np.ones(32, np.float32)
    piece = Direction("all", "z", whole, "marked", model_key(pieced.experiment), (entry.name,))
    difference = move(pieced, torch.zeros(1, 32), [(piece, 1.0)])[0]
    assert torch.equal(difference, part_of(pieced, (entry.name,))) and 0 < difference.sum() < 32


def test_class_means_lead_from_one_class_to_the_other(trained):
    from playground.evaluation import features, predicted_classes
    from playground.samples import to_pixels

    direction = class_direction(trained, 1, 0, samples=1000)
    latents = trained.latents(200, 9)
    shares = []
    for strength in (-2.0, 0.0, 2.0):
        seen = predicted_classes(features(to_pixels(trained.generate(move(trained, latents, [(direction, strength)])))))
        shares.append([(seen == label).double().mean().item() for label in (0, 1)])
    assert shares[2][0] > 2 * shares[1][0] and shares[0][1] > 2 * shares[1][1]


def test_where_classes_cannot_be_found_a_sentence_says_why(trained):
    with pytest.raises(ValueError, match="told which class"):
        class_direction(model_of("cgan"), 1, 0)
    with pytest.raises(ValueError, match="no classifier for shapes"):
        class_direction(load(next(file for file in shipped() if file.stem == "sn-dcgan-shapes")), 1, 0)
    with pytest.raises(ValueError, match="a class must be"):
        class_direction(trained, 1, 10)
    with pytest.raises(ValueError, match="samples look like"):
        class_direction(trained, 1, 0, samples=4)


def marks(count: int, seed: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return a unit vector (24,), and as many codes that lie along it, give or take, as codes that lie against it."""
    source = torch.Generator().manual_seed(seed)
    hidden = torch.nn.functional.normalize(torch.randn(24, generator=source), dim=0)
    codes = torch.randn(40 * count, 24, generator=source)
    along = codes @ hidden + 0.3 * torch.randn(len(codes), generator=source)
    return hidden, codes[along > 0.5][:count], codes[along < -0.5][:count]


@pytest.mark.parametrize("count", [4, 8, 18])
def test_a_regression_finds_a_known_direction_better_than_the_means_from_eight_marks_on(count):
    gained = []
    for seed in range(20):
        hidden, liked, disliked = marks(count, seed)
        both = border(liked, disliked), liked.mean(0) - disliked.mean(0)
        gained.append(torch.stack([torch.cosine_similarity(found, hidden, dim=0) for found in both]))
    regressed, means = torch.stack(gained).mean(0).tolist()
    assert regressed > means > 0.4


def test_marks_on_one_side_only_are_held_against_the_middle(plain):
    points = [Point(plain.latents(1, seed)[0]) for seed in (1, 2)]
    found = marked_direction(plain, points, [])
    expected = torch.stack([point.code for point in points]).mean(0)
    assert_close(torch.from_numpy(found.vector), expected / expected.norm(), rtol=1e-4, atol=1e-5)
    assert_close(
        torch.from_numpy(marked_direction(plain, [], points).vector), -expected / expected.norm(), rtol=1e-4, atol=1e-5
    )
    with pytest.raises(ValueError, match="mark at least one"):
        marked_direction(plain, [], [])


def saved(directions: list[Direction]) -> dict:
    save_directions(buffer := io.BytesIO(), directions)
    return json.loads(buffer.getvalue())


def test_a_file_gives_back_what_was_saved(styled, tmp_path):
    found = factors(styled, 3, at=("constant", "up1"))
    save_directions(tmp_path / "d.json", found)
    for before, after in zip(found, load_directions(tmp_path / "d.json", styled), strict=True):
        np.testing.assert_array_equal(before.vector, after.vector)
        assert vars(before) | {"vector": 0} == vars(after) | {"vector": 0}


def test_a_direction_of_another_model_is_refused_by_name(plain):
    content = saved(factors(model_of("mlp"), 1))
    with pytest.raises(ValueError, match="is a direction of mlp on digits.*not of dcgan on digits"):
        load_directions(io.BytesIO(json.dumps(content).encode()), plain)
    with pytest.raises(ValueError, match="is a direction of dcgan"):
        move(plain, plain.latents(1, 0), [(factors(model_of("dcgan", width=8), 1)[0], 1.0)])


HOSTILE = [
    {"schema": 2}, {"schema": "1"}, {"directions": []}, {"directions": [{}] * 65}, {"directions": 7}, {"model": None},
    {"model": {"architecture": ["x"] * 99, "data": 3}}, {"name": ""}, {"name": "x" * 61}, {"name": 3}, {"space": "w"},
    {"method": "magic"}, {"stages": []}, {"stages": ["nowhere"]}, {"stages": "up1"}, {"share": "half"}, {"share": float("nan")},
    {"values": "!"}, {"values": ""}, {"values": 3}, {"values": "AADAfw=="}, {"values": "A" * 40_000}, {"values": "AAAAAA=="},
]  # fmt: skip


@pytest.mark.parametrize("change", HOSTILE, ids=lambda change: str(change)[:40])
def test_a_hostile_file_is_refused_in_one_sentence(plain, change):
    content = saved(factors(plain, 1))
    for key, value in change.items():
        (content if key in ("schema", "directions", "model") else content["directions"][0])[key] = value
    with pytest.raises(ValueError) as refused:
        load_directions(io.BytesIO(json.dumps(content).encode()), plain)
    assert "\n" not in str(refused.value) and len(str(refused.value)) < 700


@pytest.mark.parametrize("data", [b"", b"{", b"[" * 100_000, b"\xff\xfe", b"[]", b" " * (2**20 + 1)], ids=len)
def test_what_is_no_file_of_directions_is_refused(plain, data):
    with pytest.raises(ValueError, match="director?|directions"):
        load_directions(io.BytesIO(data), plain)


def test_what_cannot_be_is_refused(plain, styled):
    with pytest.raises(ValueError, match="unknown stage 'nowhere'; choose from: project"):
        principal_components(plain, "nowhere")
    with pytest.raises(ValueError, match="a code enters at: project"):
        factors(plain, at=("up1",))
    with pytest.raises(ValueError, match="a strength must be"):
        move(plain, plain.latents(1, 0), [(factors(plain, 1)[0], 21)])
    broken = model_of("mlp")
    broken.generator.stages.hidden1[0].weight.data.fill_(float("nan"))
    with pytest.raises(ValueError, match="not finite"):
        factors(broken)
    with pytest.raises(ValueError, match="not finite"):
        principal_components(broken, "hidden1", samples=10)
    broken.generator.stages.hidden1[0].weight.data.zero_()
    with pytest.raises(ValueError, match="the same of every z"):
        factors(broken)
