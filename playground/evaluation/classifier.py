"""Train the classifiers behind the feature metrics: `python -m playground.evaluation.classifier [mnist] [digits] [cifar10]`.

Without a name all are trained. The data have to be on disk; `--images FILE` reads one data set from a folder or zip that
holds a folder of pictures for each class instead. Trained on one thread, the shipped weights name right, of images that
training never saw:

| net | right | judged by | parameters | features | CPU time of training |
|---|---|---|---|---|---|
| digits | 98.7% | every fourth image, 450 | 126,474 | 64 | 30 s |
| mnist | 98.9% | the test set, 10,000 | 126,474 | 64 | not measured |
| cifar10 | 82.3% | every tenth training image, 5,000 | 247,706 | 128 | 9 minutes (bfloat16) |

(cifar10 was trained with `--images` on its 50,000 training images as JPEG files.)
"""

from __future__ import annotations

import argparse
import pathlib
import sys
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn.functional import cross_entropy, pad
from torch.nn.utils.fusion import fuse_conv_bn_eval

from playground.config import shorten
from playground.datasets import DATASETS, data_root
from playground.datasets._files import list_pictures
from playground.datasets._pictures import decode
from playground.evaluation.features import PIECE, PLANS, FeatureNet, weights_file
from playground.layers import initialise
from playground.samples import Samples

SEED = 0
MARGIN = 4  # pixels by which random crops shift, as is usual for CIFAR-10 (He 2016, 1512.03385, section 4.2)


