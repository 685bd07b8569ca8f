"""Seeds in order: what the values are, that they belong to the seed alone, and what is refused."""

import numpy as np
import pytest
import torch
from small_models import model_of
from torch.testing import assert_close

from playground.architectures import ARCHITECTURES
from playground.checkpoint import load, shipped
from playground.evaluation.embedding import embed
from playground.inspection.wants import logits
from playground.latent import rank
from playground.latent.points import read_point
from playground.latent.ranking import ORDERS, seed_labels, seed_samples
from playground.model import Model


@pytest.fixture(scope="module")
def digits() -> Model:
    return load(next(path for path in shipped() if path.stem == "dcgan-digits"))


@pytest.fixture(scope="module")
def conditional() -> Model:
    return model_of("cgan")


def test_the_score_is_what_d_says_of_the_seeds_sample(digits):
    ranking = rank(digits, [5, 9, 70], by="score")
    samples = torch.cat([digits.generate(digits.latents(1, seed)) for seed in (5, 9, 70)])
    np.testing.assert_allclose(ranking.values, logits(digits, samples), rtol=1e-4, atol=1e-4)
    assert ranking.measure == "D's logit"


def test_the_highest_value_comes_first(digits):
    ranking = rank(digits, range(100), by="score")
    values = [value for _, value in ranking.ranked()]
    assert values == sorted(ranking.values, reverse=True)
    assert ranking.ranked()[0][0] == ranking.seeds[int(np.argmax(ranking.values))]
    assert rank(digits, [8, 3, 5], by="seed").ranked() == [(3, 3.0), (5, 5.0), (8, 8.0)]


@pytest.mark.parametrize("name", ["dcgan", "stylegan2", "progan"])
@pytest.mark.parametrize("by", ["score", "typicality", "similarity"])
def test_a_value_belongs_to_the_seed_whatever_else_is_ranked(name, by):
    model = model_of(name)
    alone, among = rank(model, [66], by=by, to=3), rank(model, range(70), by=by, to=3)
    np.testing.assert_allclose(alone.values[0], among.values[66], rtol=1e-3, atol=1e-5)


def test_a_typical_sample_lies_among_many_and_an_odd_one_among_few(digits):
    ranking = rank(digits, range(500), by="typicality")
    rows = embed(seed_samples(digits, range(500)), "digits").double()
    crowd = torch.cdist(rows, rows).sort(1).values[:, 1:9].mean(1).numpy()  # by the ranked ones themselves, not the reference
    assert np.corrcoef(-ranking.values, crowd)[0, 1] > 0.7
    assert (ranking.values < 0).all()


def test_the_most_similar_sample_is_the_same_one(digits):
    ranking = rank(digits, range(50), by="similarity", to={"seed": 17})
    (first, value), (second, next_value) = ranking.ranked()[:2]
    assert first == 17 and abs(value) < 1e-3 and second != 17 and next_value < -0.1
    by_point = rank(digits, range(50), by="similarity", to=read_point({"seed": 17}, digits))
    np.testing.assert_array_equal(ranking.values, by_point.values)


def test_similarity_is_minus_the_distance_of_features(digits):
    ranking = rank(digits, [1, 2], by="similarity", to={"sum": [[1, {"seed": 3}], [1, {"seed": 4}]]})
    middle = read_point({"sum": [[1, {"seed": 3}], [1, {"seed": 4}]]}, digits).code[None]
    rows = embed(torch.cat([digits.generate(middle), seed_samples(digits, [1, 2])]), "digits").double()
    np.testing.assert_allclose(ranking.values, -(rows[1:] - rows[0]).norm(dim=1), rtol=1e-4)


def test_classes_are_the_remainders_or_the_one_asked_for(conditional):
    assert seed_labels(conditional, [0, 13, 27]).tolist() == [0, 3, 7]
    assert seed_labels(conditional, [0, 13, 27], 4).tolist() == [4, 4, 4]
    expected = conditional.generate(conditional.latents(1, 13), torch.tensor([3]))
    assert_close(seed_samples(conditional, [13]), expected)
    ranking = rank(conditional, [13], by="score", label=2)
    pictures = conditional.generate(conditional.latents(1, 13), torch.tensor([2]))
    np.testing.assert_allclose(ranking.values, logits(conditional, pictures, torch.tensor([2])), rtol=1e-4, atol=1e-5)


def test_truncation_makes_all_samples_the_same(digits):
    assert np.ptp(rank(digits, range(20), by="score", truncation=0.0).values) < 1e-4


def test_a_value_that_is_no_number_comes_last():
    model = model_of("mlp")
    ranking = rank(model, [1, 2, 3])
    ranking.values[0] = np.nan
    assert ranking.order[-1] == 0


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_architecture_is_ranked(name):
    model = model_of(name)
    for by in ORDERS:
        ranking = rank(model, [3, 1, 2], by=by, to=1)
        assert np.isfinite(ranking.values).all() and sorted(ranking.order) == [0, 1, 2]


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        ({"by": "beauty"}, "unknown order 'beauty'; choose from: score, typicality, similarity, seed"),
        ({"by": "similarity"}, "similarity needs a sample"),
        ({"seeds": []}, "give 1 to 10,000 seeds"),
        ({"seeds": [-1]}, "a seed"),
        ({"seeds": [1.5]}, "a seed"),
        ({"label": 3}, "label must be left out"),
        ({"truncation": 2}, "truncation must be"),
        ({"by": "similarity", "to": "x"}, "a seed"),
    ],
)
def test_what_is_none_is_refused(digits, call, sentence):
    seeds = call.pop("seeds", [1])
    with pytest.raises(ValueError, match=sentence):
        rank(digits, seeds, **call)
