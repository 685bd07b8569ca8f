"""The figures of a model, and that noise on real digits makes each of them worse."""

import dataclasses
import os
import pathlib

import pytest
import torch

from playground.checkpoint import load, shipped
from playground.datasets import DATASETS, data_root
from playground.evaluation import Evaluation, evaluate
from playground.evaluation.scores import _choose, _closeness, _Made, _measure
from playground.experiment import Experiment
from playground.model import Model
from playground.samples import Samples

BESIDE = pathlib.Path(__file__).parents[3] / "shared" / "datasets"  # where this project's machines keep MNIST
BY_FEATURES = ["precision", "recall", "density", "coverage", "classes made", "class KL"]
BY_PIXELS = ["sliced Wasserstein, 7×7 patches", "sliced Wasserstein, 16×16 pixels", "nearest training image, ratio"]
HIGHER_IS_BETTER = {"precision", "recall", "density", "coverage", "classes made", "right class"}


def few(samples: Samples, count: int) -> Samples:
    return Samples(samples.spec, samples.values[:count], samples.labels[:count])


@pytest.fixture(scope="module")
def mnist() -> tuple[Samples, Samples]:
    """The first 3,000 training and 1,000 test digits."""
    dataset = DATASETS["mnist"]
    root = data_root() if "PLAYGROUND_DATA" in os.environ or not BESIDE.is_dir() else BESIDE
    if not dataset.available(root):
        pytest.skip(f"MNIST is not in {root}")
    return few(dataset.load(dataset.config(), root), 3000), few(dataset.load_test(dataset.config(), root), 1000)


@pytest.fixture(scope="module")
def shipped_scores(mnist) -> Evaluation:
    return evaluate(shipped_model("sn-dcgan-mnist"), *mnist, count=300)


def shipped_model(name: str) -> Model:
    path = next((path for path in shipped() if path.stem == name), None)
    if path is None:
        pytest.skip(f"{name} is not shipped")
    return load(path)


def tiny(**settings) -> Model:
    small = {"data.resolution": 16, "generator.width": 8, "discriminator.width": 8}
    return Model.untrained(Experiment.from_settings({"architecture": "mlp", "dataset": "digits", **small, **settings}))


def digits() -> Samples:
    dataset = DATASETS["digits"]
    return few(dataset.load(dataset.config(resolution=16), data_root()), 300)


def shapes() -> Samples:
    dataset = DATASETS["shapes"]
    return few(dataset.load(dataset.config(resolution=16), data_root()), 300)


def names_by_features(title: str, count: int) -> list[str]:
    return [f"{name} cnn-v1 {count}" for name in (f"{title}-FD", f"{title}-KID", *BY_FEATURES)]


def names_by_pixels(count: int) -> list[str]:
    return [f"{name} {count}" for name in BY_PIXELS]


def test_the_shipped_model_lies_between_its_floor_and_its_start(shipped_scores):
    assert [score.name for score in shipped_scores.scores] == names_by_features("MNIST", 300) + names_by_pixels(300)
    for score in shipped_scores.scores:
        assert abs(score.value - score.floor) < 0.35 * abs(score.untrained - score.floor), score
    assert "training against test images" in shipped_scores.note


def test_counts_of_thousands_are_written_short():
    samples, model = shapes(), tiny(dataset="shapes")
    many = Samples(samples.spec, samples.values.repeat(10, 1, 1, 1), samples.labels.repeat(10))
    assert evaluate(model, many, count=1000).scores[0].name.endswith("patches 1k")
    assert evaluate(model, many, count=1500).scores[0].name.endswith("patches 1.5k")


def test_noise_on_real_digits_makes_every_figure_worse(mnist):
    training, test = mnist
    real = _choose(training, test, 300, seed=0)
    wanted = real.labels
    noise = torch.randn(real.other.shape, generator=torch.Generator().manual_seed(0))
    rows = []
    for strength in (0, 60, 150):
        images = (real.other + strength * noise).clamp(0, 255).to(torch.uint8)
        rows.append(_measure(_Made(images, wanted), real, "mnist", 0) | {"nearest": _closeness(images, images, real)[0]})
    for name in rows[0]:
        values = [-row[name] if name.removesuffix(" cnn-v1") in HIGHER_IS_BETTER else row[name] for row in rows]
        assert values[0] <= values[1] <= values[2], (name, values)
        # every class is still named now and then among noisy digits; how evenly is for the divergence to tell
        assert values[0] < values[2] or name.startswith("classes made"), (name, values)


