"""What the recipe can ask for: each part does in the loop what it says, and a run with it resumes bit for bit."""

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from playground.experiment import Experiment
from playground.losses import LOSSES
from playground.penalties import PENALTIES
from playground.recipe import OPTIMISERS
from playground.samples import Samples
from playground.training import train
from playground.training.game import Game
from playground.training.state import TrainingState

SETTINGS = (
    *({"recipe.loss": name} for name in LOSSES),
    *({"recipe.penalty": name, "recipe.penalty_every": 2} for name in PENALTIES),
    *({"recipe.optimiser": name} for name in OPTIMISERS),
    {"recipe.optimiser": "adamw", "recipe.weight_decay": 0.1},
    {"recipe.optimiser": "sgd", "recipe.beta1": 0.0},
    {"recipe.augment": "shift+cutout+colour", "recipe.augment_target": 0.6},
    {"recipe.instance_noise": 0.3, "recipe.instance_noise_images": 20},
    {"recipe.top_k": 0.5, "recipe.loss": "relativistic-pairing"},
    {"recipe.clip_gradients": 0.1, "recipe.clip_weights": 0.05, "recipe.discriminator_steps": 3},
    {"recipe.loss": "non-saturating", "recipe.label_smoothing": 0.1},
)


def small(**settings) -> Experiment:
    """Describe a run of small networks without batch normalisation, in float32."""
    flat = {"architecture": "dragan", "dataset": "digits", "data.resolution": 16, "recipe.batch_size": 6, "seed": 3}
    flat |= {"generator.width": 4, "discriminator.width": 4, "recipe.penalty": "none", "engine.precision": "float32"}
    return Experiment.from_settings(flat | {key.replace("__", "."): value for key, value in settings.items()})


def samples_of(experiment: Experiment) -> Samples:
    source = torch.Generator().manual_seed(0)
    values = torch.randint(256, (20, *experiment.spec.shape), dtype=torch.uint8, generator=source)
    return Samples(experiment.spec, values, torch.arange(20) % 10)


def game_of(experiment: Experiment) -> Game:
    device = torch.device("cpu")
    return Game(experiment, TrainingState(experiment, device), samples_of(experiment), device)


def last(experiment: Experiment, **options):
    *_, snapshot = train(experiment, samples=samples_of(experiment), device="cpu", every=100, **options)
    return snapshot


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_a_run_trains_and_resumes_bit_for_bit(settings):
    experiment = small(**settings)
    whole = last(experiment, steps=6)
    rest = last(experiment, steps=3, resume=last(experiment, steps=3).state)
    assert whole.status == "finished" and whole.state.keys() == rest.state.keys()
    for key in whole.state.keys() - {"seconds"}:
        np.testing.assert_array_equal(whole.state[key], rest.state[key], err_msg=key)


def test_weights_stay_within_the_clip():
    game = game_of(small(recipe__clip_weights=0.01, recipe__learning_rate_discriminator=0.1))
    game.step()
    largest = max(parameter.abs().max() for parameter in game.state.discriminator.parameters())
    assert_close(largest, torch.tensor(0.01))
    assert max(parameter.abs().max() for parameter in game.state.generator.parameters()) > 0.01


def test_gradients_are_scaled_down_to_the_clip():
    game = game_of(small(recipe__clip_gradients=1e-3))
    game.step()
    for network in (game.state.generator, game.state.discriminator):
        norm = torch.cat([parameter.grad.flatten() for parameter in network.parameters()]).norm()
        assert norm <= 1e-3 * 1.001


