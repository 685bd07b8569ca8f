"""Stages that work on the frames of a film one by one: what is shown of them, and what an edit does to them."""

import numpy as np
import pytest
import torch
from small_models import model_of

from playground.inspection import Edit, ablate, dead_channels, feature_maps, module_maps
from playground.ui.views.ladder import ladder, sheet_of_stage


@pytest.fixture(scope="module")
def model():
    return model_of("mocogan")


@pytest.fixture(scope="module")
def maps(model):
    return {(found.network, found.stage): found for found in feature_maps(model, model.latents(1, 0)[0])}


def test_of_frames_taken_one_by_one_the_middle_one_is_shown(model, maps):
    frames = model.generator.stages[:3](model.latents(1, 0)).detach().numpy()  # (8, 32, 8, 8)
    found = maps["generator", "up1"]
    assert (found.shape, found.times) == ((32, 8, 8), 8)
    np.testing.assert_allclose(found.values, frames[4][list(found.channels)], rtol=1e-5, atol=1e-6)


def test_a_film_is_a_map_a_frame_in_their_order(model, maps):
    film = model.generate(model.latents(1, 0))[0, :, 0].numpy()
    found = maps["generator", "film"]
    assert found.shape == (8, 1, 16, 16) and found.channels == tuple(range(8))
    np.testing.assert_allclose(found.values, film, rtol=1e-5, atol=1e-6)


def test_states_are_one_map_with_time_running_to_the_right(model, maps):
    states = model.generator.stages.motion(model.latents(1, 0)).detach().numpy()
    np.testing.assert_allclose(maps["generator", "motion"].values, states.swapaxes(1, 2), rtol=1e-5, atol=1e-6)
    assert maps["discriminator", "steps"].values.shape == (1, 1, 8)


def test_the_ladder_says_how_often_a_stage_works(model):
    drawn = ladder(model.experiment, model, model.latents(1, 0)[0])
    stages = {stage["name"]: (stage["times"], stage["shape"]) for stage in drawn["networks"]["generator"]}
    assert stages == {"motion": (1, [8, 64]), "frame": (8, [64, 4, 4]), "up1": (8, [32, 8, 8]), "film": (1, [8, 1, 16, 16])}
    assert drawn["contents"]["stages"]["generator.film"]["sprite"]["count"] == 8
    assert sheet_of_stage(model, model.latents(1, 0)[0], "generator", "film")["channels"] == list(range(8))


def test_every_module_is_drawn_from_what_it_gives(model):
    found = {one.key: one for one in module_maps(model, model.latents(1, 0)[0])}
    film, colours = found["generator", "film", "2"], found["generator", "up1", "2"]
    assert film.form == colours.form == "maps" and film.planes.shape == (8, 16, 16) and colours.planes.shape == (32, 8, 8)
    assert len(film.channels) == 8 and len(colours.channels) == 32


def test_an_edit_of_a_channel_holds_in_every_frame_and_one_of_the_film_in_one(model):
    latent = model.latents(1, 0)[0]
    whole = ablate(model, latent, [Edit("generator", "up1", "2", channel, 0.0) for channel in range(32)])
    assert (whole.after - whole.after[:1]).max() == 0  # nothing is left that differs from frame to frame
    one = ablate(model, latent, [Edit("generator", "film", "2", 3, 0.0)])
    changed = np.abs(one.after - one.before).reshape(8, -1).max(1) > 0
    assert changed.tolist() == [False] * 3 + [True] + [False] * 4


def test_channels_of_films_are_counted_as_dead_or_not(model):
    dead = dead_channels(model, count=4)
    assert dead["generator", "film", "2"].shape == (8,) and dead["generator", "up1", "2"].shape == (32,)
    assert torch.tensor(dead["discriminator", "steps", "3"]).shape == (1,)
