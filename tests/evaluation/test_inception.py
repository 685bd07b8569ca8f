"""The optional Inception-FID: from a file of weights only, read safely, and sentences for all that can be missing."""

import importlib.util
import io
import pathlib
import sys

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from playground.datasets import DATASETS, data_root
from playground.evaluation import evaluate
from playground.evaluation.inception import inception_features, load_inception
from playground.experiment import Experiment
from playground.model import Model
from playground.samples import Samples

needs_torch_fidelity = pytest.mark.skipif(
    importlib.util.find_spec("torch_fidelity") is None, reason="the package torch-fidelity is not installed"
)


class Trap:
    """Something that makes a file when it is unpickled."""

    def __init__(self, file: pathlib.Path) -> None:
        self.file = file

    def __reduce__(self):
        return pathlib.Path.touch, (self.file,)


@pytest.fixture(scope="module")
def weights(tmp_path_factory) -> pathlib.Path:
    """A file of random weights for the true network: the real ones cannot be had without a download."""
    from torch_fidelity import FeatureExtractorInceptionV3

    class Blank(FeatureExtractorInceptionV3):
        def load_state_dict(self, state):
            assert state == {}

    empty = io.BytesIO()
    torch.save({}, empty)
    empty.seek(0)
    network = Blank("inception", ["2048"], feature_extractor_weights_path=empty)
    torch.manual_seed(0)
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight)  # the default would let the signal fade
    file = tmp_path_factory.mktemp("inception") / "weights.pth"
    torch.save(network.state_dict(), file)
    return file


def untrained_on_digits() -> tuple[Model, Samples]:
    model = Model.untrained(Experiment.from_settings({"architecture": "mlp", "dataset": "digits", "data.resolution": 16}))
    return model, DATASETS["digits"].load(model.experiment.data, data_root())


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ValueError, match="there is no file of Inception weights '.*"):
        load_inception(tmp_path / "weights.pth")


@pytest.mark.parametrize("content", [b"", b"not weights", b"PK\x03\x04 cut short"])
def test_a_file_that_is_damaged_is_refused_in_a_sentence(content, tmp_path):
    (tmp_path / "w.pth").write_bytes(content)
    with pytest.raises(ValueError, match="is not a file of weights that PyTorch can read safely"):
        load_inception(tmp_path / "w.pth")


def test_nothing_in_a_file_is_run(tmp_path):
    torch.save({"fc.weight": Trap(tmp_path / "sprung")}, tmp_path / "w.pth")
    with pytest.raises(ValueError, match="can read safely"):
        load_inception(tmp_path / "w.pth")
    assert not (tmp_path / "sprung").exists()


def test_without_the_package_a_sentence_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch_fidelity", None)
    torch.save({}, tmp_path / "w.pth")
    with pytest.raises(ValueError, match="needs the package torch-fidelity: pip install torch-fidelity"):
        load_inception(tmp_path / "w.pth")


@needs_torch_fidelity
@pytest.mark.parametrize("content", [{}, {"fc.weight": torch.zeros(3)}, torch.zeros(3), ["fc.weight"]])
def test_weights_of_something_else_are_refused(content, tmp_path):
    torch.save(content, tmp_path / "w.pth")
    with pytest.raises(ValueError, match="does not hold the weights of torch-fidelity's InceptionV3"):
        load_inception(tmp_path / "w.pth")


@needs_torch_fidelity
def test_features_are_those_of_the_weights_in_the_file_whatever_the_batch(weights):
    images = torch.randint(256, (3, 1, 16, 16), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    network = load_inception(weights)
    rows = inception_features(images, network)
    assert rows.shape == (3, 2048) and not network.training
    assert_close(rows[1:2], network(images[1:2].repeat(1, 3, 1, 1))[0], rtol=1e-3, atol=1e-3)
    assert torch.equal(network.fc.weight, torch.load(weights, weights_only=True)["fc.weight"])


@needs_torch_fidelity
def test_an_evaluation_names_the_inception_distance_and_its_count(weights):
    model, samples = untrained_on_digits()
    result = evaluate(model, samples, count=10, inception=weights)
    score = next(score for score in result.scores if score.name == "Inception-FID 10")
    assert score.value == score.untrained > score.floor > 0
    assert "compare equal counts only" in result.note


def test_an_evaluation_refuses_weights_that_are_not_there(tmp_path):
    model, samples = untrained_on_digits()
    with pytest.raises(ValueError, match="there is no file of Inception weights"):
        evaluate(model, samples, count=10, inception=tmp_path / "weights.pth")