def test_a_lazy_penalty_comes_every_kth_update_and_counts_k_times_as_much():
    def gradients(every: int, updates: int) -> list[torch.Tensor]:
        settings = {"recipe.penalty": "r1", "recipe.penalty_every": every, "recipe.penalty_weight": 5.0 if every else 1.0}
        game = game_of(small(**settings, **{"recipe.learning_rate_discriminator": 0.0}))
        seen = []
        for _ in range(updates):
            game._discriminator_step(torch.zeros(6, 1, 16, 16), None)
            seen.append(torch.cat([parameter.grad.flatten() for parameter in game.state.discriminator.parameters()]))
        return seen

    plain, lazy = gradients(1, 1)[0], gradients(4, 5)
    bare = game_of(small(recipe__learning_rate_discriminator=0.0))
    bare._discriminator_step(torch.zeros(6, 1, 16, 16), None)
    without = torch.cat([parameter.grad.flatten() for parameter in bare.state.discriminator.parameters()])
    assert_close(lazy[0] - without, 4 * (plain - without), rtol=1e-4, atol=1e-6)
    fresh = game_of(small(recipe__learning_rate_discriminator=0.0))
    for number in range(1, 4):  # the data move on from update to update: compare with the same data, no penalty
        fresh.state.samples_seen = 6 * number
        fresh._discriminator_step(torch.zeros(6, 1, 16, 16), None)
        expected = torch.cat([parameter.grad.flatten() for parameter in fresh.state.discriminator.parameters()])
        assert_close(lazy[number], expected)


def test_with_top_k_the_generator_learns_from_the_best_fakes_alone():
    game = game_of(small(recipe__top_k=0.5, recipe__loss="hinge"))
    fake = torch.randn(6, 1, 16, 16, generator=torch.Generator().manual_seed(1), requires_grad=True)
    scores = game.state.discriminator(fake.detach())
    game._generator_step(fake, None)
    reached = fake.grad.flatten(1).abs().amax(1) > 0
    assert reached.tolist() == [bool(score >= scores.topk(3).values.min()) for score in scores]


def test_instance_noise_fades_to_nothing():
    game = game_of(small(recipe__instance_noise=0.5, recipe__instance_noise_images=100))
    still = torch.zeros(64, 1, 16, 16)
    for seen, std in ((0, 0.5), (50, 0.25), (100, 0.0), (500, 0.0)):
        game.state.samples_seen = seen
        assert_close(game._disturbed(still).std(), torch.tensor(std), rtol=0.05, atol=1e-6)


def test_the_discriminator_sees_augmented_fakes_in_both_steps_and_the_sheet_is_left_alone():
    game = game_of(small(recipe__augment="cutout"))
    seen = []
    game.state.discriminator.register_forward_pre_hook(lambda module, args: seen.append(args[0].detach()))
    game.step()
    grey = [(batch == 0).flatten(1).sum(1).min() for batch in seen]
    assert len(seen) == 2 and all(count >= 16 for count in grey)  # a quarter of the square at least


def test_the_adaptive_share_moves_and_is_resumed():
    experiment = small(recipe__augment="shift", recipe__augment_target=0.9)
    state = last(experiment, steps=4).state
    assert 0 <= float(state["augment"]) <= 1 and "augment" in state
    game = game_of(experiment)
    game.state.restore(state | {"augment": np.array(0.25)})
    assert_close(game.state.augment, torch.tensor(0.25))


def test_the_optimiser_may_change_in_a_pause_and_starts_afresh():
    paused = last(small(), steps=3).state
    changed = last(small(recipe__optimiser="rmsprop"), steps=2, resume=paused)
    assert changed.step == 5 and "optimiser_generator.0.square_avg" in changed.state


def test_an_auxiliary_classifier_learns_to_name_the_classes():
    flat = {"architecture": "acgan", "dataset": "digits", "data.resolution": 16, "recipe.batch_size": 32, "seed": 1}
    experiment = Experiment.from_settings(flat | {"engine.precision": "float32"})
    values = torch.zeros(100, 1, 16, 16, dtype=torch.uint8)
    labels = torch.arange(100) % 10
    for number, label in enumerate(labels):
        values[number, 0, label] = 255  # a bright row for each class
    samples = Samples(experiment.spec, values, labels)
    *_, snapshot = train(experiment, samples=samples, steps=60, device="cpu", every=100)
    game = Game(experiment, TrainingState(experiment, torch.device("cpu")), samples, torch.device("cpu"))
    game.state.restore(snapshot.state)
    with torch.no_grad():
        real, label = game.batches.take(0, 100)
        _, named = game._judge(real, label)
    assert (named.argmax(1) == label).float().mean() > 0.9
