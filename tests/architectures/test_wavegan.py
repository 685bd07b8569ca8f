"""WaveGAN: every discriminator can judge, be differentiated twice and be trained against; the shape table says what runs."""

import pytest
import torch
from torch.testing import assert_close

from playground.architectures.wavegan import SIGHTS
from playground.datasets import drums
from playground.evaluation.gauges import GAUGES
from playground.experiment import Experiment
from playground.inspection import feature_maps, fields, formula, module_maps, shape_table
from playground.inspection.fields import Field
from playground.layers import give_source
from playground.layers.tracing import leaves
from playground.model import Model, build
from playground.penalties import gradient_penalty, r1_and_r2
from playground.samples import Samples
from playground.training import train

every_discriminator = pytest.mark.parametrize("sees", SIGHTS)


def described(sees: str = "spectrogram", length: int = 1024, **settings) -> Experiment:
    small = {"generator.width": 4, "discriminator.width": 4, "data.length": length, "data.count": 200}
    flat = {"architecture": "wavegan", "dataset": "drums", "discriminator.sees": sees}
    return Experiment.from_settings(flat | small | settings)


def hits(count: int = 6, length: int = 1024) -> torch.Tensor:
    return drums.load(drums.Config(count=100, length=length), None).values[:count]


@every_discriminator
@pytest.mark.parametrize("length", drums.LENGTHS)
def test_sounds_of_every_length_are_made_and_judged(sees, length):
    model = Model.untrained(described(sees, length))
    sounds = model.generate(model.latents(3, 0))
    assert sounds.shape == (3, 1, length) and sounds.abs().max() <= 1 and sounds.std() > 0
    assert model.discriminator(sounds).shape == (3,)


@every_discriminator
def test_every_parameter_gets_a_gradient_and_the_slope_of_d_can_be_differentiated_again(sees):
    generator, discriminator = build(described(sees))
    give_source(discriminator, torch.Generator().manual_seed(0))
    fake, real = generator(torch.randn(6, 32, generator=torch.Generator().manual_seed(1))), hits()
    discriminator(fake).square().sum().backward()
    for network in (generator, discriminator):
        for name, weight in network.named_parameters():
            # what a bias before batch normalisation adds, that takes away again
            assert weight.grad.abs().max() > 0 or name == "stages.project.0.bias", name
    for penalty in (r1_and_r2, gradient_penalty):
        discriminator.zero_grad(set_to_none=True)
        pairs = (real, None), (fake.detach(), None)
        penalty(lambda sounds, label: discriminator(sounds), *pairs, torch.Generator()).mean().backward()
        reached = [weight.grad for weight in discriminator.parameters() if weight.grad is not None]
        assert all(gradient.isfinite().all() for gradient in reached)
        assert sum(gradient.abs().max() > 0 for gradient in reached) >= len(reached) / 3


@every_discriminator
def test_the_shape_table_equals_what_hooks_see(sees):
    model, seen = Model.untrained(described(sees)), []

    def note(module, args, output):
        seen.append((type(module).__name__, tuple(args[0].shape[1:]), tuple(output.shape[1:])))

    for network in (model.generator, model.discriminator):
        for module in leaves(network):
            module.register_forward_hook(note)
    model.discriminator(model.generate(model.latents(2, 0)))
    table = shape_table(model.experiment)
    rows = (*table.generator, *table.discriminator)
    assert [(row.type, row.input_shape, row.output_shape) for row in rows] == seen
    for network, own in ((model.generator, table.generator), (model.discriminator, table.discriminator)):
        assert sum(row.parameters for row in own) == sum(weight.numel() for weight in network.parameters())
        assert all(row.macs > 0 for row in own if row.parameters and "Norm" not in row.type)


def test_the_size_formula_of_a_stage_is_written_along_time():
    table = shape_table(described(length=2048, **{"generator.width": 16}))
    row = next(row for row in table.generator if row.type == "ConvTranspose2d")
    assert row.input_shape == (128, 1, 8) and formula(row) == "(8 − 1)·4 − 2·11 + 25 + 1 = 32"


def test_the_cost_of_a_stage_counts_every_product():
    table = shape_table(described())
    row = next(row for row in table.generator if row.type == "ConvTranspose2d")  # each value of 4 · 32 channels stamps 25
    assert row.macs == 32 * 16 * 25 * 4


def test_one_value_of_a_hidden_map_reaches_as_far_as_the_kernels_stamp():
    found = fields(Model.untrained(described("waveform")))
    assert found["generator", "up3", "2"] == Field(1, 25, False)
    assert found["generator", "up2", "2"] == Field(1, 25 + 4 * 24, False)
    assert found["discriminator", "down1", "1"] == Field(1, 25, False)
    assert found["discriminator", "score", "0"].whole


def test_a_frame_of_the_spectrogram_sees_its_window_and_the_recurrent_d_what_it_has_read():
    assert fields(Model.untrained(described()))["discriminator", "spectrum", "0"] == Field(1, 256, False)
    found = fields(Model.untrained(described("frames")))
    assert found["discriminator", "frames", "1"] == Field(1, 64, False)
    assert found["discriminator", "frames", "3"].whole


def test_maps_of_one_row_are_drawn_as_curves_and_steps_as_one_map():
    model = Model.untrained(described("frames"))
    stages = {(one.network, one.stage): one for one in feature_maps(model, model.latents(1, 0)[0])}
    curve = stages["generator", "up1"].pictures()
    assert curve.shape[1:] == (48, 48, 1) and set(curve.ravel()) == {0, 255}
    sound = stages["generator", "sound"]
    assert sound.shape == (1, 1024) and sound.values.shape == (1, 1, 1024)
    assert stages["discriminator", "frames"].values.shape == (1, 16, 32)  # steps × units
    forms = {one.key: one.form for one in module_maps(model, model.latents(1, 0)[0])}
    assert forms["generator", "up1", "0"] == "maps" and forms["discriminator", "frames", "3"] == "rows"


@every_discriminator
def test_a_few_steps_stay_finite_in_either_format(sees):
    for precision in ("float32", "bfloat16"):
        *_, last = train(described(sees, **{"recipe.batch_size": 4, "engine.precision": precision}), steps=3, device="cpu")
        assert last.step == 3 and Model.from_state(described(sees), last.state).generate(torch.zeros(1, 32)).isfinite().all()


def test_one_seed_gives_one_sound_on_its_own_and_among_others():
    model = Model.untrained(described())
    together = model.generate(model.latents(4, 5))
    assert_close(together[:1], model.generate(model.latents(4, 5)[:1]), rtol=1e-4, atol=1e-5)


def test_training_brings_sounds_nearer_to_real_ones():
    experiment = described(**{"generator.width": 8, "data.count": 600, "recipe.batch_size": 16})
    samples: Samples = drums.load(experiment.data, None)
    gauge = GAUGES["audio"]
    reference = gauge.embed(samples.values, "drums")

    def apart(model: Model) -> float:
        return gauge.distance(reference, gauge.embed(model.generate(model.latents(300, 1)), "drums"), 0)

    before = apart(Model.untrained(experiment))
    *_, last = train(experiment, samples=samples, steps=150, device="cpu", every=1000, measure=None)
    assert apart(Model.from_state(experiment, last.state)) < 0.8 * before