@dataclass(frozen=True)
class Training:
    """How one net is trained. With `varied`, on random crops and mirror images, in bfloat16, and with batch norm.

    Every `held_out`-th image is kept from training where the data have no test split. A `scaled` net's features have a
    root mean square of 1, so that the kernel distance, which cubes them, stays readable.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float = 0.0
    varied: bool = False
    held_out: int = 4
    scaled: bool = True


TRAININGS = {
    "digits": Training(60, 64, 2e-3),
    "mnist": Training(4, 128, 2e-3, scaled=False),  # figures were published before there was a scale
    "cifar10": Training(16, 128, 3e-3, weight_decay=0.05, varied=True, held_out=10),
}


def train_classifier(samples: Samples, dataset: str) -> FeatureNet:
    """Train the net of a data set on labelled images for some epochs with a learning rate that falls to 0."""
    network, training = FeatureNet(PLANS[dataset]), TRAININGS[dataset]
    source = torch.Generator().manual_seed(SEED)
    with torch.no_grad():
        initialise(network, source, "default")
    learner = nn.Sequential(with_norms(network.body) if training.varied else network.body, network.head)
    optimiser = torch.optim.AdamW(learner.parameters(), training.learning_rate, weight_decay=training.weight_decay, fused=True)
    steps = training.epochs * len(samples) // training.batch_size
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(steps):
        chosen = torch.randint(len(samples), (training.batch_size,), generator=source)
        images = network.prepare(samples.values[chosen])
        with torch.autocast("cpu", torch.bfloat16, enabled=training.varied):
            logits = learner(vary(images, source) if training.varied else images)
        loss = cross_entropy(logits.float(), samples.labels[chosen])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    network.body = without_norms(learner.eval()[0])
    if training.scaled:
        scale_features(network.eval(), samples)
    return network.eval()


@torch.no_grad()
def scale_features(network: FeatureNet, samples: Samples) -> None:
    """Give the features a root mean square of 1 over `samples`, in place; the logits stay what they are.

    What follows the last layer with weights is ReLU and mean: it passes a positive factor on.
    """
    squares = [network.body(network.prepare(piece)).square().mean(1) for piece in samples.values.split(PIECE)]
    size = torch.cat(squares).mean().sqrt()
    last = [layer for layer in network.body if isinstance(layer, (nn.Conv2d, nn.Linear))][-1]
    for tensor, factor in ((last.weight, 1 / size), (last.bias, 1 / size), (network.head.weight, size)):
        tensor.mul_(factor)


def with_norms(body: nn.Sequential) -> nn.Sequential:
    """Put batch norm behind every convolution of `body`, which stays the owner of its layers."""
    layers: list[nn.Module] = []
    for layer in body:
        layers += [layer, nn.BatchNorm2d(layer.out_channels)] if isinstance(layer, nn.Conv2d) else [layer]
    return nn.Sequential(*layers)


def without_norms(body: nn.Sequential) -> nn.Sequential:
    """Work each batch norm of `body`, in eval mode, into the convolution before it: the same function, fewer layers."""
    layers: list[nn.Module] = []
    for layer in body:
        if isinstance(layer, nn.BatchNorm2d):
            layers[-1] = fuse_conv_bn_eval(layers[-1], layer)
        else:
            layers.append(layer)
    return nn.Sequential(*layers)


def vary(images: torch.Tensor, source: torch.Generator) -> torch.Tensor:
    """Shift each of images (N, C, H, W) by up to MARGIN pixels, mirroring what comes in at the edges, and flip half."""
    count, _, height, width = images.shape
    padded = pad(images, [MARGIN] * 4, mode="reflect")
    top, left = torch.randint(2 * MARGIN + 1, (2, count, 1), generator=source)
    rows, columns = top + torch.arange(height), left + torch.arange(width)  # (N, H), (N, W)
    flipped = torch.rand(count, 1, generator=source) < 0.5
    columns = torch.where(flipped, columns.flip(1), columns)
    cut = padded[torch.arange(count)[:, None, None], :, rows[:, :, None], columns[:, None, :]]  # (N, H, W, C)
    return cut.permute(0, 3, 1, 2)


@torch.no_grad()
def accuracy(network: FeatureNet, samples: Samples) -> float:
    """Return the share of samples that the classifier names right."""
    right = [
        (network(network.prepare(values)).argmax(1) == labels).sum()
        for values, labels in zip(samples.values.split(512), samples.labels.split(512), strict=True)
    ]
    return sum(right).item() / len(samples)


def read_splits(name: str, images: pathlib.Path | None = None) -> tuple[Samples, Samples]:
    """Return what a data set's net learns from and what it is judged by.

    Raises FileNotFoundError with one sentence when the data are not on disk; ValueError as `read_class_folders`.
    """
    dataset = DATASETS[name]
    config = dataset.config()
    if images is None and dataset.load_test:
        return dataset.load(config, data_root()), dataset.load_test(config, data_root())
    samples = read_class_folders(images, name) if images else dataset.load(config, data_root())
    held_out = torch.arange(len(samples)) % TRAININGS[name].held_out == 0
    return _part(samples, ~held_out), _part(samples, held_out)


def _part(samples: Samples, chosen: torch.Tensor) -> Samples:
    return Samples(samples.spec, samples.values[chosen], samples.labels[chosen])


def read_class_folders(path: pathlib.Path, name: str) -> Samples:
    """Read a folder or zip of pictures in which the folder of each is the name of its class, in order of file names.

    Raises ValueError for a folder that is no class of the data set, and where there is no picture.
    """
    dataset = DATASETS[name]
    spec = dataset.spec(dataset.config())
    with ExitStack() as stack:
        entries = sorted(list_pictures([path], stack).entries, key=lambda entry: entry.name)
        classes = [pathlib.PurePosixPath(entry.name.replace("\\", "/")).parent.name for entry in entries]
        unknown = sorted(set(classes) - set(spec.classes))
        if unknown or not entries:
            found = f"folder {shorten(unknown[0])} is no class" if unknown else f"no pictures in {shorten(str(path))}"
            raise ValueError(f"{found}; the classes are: {', '.join(spec.classes)}")
        pixels = np.stack([decode(entry.read(entry.size), spec.shape[-1])[0] for entry in entries])
    labels = torch.tensor([spec.classes.index(each) for each in classes])
    return Samples(spec, torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous(), labels)


def main() -> None:
    """Train, save and judge each net named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m playground.evaluation.classifier", description=__doc__.split("\n")[0])
    parser.add_argument("datasets", nargs="*", metavar="DATASET", help=", ".join(PLANS))
    parser.add_argument("--images", type=pathlib.Path, metavar="FILE", help="a folder or zip of class folders, for one net")
    options = parser.parse_args()
    names = options.datasets or list(PLANS)
    if not set(names) <= set(PLANS) or (options.images and len(names) > 1):
        parser.error(f"choose from: {', '.join(PLANS)}; --images takes exactly one")
    torch.set_num_threads(1)  # the order of sums, and so the weights, must not hang on how many cores there are
    for name in names:
        try:
            training, test = read_splits(name, options.images)
        except (FileNotFoundError, ValueError) as error:
            parser.exit(1, f"{name}: {error}\n")
        network = train_classifier(training, name)
        file = weights_file(name)
        save_file({key: value.contiguous() for key, value in network.state_dict().items()}, file)
        size = file.stat().st_size / 1000
        sys.stdout.write(f"{file.name}: {accuracy(network, test):.2%} of {len(test):,} named right, {size:,.0f} kB\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
