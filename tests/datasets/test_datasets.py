"""What holds for every data set: parametrised over the registry, so that a new file is tested by being there."""

import dataclasses

import pytest
import torch

from playground.datasets import DATASETS, Dataset, data_root, default_dataset
from playground.datasets._dataset import RESOLUTIONS, resize

BUILT_IN = [name for name in DATASETS if not DATASETS[name].download_bytes and name != "images"]
DOWNLOADED = [name for name in DATASETS if DATASETS[name].download_bytes]


def require(name: str) -> Dataset:
    """Return a data set, or skip the test where its files are not on this machine."""
    if not DATASETS[name].available(data_root()):
        pytest.skip(f"{DATASETS[name].title} is not in {data_root()} (see PLAYGROUND_DATA)")
    return DATASETS[name]


@pytest.mark.parametrize("resolution", RESOLUTIONS)
@pytest.mark.parametrize("name", [name for name in DATASETS if name != "images"])
def test_what_is_loaded_is_what_the_spec_promises(name, resolution):
    dataset = require(name)
    config = dataset.config(resolution=resolution)
    samples = dataset.load(config, data_root())
    assert samples.spec == dataset.spec(config)
    assert samples.values.dtype == torch.uint8
    assert samples.values.is_contiguous()
    assert tuple(samples.values.shape[1:]) == samples.spec.shape == (samples.spec.shape[0], resolution, resolution)
    assert samples.values[:1000].float().std() > 10, "the images are blank"
    assert samples.labels.dtype == torch.int64
    assert set(samples.labels.unique().tolist()) == set(range(len(samples.spec.classes)))
    assert len(samples.labels) == len(samples) >= 1000


@pytest.mark.parametrize("name", [*BUILT_IN, "mnist"])
def test_the_same_config_gives_the_same_data(name):
    dataset = require(name)
    first, second = (dataset.load(dataset.config(resolution=16), data_root()) for _ in range(2))
    torch.testing.assert_close(first.values, second.values, rtol=0, atol=0)
    torch.testing.assert_close(first.labels, second.labels, rtol=0, atol=0)


@pytest.mark.parametrize("name", DATASETS)
def test_a_config_refuses_bad_values(name):
    for bad in (28, 0, "32", True, None):
        with pytest.raises(ValueError, match="resolution"):
            DATASETS[name].config(resolution=bad)


@pytest.mark.parametrize("name", DATASETS)
def test_every_data_set_says_what_it_is_and_whose(name):
    dataset = DATASETS[name]
    assert dataset.name == name
    assert all((dataset.title, dataset.summary, dataset.credits, dataset.licence))
    with pytest.raises(dataclasses.FrozenInstanceError):
        dataset.config().resolution = 64


@pytest.mark.parametrize("name", [name for name in DATASETS if name not in BUILT_IN])
def test_what_is_not_there_is_said_in_one_sentence(name, tmp_path):
    dataset = DATASETS[name]
    assert not dataset.available(tmp_path)
    with pytest.raises(FileNotFoundError) as caught:
        dataset.load(dataset.config(), tmp_path)
    message = str(caught.value)
    assert message.endswith(".") and "\n" not in message
    if dataset.download_bytes:
        assert str(tmp_path) in message and f"{dataset.download_bytes / 1e6:.1f} MB" in message


@pytest.mark.parametrize("name", DOWNLOADED)
def test_looking_for_files_never_raises(name, tmp_path):
    (tmp_path / "a file").touch()
    for root in (tmp_path / "nowhere", tmp_path / "a file", tmp_path / "nul\0byte", tmp_path / ("long" * 2000)):
        assert DATASETS[name].available(root) is False


def test_the_default_is_mnist_only_where_it_is_on_disk(tmp_path, monkeypatch):
    monkeypatch.setenv("PLAYGROUND_DATA", str(tmp_path))
    assert default_dataset() == "digits"


def test_resizing_averages_where_it_shrinks():
    checkerboard = torch.tensor([[0, 255], [255, 0]], dtype=torch.uint8).repeat(32, 32)[None, None]
    small = resize(checkerboard, 16)
    assert small.shape == (1, 1, 16, 16)
    assert (small[..., 1:-1, 1:-1].int() - 128).abs().max() <= 1


def test_resizing_to_the_same_size_changes_nothing():
    values = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16)
    assert resize(values, 16) is values
