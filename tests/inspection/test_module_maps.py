"""What modules give, and what an edit does: PyTorch's own numbers, on every architecture."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torch.testing import assert_close
from watched_models import hooks, latent_of, model_of

from playground.architectures import ARCHITECTURES
from playground.inspection import Edit, ModuleMap, ablate, dead_channels, module_maps, shape_table
from playground.inspection.module_maps import laid_out
from playground.latent.spaces import decode, to_styles
from playground.layers import Growing, Row

every_architecture = pytest.mark.parametrize("name", ARCHITECTURES)


@every_architecture
def test_every_module_is_there_in_order_with_the_costs_of_the_shape_table(name):
    model = model_of(name)
    found, table = module_maps(model, latent_of(model)), shape_table(model.experiment)
    rows = [("generator", row) for row in table.generator] + [("discriminator", row) for row in table.discriminator]
    seen = [(one.network, one.row) for one in found]
    # a class is one number here, and in the table a mixture of classes
    rows, seen = ([(network, replace(row, input_shape=())) for network, row in own] for own in (rows, seen))
    if any(isinstance(module, Growing) for module in model.generator.modules()):
        rows = [row for row in rows if row in seen]  # a network that grows uses some of its modules at a time
    assert seen == list(dict.fromkeys(rows))
    for one in found:
        assert one.values.size == math.prod(one.row.output_shape) and one.num_bytes == 4 * math.prod(one.values.shape)


@every_architecture
def test_the_last_modules_give_the_sample_and_the_score(name):
    model = model_of(name)
    found, sample = module_maps(model, latent_of(model)), model.generate(latent_of(model)[None])
    made = [one for one in found if one.network == "generator"][-1]
    assert_close(torch.from_numpy(made.values), sample[0].reshape(made.values.shape), rtol=0, atol=0)
    with torch.no_grad():
        judged = model.discriminator(sample, model.labels(1))
    logit = (judged[0] if isinstance(judged, tuple) else judged)[0]
    assert ablate(model, latent_of(model), []).score_after == logit.item()


@every_architecture
def test_every_channel_has_its_place_in_a_plane(name):
    for one in module_maps(model := model_of(name), latent_of(model)):
        known = one.planes[np.isfinite(one.planes)]
        assert sorted(known.tolist()) == sorted(one.values.ravel().tolist())
        assert one.channels.size == one.values.size
        assert len(one.planes) == (len(one.channels) if one.form in ("maps", "tokens") else 1)


@every_architecture
def test_a_channel_taken_out_is_zero_and_all_before_it_stays(name):
    model = model_of(name)
    before = module_maps(model, latent_of(model))
    place = next(n for n, one in enumerate(before) if len(one.channels) > 1 and n > 2)
    after = module_maps(model, latent_of(model), edits=[Edit(*before[place].key, 1, 0)])
    np.testing.assert_array_equal(after[place].channels[1], 0)
    np.testing.assert_array_equal(np.delete(after[place].channels, 1, 0), np.delete(before[place].channels, 1, 0))
    for n in range(place):
        np.testing.assert_array_equal(after[n].values, before[n].values)


@every_architecture
def test_a_factor_of_one_changes_nothing_and_watching_leaves_no_trace(name):
    model = model_of(name)
    one = module_maps(model, latent_of(model))[2]
    made = ablate(model, latent_of(model), [Edit(*one.key, 0, 1)])
    np.testing.assert_array_equal(made.before, made.after)
    assert made.score_before == made.score_after
    assert hooks(model) == 0


def test_doubling_every_channel_of_a_linear_module_doubles_what_it_gives():
    model = model_of("mlp", **{"generator.width": 8})
    edits = [Edit("generator", "hidden1", "0", channel, 2) for channel in range(8)]
    before, after = (module_maps(model, latent_of(model), edits=chosen) for chosen in ([], edits))
    np.testing.assert_array_equal(after[0].values, 2 * before[0].values)
    np.testing.assert_array_equal(after[1].values, 2 * before[1].values)  # behind the ReLU too


def test_an_edit_of_the_discriminator_changes_the_score_alone():
    model = model_of("sn-dcgan")
    made = ablate(model, latent_of(model), [Edit("discriminator", "down1", "0", n, -1) for n in range(4)])
    np.testing.assert_array_equal(made.before, made.after)
    assert made.score_before != made.score_after


def test_styles_are_looked_into_as_latents_are():
    model = model_of("stylegan2")
    styles = to_styles(model, latent_of(model)[None])[0]
    made = [one for one in module_maps(model, styles) if one.network == "generator"]
    assert "mapping" not in {one.stage for one in made}
    assert_close(torch.from_numpy(made[-1].values), decode(model, styles[None])[0])


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (Edit("painter", "up1", "0", 0, 0), "unknown network 'painter'; choose from: generator, discriminator"),
        (Edit("generator", "up9", "0", 0, 0), "the generator has no module '0' in a stage 'up9'"),
        (Edit("generator", "up1", "0", 999, 0), "there is no channel 999: the module has 32"),
        (Edit("generator", "up1", "0", -1, 0), "there is no channel -1"),
        (Edit("generator", "up1", "0", 0, math.nan), "a factor must be a finite number, not nan"),
    ],
)
def test_an_edit_of_what_is_not_there_is_refused(edit, sentence):
    model = model_of("dcgan", **{"generator.width": 32})
    with pytest.raises(ValueError, match=sentence):
        ablate(model, latent_of(model), [edit])
    assert hooks(model) == 0


def test_a_latent_of_another_size_is_refused():
    with pytest.raises(ValueError, match="numbers, not 7"):
        module_maps(model_of("dcgan"), torch.zeros(7))


def test_statistics_are_those_of_the_values():
    values = np.array([[[1.0, -1.0]], [[-2.0, 0.0]], [[3.0, np.nan]]], np.float32)
    row = Row("up1", "0", "ReLU", (3, 1, 2), (3, 1, 2), None, None, None, None, 0, 0, 6)
    found = ModuleMap("generator", "up1", "maps", row, values).statistics
    known = np.array([1, -1, -2, 0, 3])
    wanted = {"mean": known.mean(), "std": known.std(), "min": -2, "max": 3, "off": 3 / 5, "silent": 1 / 3}
    assert found == pytest.approx(wanted)


def test_a_broken_network_still_has_maps_and_no_statistics():
    model = model_of("dcgan")
    nn.init.constant_(model.generator.stages.up1[0].weight, torch.nan)
    found = next(one for one in module_maps(model, latent_of(model)) if one.stage == "up1")
    assert found.statistics == {}


def test_a_channel_whose_shift_is_far_below_zero_is_dead_behind_its_relu():
    model = model_of("dcgan")
    model.generator.stages.up1[1].bias.data[3] = -1e6
    dead = dead_channels(model, count=16)
    assert dead["generator", "up1", "2"][3] and not dead["generator", "up1", "2"].all()
    assert dead["generator", "up1", "2"].shape == (len(model.generator.stages.up1[1].bias),)


@every_architecture
def test_dead_channels_are_counted_for_every_module(name):
    model = model_of(name)
    found, dead = module_maps(model, latent_of(model)), dead_channels(model, count=4)
    assert {one.key: len(one.channels) for one in found} == {key: len(own) for key, own in dead.items()}


def test_tokens_are_laid_out_as_the_picture_with_the_class_token_above():
    tokens = np.arange(10, dtype=np.float32).reshape(5, 2)  # a class token and a square of four, two features
    first = laid_out("tokens", tokens)[0]
    np.testing.assert_array_equal(first, [[0, np.nan], [2, 4], [6, 8]])
