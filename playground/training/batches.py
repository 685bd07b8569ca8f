"""The order of the data: a function of the seed and the count of samples seen, so that any run can be resumed."""

from __future__ import annotations

import torch

from playground.samples import Samples, to_unit

EPOCH_STREAM = 1_000_003  # keeps the shuffles of neighbouring seeds apart


class Batches:
    """Serve shuffled batches of a data set that lies on one device."""

    def __init__(
        self,
        samples: Samples,
        seed: int,
        device: torch.device,
        memory_format: torch.memory_format = torch.channels_last,
    ) -> None:
        self.values = samples.values.to(device)
        self.labels = None if samples.labels is None else samples.labels.to(device)
        self.seed, self.memory_format = seed, memory_format
        self._epoch = -1
        self._order = torch.empty(0, dtype=torch.long)

    def take(self, start: int, count: int, part: slice = slice(None)) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Return `count` samples in [-1, 1], float32 (count, C, H, W), from position `start` of the endless order.

        Only `part` of them, where one is given. With them come their labels, int64 (count,), or None where the data have no
        classes.
        """
        indices = []
        while count > 0:
            epoch, offset = divmod(start, len(self.values))
            piece = self._shuffled(epoch)[offset : offset + count]
            indices.append(piece)
            start, count = start + len(piece), count - len(piece)
        chosen = (indices[0] if len(indices) == 1 else torch.cat(indices))[part]
        labels = None if self.labels is None else self.labels[chosen]
        return to_unit(self.values[chosen]).to(memory_format=self.memory_format), labels

    def _shuffled(self, epoch: int) -> torch.Tensor:
        if epoch != self._epoch:
            source = torch.Generator().manual_seed(self.seed * EPOCH_STREAM + epoch)
            self._order = torch.randperm(len(self.values), generator=source).to(self.values.device)
            self._epoch = epoch
        return self._order
