"""MoCoGAN: one part of z is what is seen, the other how it moves; and films can be learnt from."""

import pytest
import torch
from small_models import model_of
from torch import nn
from torch.testing import assert_close

from playground.datasets import DATASETS, data_root
from playground.evaluation.gauges import GAUGES
from playground.experiment import Experiment
from playground.inspection import shape_table
from playground.layers import initialise
from playground.layers.tracing import leaves
from playground.model import Model
from playground.penalties import r1
from playground.training import train

SIXTEEN = {"data.frames": 16}
LSTM = {"generator.cell": "lstm", "discriminator.cell": "lstm", "generator.motion_dim": 3}
every_setting = pytest.mark.parametrize("settings", [{}, SIXTEEN, LSTM], ids=["default", "sixteen frames", "lstm"])


@pytest.fixture(scope="module")
def model() -> Model:
    return lively(model_of("mocogan"))


def lively(model: Model) -> Model:
    """Give the networks weights of which one sees more than a grey fog."""
    initialise(model.generator, torch.Generator().manual_seed(0), "orthogonal")
    return model


def shapes_given(network: nn.Module, batch: torch.Tensor) -> dict[tuple[str, str], torch.Size]:
    """Run a network and return the shape of what each of its modules gives, by stage and name."""
    seen = {}
    for module, place in leaves(network).items():
        module.register_forward_hook(lambda module, args, output, place=place: seen.update({place: output.shape}))
    network(batch)
    return seen


@every_setting
def test_sizes_are_those_of_the_shape_table(settings):
    model = model_of("mocogan", **settings)
    table, latents = shape_table(model.experiment), model.latents(3, 0)
    for rows, network, batch in (
        (table.generator, model.generator, latents),
        (table.discriminator, model.discriminator, model.generate(latents)),
    ):
        assert {(row.stage, row.module): (3 * row.times, *row.output_shape) for row in rows} == shapes_given(network, batch)


def test_work_on_every_frame_counts_for_every_frame():
    rows = {(row.stage, row.type): row for row in shape_table(model_of("mocogan").experiment).generator}
    up = rows["up1", "ConvTranspose2d"]
    assert up.times == 8 and up.macs == 8 * 16 * 64 * 32 * 4 * 4 and up.activations == 8 * 32 * 8 * 8
    assert rows["film", "Frames"].times == rows["motion", "Recurrent"].times == 1


@every_setting
def test_a_seed_gives_the_same_film_alone_and_among_others(settings):
    model = lively(model_of("mocogan", **settings))
    latents = model.latents(5, 3)
    assert_close(model.generate(latents)[2:3], model.generate(latents[2:3]), rtol=1e-4, atol=1e-5)
    assert model.generate(latents).shape[1:] == model.experiment.spec.shape


def test_the_parts_of_z_say_all_of_it(model):
    generator, config = model.generator, model.experiment.generator
    places = list(range(config.latent_dim))
    assert places[generator.content_slice] + places[generator.motion_slice] == places
    assert len(places[generator.motion_slice]) == config.motion_dim


def test_what_the_motion_part_changes_is_the_cell_s_code_alone(model):
    codes = {}
    handle = model.generator.stages.motion.register_forward_hook(lambda module, args, output: codes.update(now=output))
    latents, others = model.latents(4, 0), model.latents(4, 9)
    try:
        model.generate(latents)
        before = codes["now"]
        moved = latents.clone()
        moved[:, model.generator.motion_slice] = others[:, model.generator.motion_slice]
        model.generate(moved)
    finally:
        handle.remove()
    content = model.experiment.generator.content_dim
    assert torch.equal(codes["now"][..., :content], before[..., :content])
    assert before[..., :content].std(1).max() == 0  # the same in every frame
    assert before[..., content:].std(1).min() > 0
    assert not torch.equal(codes["now"][..., content:], before[..., content:])


def test_frames_are_drawn_one_by_one_from_their_codes(model):
    decoder = torch.nn.Sequential(model.generator.stages.frame, model.generator.stages.up1, model.generator.stages.film[:2])
    with torch.no_grad():
        codes = model.generator.stages.motion(model.latents(2, 0))
        alone = decoder(codes[1:, 5:6])
    assert_close(alone[0], model.generate(model.latents(2, 0))[1, 5], rtol=1e-4, atol=1e-5)


def test_the_discriminator_knows_in_which_order_frames_come(model):
    film = model.generate(model.latents(2, 0)) + 0.3 * torch.randn(2, *model.experiment.spec.shape)
    with torch.no_grad():
        assert (model.discriminator(film) - model.discriminator(film.flip(1))).abs().min() > 1e-6


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_a_penalty_on_the_steepness_of_d_reaches_its_weights(cell):
    model = model_of("mocogan", **{"discriminator.cell": cell})
    film = torch.randn(2, *model.experiment.spec.shape)
    r1(
        lambda samples, label: model.discriminator(samples, label), (film, None), (film, None), torch.Generator()
    ).sum().backward()
    weights = {name: weight for name, weight in model.discriminator.named_parameters() if "weight" in name}
    assert all(weight.grad is not None and weight.grad.abs().sum() > 0 for weight in weights.values())


def test_every_weight_of_both_networks_gets_a_gradient():
    model = model_of("mocogan")
    model.discriminator.train()(model.generator.train()(model.latents(4, 0))).sum().backward()
    for network in (model.generator, model.discriminator):
        lost = [name for name, weight in network.named_parameters() if weight.grad is None or not weight.grad.abs().sum()]
        assert not lost


def test_all_of_z_for_motion_is_refused():
    with pytest.raises(ValueError, match="motion_dim must be below latent_dim"):
        Experiment.from_settings({"architecture": "mocogan", "dataset": "bouncing", "generator.motion_dim": 24})


def test_a_short_training_brings_films_nearer_to_real_ones():
    settings = {"architecture": "mocogan", "dataset": "bouncing", "data.count": 600, "recipe.batch_size": 16}
    experiment = Experiment.from_settings(settings)
    samples = DATASETS["bouncing"].load(experiment.data, data_root())
    *_, last = train(experiment, samples=samples, steps=120, device="cpu", every=100, measure=None)
    real = GAUGES["video"].embed(samples.values[:300], "bouncing")
    before, after = (
        GAUGES["video"].distance(real, GAUGES["video"].embed(model.values(300), "bouncing"), 0)
        for model in (Model.untrained(experiment), Model.from_state(experiment, last.state))
    )
    assert after < 0.8 * before
