"""The networks for series: every backbone on either side, what z decides, what a sample is worth to the generator."""

import itertools
import math

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from playground.architectures import ARCHITECTURES
from playground.architectures._sequence import DIRECTIONS, NUMBER_KINDS, TOKEN_KINDS, Discriminator, Generator, short_start
from playground.layers import BACKBONES, CELLS, OUTPUTS, grow, initialise, trace
from playground.layers.tracing import stages
from playground.losses import LOSSES
from playground.model import draw_latents
from playground.penalties import r1
from playground.samples import SampleSpec

SERIES_MAKERS = [name for name, entry in ARCHITECTURES.items() if entry.generator is Generator]
WORDS, WAVES = SampleSpec("tokens", (6, 5), vocabulary=tuple("abcde")), SampleSpec("series", (9, 2))
SPECS = [WORDS, WAVES, SampleSpec("melody", (16, 3), vocabulary=tuple("abc")), SampleSpec("chirp", (32, 2))]
TINY = {"width": 8, "latent_dim": 8}
every_backbone = pytest.mark.parametrize("backbone", BACKBONES)
either = pytest.mark.parametrize("spec", [WORDS, WAVES], ids=lambda spec: spec.kind)


def started(network: nn.Module) -> nn.Module:
    initialise(network, torch.Generator().manual_seed(0), "xavier")
    return network


def writer(backbone: str, spec: SampleSpec = WORDS, **settings) -> Generator:
    return started(Generator(Generator.Config(backbone=backbone, **(TINY | settings)), spec))


def reader(backbone: str, spec: SampleSpec = WORDS, **settings) -> Discriminator:
    return started(Discriminator(Discriminator.Config(backbone=backbone, width=8, **settings), spec))


def fair(loss: str) -> bool:
    """Say whether a loss changes for sure with the last bias: others look at differences, or have margins that cancel."""
    return loss in ("non-saturating", "minimax")


@pytest.mark.parametrize("steps", range(1, 80))
def test_doubling_a_short_series_reaches_any_length(steps):
    short, doublings = short_start(steps)
    assert 1 <= short <= 4 and doublings >= 1
    assert short * 2**doublings >= steps


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.kind)
@every_backbone
def test_samples_have_the_data_s_shape_and_every_step_is_judged(backbone, spec):
    generator, discriminator = writer(backbone, spec), reader(backbone, spec)
    seen = []
    stages(discriminator)["steps"].register_forward_hook(lambda module, args, output: seen.append(output))
    sample = generator(draw_latents(3, 8, 0))
    assert sample.shape == (3, *spec.shape) and sample.min() >= -1 and sample.max() <= 1
    logits = discriminator(sample)
    assert logits.shape == (3,) and seen[0].shape == (3, spec.shape[0], 1)
    thoughts, twice = seen[0].squeeze(2), backbone in CELLS  # the last judgement of a one-way reader counts again
    assert_close(logits, thoughts.mean(1) + (thoughts[:, -1] if twice else 0))


@pytest.mark.parametrize("steps", [8, 30, 33, 64])
@every_backbone
def test_any_length_is_traced_on_the_meta_device_and_all_weights_are_counted(backbone, steps):
    spec = SampleSpec("series", (steps, 3))
    for direction in DIRECTIONS:
        with torch.device("meta"):
            generator = Generator(Generator.Config(backbone=backbone, num_layers=2), spec)
            discriminator = Discriminator(Discriminator.Config(backbone=backbone, direction=direction, curriculum=9), spec)
        made = trace(generator, torch.empty(2, 32, device="meta"))
        judged = trace(discriminator, torch.empty(2, *spec.shape, device="meta"))
        assert made[-1].output_shape == spec.shape and judged[-1].output_shape == ()
        for network, rows in ((generator, made), (discriminator, judged)):
            assert sum(row.parameters for row in rows) == sum(parameter.numel() for parameter in network.parameters())
            assert sum(row.macs for row in rows) > 0


