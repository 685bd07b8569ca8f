"""The sets that come through torchvision: how their files become tensors."""

import pickle

import numpy as np
import pytest
import torch
import torchvision.datasets

from playground.datasets import DATASETS, cifar10, data_root, svhn

needs_mnist = pytest.mark.skipif(
    not DATASETS["mnist"].available(data_root()), reason=f"MNIST is not in {data_root()} (see PLAYGROUND_DATA)"
)


def load(name: str, resolution: int, split: str = "load"):
    return getattr(DATASETS[name], split)(DATASETS[name].config(resolution=resolution), data_root())


@needs_mnist
def test_mnist_at_32_pixels_is_the_original_in_a_frame_of_zeros():
    original = torchvision.datasets.MNIST(data_root())
    samples = load("mnist", 32)
    assert len(samples) == 60_000
    torch.testing.assert_close(samples.values[:, 0, 2:30, 2:30], original.data, rtol=0, atol=0)
    torch.testing.assert_close(samples.labels, original.targets, rtol=0, atol=0)
    samples.values[:, :, 2:30, 2:30] = 0
    assert samples.values.count_nonzero() == 0


@needs_mnist
def test_mnist_keeps_10000_test_digits_apart_for_evaluation():
    samples = load("mnist", 32, "load_test")
    assert len(samples) == 10_000
    assert samples.labels[:5].tolist() == [7, 2, 1, 0, 4]
    assert samples.spec == load("mnist", 32).spec


@needs_mnist
def test_a_file_cut_short_is_not_available(tmp_path):
    for source in (data_root() / "MNIST" / "raw").iterdir():
        copy = tmp_path / "MNIST" / "raw" / source.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.symlink_to(source)
    assert DATASETS["mnist"].available(tmp_path)
    labels = tmp_path / "MNIST" / "raw" / "train-labels-idx1-ubyte"
    content = labels.read_bytes()
    labels.unlink()
    labels.write_bytes(content[:-1])
    assert not DATASETS["mnist"].available(tmp_path)


def test_a_damaged_file_is_said_in_one_sentence(tmp_path):
    with (tmp_path / "train_32x32.mat").open("wb") as file:
        file.truncate(182_040_794)  # the right length, all zeros
    assert DATASETS["svhn"].available(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"SVHN is damaged: remove .*train_32x32.mat and download it again\.$"):
        DATASETS["svhn"].load(svhn.Config(), tmp_path)


def test_cifar10_colours_and_labels_come_out_in_order(tmp_path, monkeypatch):
    folder = tmp_path / "cifar-10-batches-py"
    folder.mkdir()
    pixels = np.zeros((2, 3, 32, 32), np.uint8)
    pixels[0, 0], pixels[1, 2, 0] = 255, 77  # a red picture; one with a blue line along its top
    (folder / "data_batch_1").write_bytes(pickle.dumps({"data": pixels.reshape(2, -1), "labels": [6, 9]}))
    (folder / "batches.meta").write_bytes(pickle.dumps({"label_names": list(cifar10.CLASSES)}))
    monkeypatch.setattr(torchvision.datasets.CIFAR10, "train_list", [["data_batch_1", None]])
    monkeypatch.setattr(torchvision.datasets.CIFAR10, "test_list", [])
    monkeypatch.setitem(torchvision.datasets.CIFAR10.meta, "md5", None)
    values, labels = cifar10.SOURCE.read(tmp_path, train=True, download=False)
    torch.testing.assert_close(values, torch.from_numpy(pixels), rtol=0, atol=0)
    assert labels.tolist() == [6, 9]


def test_svhn_colours_and_labels_come_out_in_order(tmp_path, monkeypatch):
    scipy_io = pytest.importorskip("scipy.io")
    pixels = np.zeros((2, 3, 32, 32), np.uint8)
    pixels[0, 0], pixels[1, 2, 0] = 255, 77
    matlab = {"X": pixels.transpose(2, 3, 1, 0), "y": np.array([[10], [3]], np.uint8)}  # SVHN calls the zero 10
    scipy_io.savemat(tmp_path / "train_32x32.mat", matlab)
    monkeypatch.setitem(torchvision.datasets.SVHN.split_list, "train", ["", "train_32x32.mat", None])
    values, labels = svhn.SOURCE.read(tmp_path, train=True, download=False)
    torch.testing.assert_close(values, torch.from_numpy(pixels), rtol=0, atol=0)
    assert labels.tolist() == [0, 3] and labels.dtype == torch.int64
