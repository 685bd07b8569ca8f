"""What tells a discriminator of series how much a batch varies."""

import torch

from playground.layers import StepSpread


def test_series_that_are_all_alike_show_no_spread_and_others_their_mean_deviation():
    alike = torch.ones(8, 5, 3)
    assert (StepSpread()(alike)[..., 3] < 1e-3).all()
    torch.testing.assert_close(StepSpread()(alike)[..., :3], alike)
    two = torch.stack([torch.zeros(5, 3), 2 * torch.ones(5, 3)])  # deviation 1 everywhere
    torch.testing.assert_close(StepSpread()(two)[..., 3], torch.ones(2, 5))


def test_one_sample_alone_can_be_judged():
    assert StepSpread()(torch.randn(1, 5, 3, generator=torch.Generator().manual_seed(0))).isfinite().all()


def test_the_spread_can_be_differentiated_twice():
    series = torch.randn(4, 3, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).requires_grad_()
    assert torch.autograd.gradgradcheck(lambda x: StepSpread()(x.float()).double().square().sum(), series, atol=1e-2, eps=1e-3)