@pytest.mark.parametrize(("writes", "reads"), itertools.product(BACKBONES, BACKBONES))
def test_every_pair_takes_a_step_with_every_loss_and_every_weight_gets_a_gradient(writes, reads):
    for spec, output in ((WORDS, "straight-through"), (WORDS, "soft"), (WAVES, "straight-through")):
        generator, discriminator = writer(writes, spec, output=output, num_layers=2), reader(reads, spec)
        latent, networks = draw_latents(4, 8, 1), (generator, discriminator)
        real = generator(draw_latents(4, 8, 2)).detach()
        for name, loss in LOSSES.items():
            for network in networks:
                network.zero_grad()
            fake = generator(latent)
            on_real, on_fake = discriminator(real), discriminator(fake.detach())
            loss.discriminator(on_real, on_fake, 0.0).backward()
            loss.generator(on_real.detach(), discriminator(fake)).backward(inputs=list(generator.parameters()))
            for path, weight in itertools.chain(*(network.named_parameters() for network in networks)):
                assert weight.grad.isfinite().all(), (name, path)
                assert weight.grad.abs().max() > 0 or not fair(name), (name, path)


@either
@pytest.mark.parametrize("direction", DIRECTIONS)
@every_backbone
def test_the_slope_of_every_discriminator_can_be_differentiated_again(backbone, direction, spec):
    discriminator = reader(backbone, spec, direction=direction).double()
    series = torch.rand(2, *spec.shape, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    weights = [weight for weight in discriminator.parameters() if weight.ndim > 1]

    def penalty() -> torch.Tensor:
        return r1(lambda samples, label: discriminator(samples), (series, None), (series, None), torch.Generator()).mean()

    penalty().backward()
    for weight in weights:  # against the difference quotient along the gradient's own direction
        assert weight.grad.isfinite().all()
        direction_of_it, length = weight.grad / weight.grad.norm().clamp(min=1e-30), 1e-6
        with torch.no_grad():
            weight.add_(length * direction_of_it)
        more = penalty().item()
        with torch.no_grad():
            weight.sub_(2 * length * direction_of_it)
        less = penalty().item()
        with torch.no_grad():
            weight.add_(length * direction_of_it)
        assert (more - less) / (2 * length) == pytest.approx(weight.grad.norm().item(), rel=1e-4, abs=1e-8)


@either
@every_backbone
def test_z_alone_decides_in_training_and_after_it_and_nothing_depends_on_batch_mates(backbone, spec):
    generator, discriminator = writer(backbone, spec), reader(backbone, spec)
    latent = draw_latents(5, 8, 3)
    with torch.no_grad():
        trained = generator(latent)
        generator.eval(), discriminator.eval()
        together = generator(latent)
        assert_close(trained, together, rtol=0, atol=0)
        assert_close(torch.cat([generator(latent[n : n + 1]) for n in range(5)]), together, rtol=1e-4, atol=1e-5)
        alone = torch.cat([discriminator(together[n : n + 1]) for n in range(5)])
        assert_close(discriminator(together), alone, rtol=1e-4, atol=1e-5)


@every_backbone
def test_numbers_walk_smoothly_through_latent_space(backbone):
    generator, latent = writer(backbone, WAVES), draw_latents(2, 8, 4)
    with torch.no_grad():
        path = generator(torch.stack([torch.lerp(*latent, share) for share in torch.linspace(0, 1, 101)]))
    steps = path.diff(dim=0).flatten(1).norm(dim=1)
    assert steps.max() < 10 * steps.mean() and steps.sum() > 0


@every_backbone
def test_log_likelihood_is_that_of_a_slow_loop_over_places(backbone):
    generator, latent = writer(backbone), draw_latents(3, 8, 5)
    tokens = torch.randint(5, (3, 6), generator=torch.Generator().manual_seed(6))
    found = generator.log_likelihood(latent, torch.eye(5)[tokens])
    assert found.shape == (3, 6) and (found < 0).all()
    head = stages(generator)["sample"][1]
    seen: list[torch.Tensor] = []
    for n, place in itertools.product(range(3), range(6)):  # force the tokens before by dice, look at the logits
        thrown = torch.zeros(1, 6, 5)
        thrown[0, range(6), tokens[n]] = 1e4
        head.throw = lambda latent, thrown=thrown: thrown
        kept: list[torch.Tensor] = []
        handle = stages(generator)["sample"][0].register_forward_hook(lambda *args, kept=kept: kept.append(args[2]))
        generator(latent[n : n + 1])
        handle.remove()
        seen.append(kept[0][0, place].log_softmax(0)[tokens[n, place]])
    assert_close(found, torch.stack(seen).reshape(3, 6))


@every_backbone
def test_all_sequences_together_have_probability_one(backbone):
    spec = SampleSpec("tokens", (3, 4), vocabulary=tuple("abcd"))
    generator = writer(backbone, spec)
    every = torch.eye(4)[torch.tensor(list(itertools.product(range(4), repeat=3)))]  # (64, 3, 4)
    latent = draw_latents(1, 8, 7).expand(64, -1)
    assert generator.log_likelihood(latent, every).sum(1).exp().sum().item() == pytest.approx(1, abs=1e-5)


def test_numbers_have_no_likelihood():
    generator = writer("gru", WAVES)
    with pytest.raises(ValueError, match="only series of tokens have a likelihood"):
        generator.log_likelihood(draw_latents(2, 8, 0), torch.zeros(2, *WAVES.shape))


@every_backbone
def test_sampled_tokens_are_as_often_what_their_likelihood_says(backbone):
    spec = SampleSpec("tokens", (1, 4), vocabulary=tuple("abcd"))
    generator = writer(backbone, spec, latent_dim=64)
    latent = draw_latents(4000, 64, 8)
    latent[:, :32] = latent[:1, :32]  # one content, many throws of the dice
    with torch.no_grad():
        shares = generator(latent).mean((0, 1))
        expected = generator.log_likelihood(latent[:4], torch.eye(4)[:, None]).exp().flatten()
    assert_close(shares, expected, atol=0.04, rtol=0)


def test_what_throws_the_dice_does_not_enter_the_network_and_soft_outputs_have_no_dice():
    for backbone, output in itertools.product(BACKBONES, OUTPUTS):
        generator, latent = writer(backbone, output=output, dice=0.25), draw_latents(2, 8, 9)
        other = latent.clone()
        other[:, 6:] += 3
        sample = torch.eye(5)[torch.zeros(2, 6, dtype=torch.long)]
        likely = generator.log_likelihood(latent, sample)
        assert torch.equal(likely, generator.log_likelihood(other, sample)) == (output == "straight-through")


@pytest.mark.parametrize("backbone", CELLS)
def test_a_curriculum_hides_the_end_and_later_shows_it(backbone):
    discriminator = reader(backbone, curriculum=100)
    series = torch.rand(2, *WORDS.shape, generator=torch.Generator().manual_seed(2)).requires_grad_()
    for seen, shown in ((0, 1), (250, 3), (10_000, 6)):
        grow(discriminator, seen)
        (gradient,) = torch.autograd.grad(discriminator(series).sum(), series)
        assert (gradient.abs().amax((0, 2)) > 0).tolist() == [step < shown for step in range(6)]


@pytest.mark.parametrize("name", SERIES_MAKERS)
def test_every_architecture_says_what_it_is_for(name):
    entry = ARCHITECTURES[name]
    assert set(entry.kinds) <= {*TOKEN_KINDS, *NUMBER_KINDS}
    assert entry.likelihood == bool(set(entry.kinds) & set(TOKEN_KINDS))
    assert entry.recipe.learn == "gradient" or entry.likelihood
    assert math.isclose(entry.recipe.learning_rate_generator, 1e-3)
