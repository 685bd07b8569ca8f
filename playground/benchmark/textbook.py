"""The loop everyone starts from, as the yardstick: DCGAN as in PyTorch's example, plain and faithful.

Two separately drawn passes of D, BCE on sigmoid-free logits, Adam 2e-4 with beta1 0.5, float32, a DataLoader with two
workers that hands over one image at a time, losses read with `.item()` at every step.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from playground.samples import Samples


class _Pictures(Dataset):
    def __init__(self, samples: Samples) -> None:
        self.values = samples.values

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, index: int) -> torch.Tensor:
        return (self.values[index].float() / 255 - 0.5) / 0.5


def textbook_training(
    generator: nn.Module, discriminator: nn.Module, samples: Samples, *, latent_dim: int, batch_size: int, seconds: float
) -> Iterator[tuple[float, int]]:
    """Train both networks in place for `seconds` and yield (seconds so far, images seen) after every step."""
    loader = DataLoader(_Pictures(samples), batch_size, shuffle=True, num_workers=2, drop_last=True, persistent_workers=True)
    criterion = nn.BCEWithLogitsLoss()
    optimiser_d = torch.optim.Adam(discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999))
    optimiser_g = torch.optim.Adam(generator.parameters(), lr=2e-4, betas=(0.5, 0.999))
    ones, zeros = torch.ones(batch_size), torch.zeros(batch_size)
    seen, started = 0, None
    while True:
        for real in loader:
            started = started or time.perf_counter()  # the workers' start is not counted against it
            discriminator.zero_grad()
            loss_real = criterion(discriminator(real), ones)
            loss_real.backward()
            fake = generator(torch.randn(batch_size, latent_dim))
            loss_fake = criterion(discriminator(fake.detach()), zeros)
            loss_fake.backward()
            (loss_real + loss_fake).item()
            optimiser_d.step()
            generator.zero_grad()
            loss_generator = criterion(discriminator(fake), ones)
            loss_generator.backward()
            loss_generator.item()
            optimiser_g.step()
            seen += batch_size
            elapsed = time.perf_counter() - started
            yield elapsed, seen
            if elapsed >= seconds:
                return