def test_training_images_are_recognised_as_copies(mnist):
    real = _choose(*mnist, 300, seed=0)
    copies, fresh, _ = _closeness(real.other, real.other, real)
    assert copies < 0.05 and 0.8 < fresh < 1.25


def test_data_without_a_feature_net_are_compared_by_pixels_and_it_says_so():
    result = evaluate(tiny(dataset="shapes"), shapes(), count=100)
    assert [score.name for score in result.scores] == names_by_pixels(100)
    assert "there is no feature net for shapes" in result.note and "there is no test split" in result.note


def test_digits_are_compared_by_a_net_of_their_own_beside_pixels():
    result = evaluate(
        shipped_model("dcgan-digits"), DATASETS["digits"].load(DATASETS["digits"].config(), data_root()), count=500
    )
    assert [score.name for score in result.scores] == names_by_features("digits", 500) + names_by_pixels(500)
    assert "Pixels only" not in result.note
    for score in result.scores:
        assert abs(score.value - score.floor) < abs(score.untrained - score.floor), score


def test_an_untrained_model_is_as_good_as_untrained_and_far_from_the_floor():
    for dataset, samples in (("digits", digits()), ("shapes", shapes())):
        for score in evaluate(tiny(dataset=dataset), samples, count=100).scores:
            assert score.value == score.untrained
            better = score.name.removesuffix(" cnn-v1 100") in HIGHER_IS_BETTER
            assert score.untrained < 0.5 * score.floor if better else score.untrained > 1.5 * score.floor, score


def test_a_model_that_knows_classes_is_asked_for_the_right_ones(mnist):
    result = evaluate(shipped_model("cgan-mnist"), *mnist, count=300)
    score = next(score for score in result.scores if score.name == "right class cnn-v1 300")
    assert score.floor > 0.97 and score.value > 0.8 and score.untrained < 0.3


def test_the_right_class_of_an_untrained_model_is_a_guess():
    result = evaluate(tiny(architecture="cgan"), digits(), count=100)
    score = next(score for score in result.scores if score.name == "right class cnn-v1 100")
    assert score.value == score.untrained < 0.3 < 0.9 < score.floor


def test_the_data_may_have_classes_that_the_model_does_not_know():
    assert not any("right class" in score.name for score in evaluate(tiny(), digits(), count=20).scores)


def test_the_seed_fixes_every_figure():
    first, second, other = (evaluate(tiny(), digits(), count=50, seed=seed) for seed in (1, 1, 2))
    assert first == second and first.scores != other.scores and first.seed == 1


def test_a_data_set_with_fewer_samples_lowers_the_count():
    assert evaluate(tiny(), digits(), count=10_000).count == 150
    assert evaluate(tiny(), digits(), few(digits(), 40), count=10_000).count == 40


def test_the_two_halves_of_the_data_share_no_sample():
    numbered = torch.arange(200, dtype=torch.uint8)[:, None, None, None].expand(200, 1, 16, 16)
    real = _choose(Samples(digits().spec, numbered), None, 500, seed=0)
    values = torch.cat([real.reference, real.other])[:, 0, 0, 0]
    assert values.sort().values.tolist() == list(range(200))
    assert real.reference[:, 0, 0, 0].tolist() == real.own.tolist()


def test_an_evaluation_is_frozen_and_plain():
    result = evaluate(tiny(), digits(), count=20)
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.count = 5
    assert all(isinstance(value, float) for score in result.scores for value in (score.value, score.floor, score.untrained))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"count": 9}, "count must be a whole number between 10 and 10000, not 9"),
        ({"count": 10_001}, "count must be a whole number between 10 and 10000, not 10001"),
        ({"count": 50.5}, "count must be a whole number between 10 and 10000, not 50.5"),
        ({"seed": -1}, "seed must be a whole number between 0 and 2147483647, not -1"),
    ],
)
def test_a_count_or_seed_out_of_range_is_refused(options, words):
    with pytest.raises(ValueError, match=words):
        evaluate(tiny(), digits(), **options)


def test_samples_of_another_size_are_refused():
    with pytest.raises(ValueError, match=r"shape \(1, 32, 32\), as the model's, not \(1, 16, 16\)"):
        evaluate(tiny(**{"data.resolution": 32}), digits())


def test_too_few_real_samples_are_refused():
    with pytest.raises(ValueError, match="5 real samples on either side are too few"):
        evaluate(tiny(), few(digits(), 11))
