"""A map of samples: the same for the same seed, made dots are points, and PCA is scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from small_models import IMAGE_MAKERS

from playground.checkpoint import load, shipped
from playground.datasets import DATASETS
from playground.evaluation import predicted_classes
from playground.evaluation.embedding import embed_values
from playground.evaluation.layout import neighbours_kept, principal
from playground.experiment import Experiment
from playground.latent import sample_map
from playground.latent.points import codes_of, read_points
from playground.latent.spaces import decode
from playground.model import Model
from playground.samples import Samples, to_pixels

SMALL = {"dataset": "digits", "data.resolution": 16, "generator.width": 4, "discriminator.width": 4}


def untrained(**settings) -> Model:
    return Model.untrained(Experiment.from_settings(SMALL | {key.replace("__", "."): value for key, value in settings.items()}))


def real_of(model: Model) -> Samples:
    return DATASETS[model.experiment.dataset].load(model.experiment.data, None)


@pytest.fixture(scope="module")
def digits() -> Model:
    return load(next(path for path in shipped() if path.stem == "dcgan-digits"))


@pytest.fixture(scope="module")
def found(digits):
    return sample_map(digits, real_of(digits), count=120, seed=3)


def test_the_components_are_those_of_scikit_learn_but_for_the_sign():
    rows = np.random.default_rng(0).normal(size=(200, 12)) * np.arange(1, 13)
    projection = principal(rows, rows)
    theirs = PCA(2, svd_solver="covariance_eigh").fit(rows)
    ours = projection.place(rows) * projection.scale + projection.centre
    np.testing.assert_allclose(np.abs(ours), np.abs(theirs.transform(rows)), atol=1e-3)
    np.testing.assert_allclose(projection.explained, theirs.explained_variance_ratio_, rtol=1e-6)
    assert np.abs(projection.place(rows)).max() == pytest.approx(1)


def test_pca_is_fitted_to_the_real_samples_so_that_its_directions_stay(digits, found):
    other = sample_map(Model.untrained(digits.experiment), real_of(digits), count=120, seed=3)
    np.testing.assert_array_equal(found.projection.axes, other.projection.axes)
    real = real_of(digits).values[torch.from_numpy(found.indices)]
    np.testing.assert_allclose(
        found.positions[found.real], found.projection.place(embed_values(real, digits.experiment).numpy()), atol=1e-5
    )


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_a_seed_means_a_map(digits, method):
    samples = real_of(digits)
    first, again, other = (sample_map(digits, samples, count=60, method=method, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.positions, again.positions)
    np.testing.assert_array_equal(first.indices, again.indices)
    assert not set(first.seeds) & set(other.seeds)
    assert first.positions.dtype == np.float32 and np.abs(first.positions).max() == pytest.approx(1)


def test_t_sne_keeps_groups_together():
    source = np.random.default_rng(0)
    group = np.arange(150) % 3
    rows = source.normal(size=(150, 40)) + 8 * np.eye(40)[group]
    told: list[float] = []
    places = neighbours_kept(rows, 0, told.append)
    apart = np.linalg.norm(places[:, None] - places[None], axis=2) + 9 * np.eye(150)
    assert (group[apart.argmin(1)] == group).all()
    assert told == sorted(told) and told[-1] == 1


def test_a_made_dot_is_a_point_whose_picture_is_the_one_on_the_map(digits, found):
    points = read_points([{"seed": int(seed)} for seed in found.seeds[:8]], digits)
    pictures = to_pixels(decode(digits, codes_of(points, digits)))
    np.testing.assert_allclose(found.pictures[~found.real][:8].astype(int), pictures.astype(int), atol=1)


def test_a_real_dot_is_the_row_of_the_data_that_it_names(digits, found):
    samples = real_of(digits)
    for number, row in enumerate(found.indices[:5]):
        np.testing.assert_array_equal(found.pictures[number], samples.values[row].permute(1, 2, 0).numpy())
        assert found.classes[number] == samples.labels[row]


def test_made_samples_have_the_class_that_the_classifier_sees(digits, found):
    made = found.values[torch.from_numpy(~found.real)]
    np.testing.assert_array_equal(
        found.classes[~found.real], predicted_classes(embed_values(made, digits.experiment), "digits")
    )
    assert found.space == "digits features cnn-v1"


def test_without_a_classifier_pixels_are_compared_and_the_name_says_so():
    model = untrained(dataset="shapes")
    found = sample_map(model, real_of(model), count=40)
    assert found.space == "16×16 pixels" and (found.classes[~found.real] == -1).all()
    assert (found.classes[found.real] >= 0).all()


def test_without_data_the_map_is_of_made_samples_and_knows_of_no_holes():
    found = sample_map(untrained(), None, count=30)
    assert found.positions.shape == (30, 2) and not found.real.any() and found.coverage is None


def test_a_conditional_model_makes_its_classes_in_turn():
    found = sample_map(untrained(architecture="cgan"), None, count=30)
    np.testing.assert_array_equal(found.labels, np.arange(30) % 10)


@pytest.mark.parametrize("architecture", IMAGE_MAKERS)
def test_every_architecture_can_be_mapped(architecture):
    experiment = Experiment.from_settings({"architecture": architecture, "dataset": "digits", "data.resolution": 16})
    found = sample_map(Model.untrained(experiment), None, count=20, truncation=0.7)
    assert np.isfinite(found.positions).all() and found.pictures.shape == (20, 16, 16, 1)


def test_few_data_make_a_small_real_side(digits):
    samples = real_of(digits)
    few = Samples(samples.spec, samples.values[:50], samples.labels[:50])
    found = sample_map(digits, few, count=40)
    assert found.real.sum() == 25 and (~found.real).sum() == 40


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_a_collapsed_generator_is_no_error(digits, method):
    model = Model.untrained(digits.experiment)
    for parameter in model.generator.parameters():
        parameter.data.zero_()
    for samples in (real_of(digits), None):
        found = sample_map(model, samples, count=40, method=method)
        assert np.isfinite(found.positions).all()
        assert samples is None or found.coverage.share < 0.2


def test_what_progress_raises_ends_the_work(digits):
    told: list[tuple[float, str]] = []

    def stop(share: float, stage: str) -> None:
        told.append((share, stage))
        if stage == "layout":
            raise InterruptedError

    with pytest.raises(InterruptedError):
        sample_map(digits, real_of(digits), count=40, method="tsne", progress=stop)
    shares = [share for share, _ in told]
    assert told[-1][1] == "layout" and shares == sorted(shares)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"method": "umap"}, "umap"),
        ({"method": []}, "method"),
        ({"count": 19}, "19"),
        ({"count": 2001}, "2001"),
        ({"seed": -1}, "-1"),
        ({"truncation": 2.0}, "truncation"),
    ],
)
def test_what_cannot_be_is_named(changed, named):
    with pytest.raises(ValueError, match=named):
        sample_map(untrained(), None, **({"count": 20} | changed))


def test_samples_of_another_size_are_refused(digits):
    with pytest.raises(ValueError, match="shape"):
        sample_map(untrained(), real_of(digits), count=20)
