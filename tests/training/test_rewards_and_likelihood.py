"""Generators of tokens that learn by rewards (REINFORCE) or by likelihood, in the one game that all play."""

import math

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from playground.architectures import ARCHITECTURES
from playground.architectures._sequence import Generator
from playground.experiment import Experiment
from playground.layers.tracing import stages
from playground.training import train
from playground.training.game import Game
from playground.training.loop import open_game
from playground.training.objectives import reinforced, rewards_to_go, thoughts_of
from playground.training.substeps import slow_step

SERIES_MAKERS = [name for name, entry in ARCHITECTURES.items() if entry.generator is Generator]
FAST = {"recipe__learning_rate_generator": 1e-2}
TINY = {"generator.width": 16, "discriminator.width": 16, "recipe.batch_size": 8, "seed": 3}


def small(architecture: str = "seqgan", dataset: str = "", **settings) -> Experiment:
    dataset = dataset or ("sentences" if "tokens" in ARCHITECTURES[architecture].kinds else "sines")
    given = {key.replace("__", "."): value for key, value in settings.items()}
    return Experiment.from_settings({"architecture": architecture, "dataset": dataset} | TINY | given)


def game_of(experiment: Experiment) -> Game:
    return open_game(experiment, None, None, "cpu", "both")


def test_a_step_earns_the_mean_of_its_own_judgement_and_all_later_ones():
    thoughts = torch.tensor([[-1.0, 0.5, 2.0]])
    worth = thoughts.sigmoid()[0]
    assert_close(rewards_to_go(thoughts)[0], torch.stack([worth.mean(), worth[1:].mean(), worth[2]]))


def test_the_gradient_of_rewards_is_that_of_the_expected_reward():
    """Over all tokens, each as often as it is drawn: ∇E[R] = E[(R − b)·∇log p], whatever the baseline b."""
    logits = torch.tensor([0.3, -0.5, 1.0], dtype=torch.float64, requires_grad=True)
    worth = torch.tensor([0.2, 0.9, 0.4], dtype=torch.float64)
    chances = logits.softmax(0)
    (expected,) = torch.autograd.grad((chances * worth).sum(), logits)
    for baseline in (0.0, 0.5):
        each = torch.stack([reinforced(logits.log_softmax(0)[n].view(1, 1), worth[n].view(1, 1), torch.tensor(baseline))
                            for n in range(3)])  # fmt: skip
        (found,) = torch.autograd.grad((chances.detach() * each).sum(), logits)
        assert_close(-found, expected)


class Plain(torch.nn.Module):
    """A discriminator without a stage `steps`."""

    def forward(self, sample: torch.Tensor, label: torch.Tensor | None) -> torch.Tensor:
        return sample[:, 0, 1]


def test_what_d_thinks_at_every_step_is_found_and_where_it_says_nothing_the_score_stands_for_all():
    game = game_of(small())
    real, _ = game.batches.take(0, 8)
    logits, thoughts = thoughts_of(game.state.discriminator, real, None)
    assert thoughts.shape == (8, 8)
    assert_close(logits, thoughts.mean(1) + thoughts[:, -1])
    assert not stages(game.state.discriminator)["steps"]._forward_hooks
    logits, thoughts = thoughts_of(Plain(), real, None)
    assert_close(thoughts, logits.unsqueeze(1))


def test_rewards_are_compared_with_their_moving_average_which_is_resumed():
    game = game_of(small())
    game.step()
    first = game.state.baseline.item()
    assert 0 < first < 1
    game.step()
    state = game.state.export()
    other = game_of(small())
    other.state.restore(state)
    assert_close(other.state.baseline, game.state.baseline)
    assert game.state.baseline.item() != first


@pytest.mark.parametrize("learn", ["reinforce", "likelihood"])
def test_nothing_reaches_g_through_d(learn):
    game = game_of(small(recipe__learn=learn))
    fake, label = game._fake()
    fake.retain_grad()
    game._discriminator_step(fake.detach(), label)
    game._generator_step(fake, label)
    assert fake.grad is None
    assert all(weight.grad is not None for weight in game.state.generator.parameters())
    assert all(weight.requires_grad for weight in game.state.discriminator.parameters())


