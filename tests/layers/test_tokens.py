"""Tokens chosen by dice that lie in the latent vector: fair dice, hard choices, soft gradients."""

import math

import pytest
import torch
from scipy import stats
from torch.testing import assert_close

from playground.layers import TokenHead, grow, gumbel, initialise, token_log_likelihood

SETTINGS = {"start": 1.0, "end": 0.3, "anneal": 1000}


def head(steps: int = 4, num_tokens: int = 6, dice: int = 16, output: str = "straight-through", **settings) -> TokenHead:
    made = TokenHead(steps, num_tokens, dice, output, **(SETTINGS | settings))
    initialise(made, torch.Generator().manual_seed(0), "default")
    return made


def randn(*shape: int, seed: int = 1) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def test_every_die_shows_gumbel_numbers():
    thrown = head().throw(randn(4000, 20))
    for t, v in ((0, 0), (1, 5), (3, 2)):
        assert stats.kstest(thrown[:, t, v].numpy(), stats.gumbel_r.cdf).pvalue > 1e-3


def test_dice_are_the_less_correlated_the_more_numbers_throw_them():
    spreads = []
    for dice in (4, 16, 64):
        rows = head(dice=dice).rows.flatten(0, 1)  # their products are the correlations of the normal numbers
        assert_close(rows.norm(dim=1), torch.ones(len(rows)))
        others = (rows @ rows.T)[~torch.eye(len(rows), dtype=torch.bool)]
        spreads.append(others.square().mean().sqrt().item())
    for dice, spread in zip((4, 16, 64), spreads, strict=True):
        assert abs(spread * math.sqrt(dice) - 1) < 0.15


def test_gumbel_numbers_are_finite_far_out_and_have_gradients():
    far = torch.tensor([-40.0, -8.0, 0.0, 8.0, 40.0], requires_grad=True)
    made = gumbel(far)
    made.sum().backward()
    assert made.isfinite().all() and (made.diff() >= 0).all() and far.grad.isfinite().all()
    assert_close(made[2].item(), -math.log(math.log(2)))


def test_tokens_are_drawn_with_the_probabilities_that_the_logits_say():
    logits = torch.tensor([0.0, 1.0, 2.0, -1.0, 0.5, 0.0])
    made = head(dice=64)(logits.expand(6000, 4, 6), randn(6000, 64))
    assert_close(made.mean((0, 1)), logits.softmax(0), atol=0.02, rtol=0)


def test_the_choice_is_hard_and_its_gradient_that_of_the_softmax():
    layer, latent, upstream = head(), randn(3, 16), randn(3, 4, 6, seed=2)
    grow(layer, 500)
    logits = randn(3, 4, 6, seed=3).requires_grad_()
    made = layer(logits, latent)
    assert ((made == 0) | (made == 1)).all() and (made.sum(2) == 1).all()
    soft = ((logits + layer.throw(latent)) / layer.temperature()).softmax(2)
    assert_close(made.argmax(2), soft.argmax(2))
    gradients = [torch.autograd.grad((sample * upstream).sum(), logits)[0] for sample in (made, soft)]
    assert_close(*gradients)


def test_the_temperature_falls_by_one_factor_for_every_sample_and_stays_at_its_end():
    layer, found = head(), []
    for seen in (0, 500, 1000, 10**6):
        grow(layer, seen)
        found.append(layer.temperature())
    assert found == pytest.approx([1.0, math.sqrt(0.3), 0.3, 0.3])
    assert head(anneal=0).temperature() == pytest.approx(0.3)


def test_the_temperature_is_in_the_checkpoint():
    trained, other = head(), head()
    grow(trained, 700)
    other.load_state_dict(trained.state_dict())
    assert other.temperature() == pytest.approx(trained.temperature())


def test_a_soft_output_is_the_softmax_and_has_no_dice():
    layer, logits = head(output="soft", start=0.5, end=0.5), randn(2, 4, 6)
    assert_close(layer(logits, randn(2, 16)), (logits / 0.5).softmax(2))
    assert "rows" not in layer.state_dict()


def test_neighbours_in_latent_space_mostly_share_their_tokens():
    layer, logits = head(steps=16, num_tokens=10), torch.zeros(200, 16, 10)
    first, other = randn(200, 16), randn(200, 16, seed=5)
    same = [
        (layer(logits, first).argmax(2) == layer(logits, first.lerp(other, share)).argmax(2)).float().mean().item()
        for share in (0.02, 0.2, 1.0)
    ]
    assert same[0] > 0.9 and same[0] > same[1] > same[2]


def test_the_log_likelihood_of_tokens_is_that_of_their_logits():
    logits, tokens = randn(2, 3, 5), torch.tensor([[0, 4, 2], [1, 1, 3]])
    expected = torch.stack([logits[n, t].log_softmax(0)[tokens[n, t]] for n in range(2) for t in range(3)]).reshape(2, 3)
    assert_close(token_log_likelihood(logits, torch.eye(5)[tokens]), expected)
