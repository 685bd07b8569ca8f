"""Train the classifier behind "MNIST-FD cnn-v1": `python -m playground.evaluation.classifier` (needs MNIST on disk)."""

from __future__ import annotations

import sys

import torch
from safetensors.torch import save_file
from torch.nn.functional import cross_entropy

from playground.datasets import DATASETS, data_root
from playground.evaluation.features import WEIGHTS, FeatureNet
from playground.layers import initialise
from playground.samples import Samples, to_unit

EPOCHS, BATCH_SIZE, LEARNING_RATE, SEED = 4, 128, 2e-3, 0


def train_classifier(samples: Samples) -> FeatureNet:
    """Train a classifier on labelled images for a few epochs with a falling learning rate."""
    network = FeatureNet()
    source = torch.Generator().manual_seed(SEED)
    with torch.no_grad():
        initialise(network, source, "default")
    optimiser = torch.optim.Adam(network.parameters(), LEARNING_RATE, fused=True)
    steps = EPOCHS * len(samples) // BATCH_SIZE
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(steps):
        chosen = torch.randint(len(samples), (BATCH_SIZE,), generator=source)
        loss = cross_entropy(network(to_unit(samples.values[chosen])), samples.labels[chosen])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return network.eval()


@torch.no_grad()
def accuracy(network: FeatureNet, samples: Samples) -> float:
    """Return the share of samples that the classifier names right."""
    right = [
        (network(to_unit(values)).argmax(1) == labels).sum()
        for values, labels in zip(samples.values.split(512), samples.labels.split(512), strict=True)
    ]
    return sum(right).item() / len(samples)


def main() -> None:
    dataset = DATASETS["mnist"]
    network = train_classifier(dataset.load(dataset.config(), data_root()))
    save_file(network.state_dict(), WEIGHTS)
    score = accuracy(network, dataset.load_test(dataset.config(), data_root()))
    sys.stdout.write(f"{WEIGHTS.name}: {score:.2%} of the test digits named right\n")


if __name__ == "__main__":
    main()