def test_the_loss_of_likelihood_is_nats_a_token_of_the_undisturbed_batch_and_falls():
    experiment = small("text-likelihood", recipe__instance_noise=0.5, recipe__batch_size=32, **FAST)
    game = game_of(experiment)
    told = {}
    game.watch = lambda name, **values: told.update({name: values})
    with torch.no_grad():
        before = {key: value.clone() for key, value in game.state.generator.state_dict().items()}
    game.step()
    real, _ = game.batches.take(0, 32)
    game.state.generator.load_state_dict(before)
    with torch.no_grad():
        expected = -game.state.generator.log_likelihood(game.latents, real).mean()
    assert_close(told["gradient_generator"]["loss"], expected)
    assert expected.item() == pytest.approx(math.log(real.shape[2]), rel=0.2)  # it knows nothing yet
    *_, last = train(experiment, steps=60, device="cpu", every=100, measure=None)
    assert last.loss_generator < expected.item() - 0.5


def test_only_g_in_turn_learns_by_likelihood_too():
    *_, last = train(small("text-likelihood"), steps=2, turn="generator", device="cpu", every=100, measure=None)
    assert last.step == 2 and np.isfinite(last.loss_generator)


def test_rewards_make_rewarded_tokens_likelier():
    game = game_of(small(recipe__batch_size=64, **FAST))
    stage = stages(game.state.discriminator)["steps"]
    stage.register_forward_hook(lambda module, args, output: output * 0 + liked(game).unsqueeze(2))
    share = []
    for _ in range(40):
        fake, label = game._fake()
        game.fake = fake
        game._generator_step(fake, label)
        share.append(fake[:, :, 5].mean().item())
    assert sum(share[-5:]) > 3 * sum(share[:5])


def liked(game: Game) -> torch.Tensor:
    """A judge that likes one token: +3 where it stands, −3 elsewhere."""
    return 6 * game.fake.detach()[:, :, 5] - 3


@pytest.mark.parametrize("name", SERIES_MAKERS)
@pytest.mark.parametrize("turn", ["both", "generator"])
def test_slow_motion_ends_where_training_does(name, turn):
    experiment = small(name)
    *_, half = train(experiment, steps=1, device="cpu", every=100, measure=None)
    *_, last = train(experiment, steps=1, turn=turn, resume=half.state, device="cpu", every=100, measure=None)
    slow = slow_step(experiment, None, half.state, turn, "cpu")
    assert not slow.message and all(np.isfinite(value) for value in slow.substeps[-1].numbers.values())
    for key in last.state.keys() - {"seconds"}:
        np.testing.assert_array_equal(last.state[key], slow.state[key], err_msg=key)


@pytest.mark.parametrize("name", SERIES_MAKERS)
def test_a_run_goes_on_bit_for_bit(name):
    experiment = small(name, recipe__penalty="r1", discriminator__curriculum=5, generator__truncate=3)
    *_, whole = train(experiment, steps=4, device="cpu", every=100, measure=None)
    *_, half = train(experiment, steps=2, device="cpu", every=100, measure=None)
    *_, rest = train(experiment, steps=2, resume=half.state, device="cpu", every=100, measure=None)
    for key in whole.state.keys() - {"seconds"}:
        np.testing.assert_array_equal(whole.state[key], rest.state[key], err_msg=key)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"architecture": "dcgan", "recipe.learn": "reinforce"}, "dcgan cannot learn by reinforce, only text-gan, .* can"),
        ({"architecture": "rgan", "dataset": "sines", "recipe.learn": "likelihood"}, "rgan cannot learn by likelihood"),
        ({"architecture": "tts-gan", "dataset": "sines", "recipe.learn": "likelihood"}, "needs samples made of tokens"),
        ({"architecture": "text-gan", "dataset": "sentences", "recipe.augment": "shift"}, "changes images, not .* 'tokens'"),
        ({"architecture": "text-gan", "dataset": "sentences", "recipe.learn": "luck"}, "learn 'luck' is not one of: gradient"),
    ],
)
def test_what_cannot_be_is_refused_by_name(settings, words):
    with pytest.raises(ValueError, match=words):
        Experiment.from_settings(settings)
