"""The contents of stages: what a network really computes, in a fixed order, and no trace of the watching."""

import numpy as np
import pytest
import torch
from torch.testing import assert_close
from watched_models import hooks, latent_of, model_of

from playground.architectures import ARCHITECTURES
from playground.inspection import StageMaps, feature_maps, shape_table
from playground.layers import Growing, Stage

every_architecture = pytest.mark.parametrize("name", ARCHITECTURES)


@every_architecture
def test_every_stage_of_both_networks_is_there_in_order(name):
    model = model_of(name)
    maps = feature_maps(model, latent_of(model))
    table, seen = shape_table(model.experiment), [(entry.network, entry.stage) for entry in maps]
    rows = [("generator", row) for row in table.generator] + [("discriminator", row) for row in table.discriminator]
    wanted = list(dict.fromkeys((network, row.stage) for network, row in rows))
    if any(isinstance(module, Growing) for module in model.generator.modules()):
        wanted = [stage for stage in wanted if stage in seen]  # a network that grows uses some of its stages at a time
    assert seen == wanted and seen[-1] == ("discriminator", "score")


@every_architecture
def test_shapes_are_those_of_the_shape_table(name):
    model = model_of(name)
    table = shape_table(model.experiment)
    ends = {("generator", row.stage): row.output_shape for row in table.generator}
    ends |= {("discriminator", row.stage): row.output_shape for row in table.discriminator}
    for entry in feature_maps(model, latent_of(model)):
        assert entry.shape == ends[entry.network, entry.stage]
        if len(entry.shape) == 3:
            assert entry.values.shape == entry.shape
            assert sorted(entry.channels) == list(range(entry.shape[0]))


@every_architecture
def test_the_most_active_channels_come_first(name):
    model = model_of(name)
    for entry in feature_maps(model, latent_of(model)):
        if len(entry.shape) == 3:
            activity = np.abs(entry.values).mean((1, 2))
            assert (np.diff(activity) <= 1e-7).all(), entry.stage


@every_architecture
def test_the_generator_s_last_stage_is_the_sample_itself(name):
    model = model_of(name)
    last = [entry for entry in feature_maps(model, latent_of(model)) if entry.network == "generator"][-1]
    made = model.generate(latent_of(model)[None])[0]
    shown = torch.from_numpy(last.values).flatten()[: made.numel()]  # steps are one map, plain units end in NaN
    assert_close(shown.view_as(made), made, rtol=0, atol=0)


def test_channel_numbers_say_which_map_is_which():
    model = model_of("dcgan")
    entry = next(entry for entry in feature_maps(model, latent_of(model)) if entry.stage == "up1")
    with torch.no_grad():
        stage = model.generator.stages.up1(model.generator.stages.project(latent_of(model)[None]))[0]
    for channel, picture in zip(entry.channels, entry.values, strict=True):
        assert_close(torch.from_numpy(picture), stage[channel])


def test_the_discriminator_s_last_stage_is_the_score_of_the_sample():
    model = model_of("sn-dcgan")
    score = feature_maps(model, latent_of(model))[-1]
    with torch.no_grad():
        assert_close(torch.from_numpy(score.values).flatten(), model.discriminator(model.generate(latent_of(model)[None])))


def test_a_later_layer_that_works_in_place_does_not_change_the_maps():
    model = model_of("dcgan")
    before = feature_maps(model, latent_of(model))
    model.discriminator.stages.score.insert(0, torch.nn.ReLU(inplace=True))
    after = feature_maps(model, latent_of(model))
    down2 = [next(entry for entry in maps if entry.stage == "down2") for maps in (before, after)]
    assert (down2[0].values < 0).any()
    np.testing.assert_array_equal(down2[0].values, down2[1].values)


def test_plain_units_become_one_nearly_square_map_with_an_unused_end():
    model = model_of("mlp", **{"generator.width": 20})
    entry = feature_maps(model, latent_of(model))[0]
    assert entry.shape == (20,) and entry.channels == (0,)
    assert entry.values.shape == (1, 5, 5)
    flat = entry.values.ravel()
    assert np.isfinite(flat[:20]).all() and np.isnan(flat[20:]).all()


@every_architecture
def test_watching_leaves_no_hooks_and_changes_nothing(name):
    model = model_of(name)
    before = {key: value.clone() for key, value in (model.generator.state_dict() | model.discriminator.state_dict()).items()}
    feature_maps(model, latent_of(model))
    assert hooks(model) == 0
    assert_close(model.generator.state_dict() | model.discriminator.state_dict(), before, rtol=0, atol=0)


def test_no_hooks_are_left_when_a_network_fails():
    model = model_of("dcgan")
    model.discriminator.stages.score = Stage(torch.nn.Linear(7, 1))
    with pytest.raises(RuntimeError):
        feature_maps(model, latent_of(model))
    assert hooks(model) == 0


def test_a_latent_of_another_size_is_refused():
    with pytest.raises(ValueError, match="the latent must have 24 numbers, not 7"):
        feature_maps(model_of("sn-dcgan"), torch.zeros(7))


def test_statistics_count_what_is_known():
    maps = StageMaps("generator", "hidden1", (3,), (0,), np.array([[[-1.0, 0.0], [4.0, np.nan]]], np.float32))
    wanted = {"mean": 1.0, "std": pytest.approx((14 / 3) ** 0.5), "min": -1.0, "max": 4.0, "off": pytest.approx(2 / 3)}
    assert maps.statistics == wanted
    assert StageMaps("generator", "x", (1,), (0,), np.full((1, 1, 1), np.nan, np.float32)).statistics == {}


def test_pictures_share_one_grey_scale_and_draw_the_unknown_black():
    values = np.array([[[0.0, 1.0]], [[0.5, np.nan]]], np.float32)
    pictures = StageMaps("generator", "up1", (2, 1, 2), (0, 1), values).pictures()
    assert pictures.shape == (2, 1, 2, 1) and pictures.dtype == np.uint8
    assert pictures[0, 0, 0, 0] == 0 and pictures[0, 0, 1, 0] == 255
    assert 120 <= pictures[1, 0, 0, 0] <= 135 and pictures[1, 0, 1, 0] == 0


@every_architecture
def test_real_stages_become_pictures(name):
    model = model_of(name)
    for entry in feature_maps(model, latent_of(model)):
        pictures, curves = entry.pictures(), entry.values.shape[1] == 1 < entry.values.shape[2]
        assert pictures.shape == (*(entry.values.shape if not curves else (len(entry.values), *pictures.shape[1:3])), 1)
