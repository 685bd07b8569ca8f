"""The fast way of a step, and the plain way as a textbook writes it, come to the same; and no step waits for the device."""

import pytest
import torch
from small_models import data_for, little_data, narrow
from torch.overrides import TorchFunctionMode
from torch.testing import assert_close

from playground.architectures import ARCHITECTURES
from playground.experiment import Experiment
from playground.losses import LOSSES
from playground.model import build
from playground.penalties import PENALTIES
from playground.samples import Samples, to_unit
from playground.training.batches import EPOCH_STREAM
from playground.training.game import Game
from playground.training.state import NOISE_STREAM, TrainingState

STEPS, CPU = 5, torch.device("cpu")
WAITING = {"item", "cpu", "tolist", "numpy", "__bool__", "__float__", "__int__", "__index__", "nonzero", "equal"}


def described(name: str, **settings) -> Experiment:
    flat = {"architecture": name} | data_for(name) | narrow(name)
    flat |= {"recipe.batch_size": 6, "seed": 3, "engine.precision": "float32"}
    return Experiment.from_settings(flat | {key.replace("__", "."): value for key, value in settings.items()})


def samples_of(experiment: Experiment) -> Samples:
    return little_data(experiment, 40)


def plain(experiment: Experiment) -> tuple[torch.nn.Module, torch.nn.Module]:
    """Train as a textbook would: contiguous tensors, real and fake apart, an update a parameter, no average."""
    recipe, loss, penalty = experiment.recipe, LOSSES[experiment.recipe.loss], PENALTIES[experiment.recipe.penalty]
    generator, discriminator = build(experiment)
    settings = {"betas": (recipe.beta1, recipe.beta2), "foreach": False, "fused": False}
    update_g = torch.optim.Adam(generator.parameters(), recipe.learning_rate_generator, **settings)
    update_d = torch.optim.Adam(discriminator.parameters(), recipe.learning_rate_discriminator, **settings)
    noise = torch.Generator().manual_seed(experiment.seed * 4 + NOISE_STREAM)
    order = torch.randperm(40, generator=torch.Generator().manual_seed(experiment.seed * EPOCH_STREAM))
    images, size, seen = to_unit(samples_of(experiment).values), recipe.batch_size, 0
    for _ in range(STEPS):
        for last in [False] * (recipe.discriminator_steps - 1) + [True]:
            fake = generator(torch.randn(size, experiment.generator.latent_dim, generator=noise))
            real, seen = images[order[seen : seen + size]], seen + size
            u = {name: value.clone() for name, value in discriminator.named_buffers() if name.endswith("u")}
            score_real = discriminator(real)
            for name, value in u.items():  # one step of the power iteration for both passes
                discriminator.get_buffer(name).copy_(value)
            score_fake = discriminator(fake.detach())
            total = loss.discriminator(score_real, score_fake, 0.0)
            if recipe.penalty != "none":
                found = penalty.function(discriminator, (real, None), (fake.detach(), None), noise)
                total = total + recipe.penalty_weight * found.mean()
            update_d.zero_grad()
            total.backward()
            update_d.step()
            if last:
                update_g.zero_grad()
                loss.generator(None, discriminator(fake)).backward()
                update_g.step()
    return generator, discriminator


def fast(experiment: Experiment, steps: int = STEPS) -> Game:
    game = Game(experiment, TrainingState(experiment, CPU), samples_of(experiment), CPU)
    for _ in range(steps):
        game.step()
    return game


@pytest.mark.parametrize("memory_format", ["channels-last", "contiguous"])
@pytest.mark.parametrize("name", ["mlp", "dcgan", "sn-dcgan", "wgan-gp"])
def test_the_fast_way_and_the_plain_way_come_to_the_same(name, memory_format):
    # With hinge and Wasserstein losses the gradient of D's last bias is nothing but rounding (what real samples add, fake ones
    # take away), and Adam makes a whole step of it: SN-DCGAN takes another loss here, and a critic's bias changes nothing.
    loss = "non-saturating" if name == "sn-dcgan" else ARCHITECTURES[name].recipe.loss
    experiment = described(name, engine__memory_format=memory_format, recipe__discriminator_steps=1, recipe__loss=loss)
    state = fast(experiment).state
    for quick, slow in zip((state.generator, state.discriminator), plain(experiment), strict=True):
        found, wanted = quick.state_dict(), slow.state_dict()
        assert found.keys() == wanted.keys()
        for key in found.keys() - ({"stages.score.1.bias"} if loss == "wasserstein" else set()):
            assert_close(found[key], wanted[key], rtol=2e-3, atol=2e-4, msg=lambda text, key=key: f"{key}: {text}")


class _NoWaiting(TorchFunctionMode):
    """Refuse whatever reads a number out of a tensor: on a GPU it would wait until all work before it is done."""

    def __torch_function__(self, function, types, arguments=(), keywords=None):
        name = getattr(function, "__name__", "")
        assert name not in WAITING, f"a step calls {name}"
        return function(*arguments, **(keywords or {}))


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_no_step_waits_for_the_device(name):
    disturbed = {"recipe__augment": "shift+cutout+colour", "recipe__augment_target": 0.6} if narrow(name) else {}
    experiment = described(name, recipe__clip_gradients=1.0, **disturbed)
    game = fast(experiment, steps=1)
    with _NoWaiting():
        game.step()
    assert game.state.step == 2


def test_the_check_for_waiting_sees_a_number_being_read():
    with pytest.raises(AssertionError, match="a step calls item"), _NoWaiting():
        torch.ones(1).item()
