"""How a generator of tokens can learn without a gradient through D: rewards for what it wrote (REINFORCE)."""

from __future__ import annotations

import torch
from torch import nn

from playground.layers.tracing import stages

STEPS = "steps"  # the stage of a discriminator that says what it thinks at every step, (N, T, 1)
BASELINE_RATE = 0.1  # how fast the moving average of rewards moves


def thoughts_of(
    discriminator: nn.Module, samples: torch.Tensor, label: torch.Tensor | None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return D's logits (N,), and what it thinks at each of T steps, (N, T), where it has a stage `steps`, else (N, 1)."""
    seen: list[torch.Tensor] = []
    stage = stages(discriminator).get(STEPS)
    handle = stage and stage.register_forward_hook(lambda module, args, output: seen.append(output.squeeze(2)))
    try:
        judged = discriminator(samples, label)
    finally:
        if handle:
            handle.remove()
    logits = (judged[0] if isinstance(judged, tuple) else judged).float()
    return logits, seen[0].float() if seen else logits.unsqueeze(1)


def rewards_to_go(thoughts: torch.Tensor) -> torch.Tensor:
    """Return what each step earns, (N, T): the mean of σ(thought) over the step itself and all after it.

    A token is to answer for what it led to, not for what was there. SeqGAN (Yu 2017, 1609.05473, section 3.2) finishes each
    sample many times from every step and lets D judge the ends; D's judgement of every step, which is there anyway, takes
    the place of these rollouts (as rewards of partial sequences do in Tuan & Lee 2019, 1808.05599).
    """
    rewards = thoughts.sigmoid().flip(1)
    counts = torch.arange(1, rewards.shape[1] + 1, device=rewards.device)
    return (rewards.cumsum(1) / counts).flip(1)


def reinforced(log_likelihood: torch.Tensor, rewards: torch.Tensor, baseline: torch.Tensor) -> torch.Tensor:
    """Return −(reward − baseline)·log-likelihood, both (N, T), the mean of all: Williams 1992."""
    return -((rewards - baseline) * log_likelihood).mean()
