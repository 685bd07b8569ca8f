"""The ladder as pictures: one size for all frames, every architecture, the sample among the maps."""

import numpy as np
import pytest
import torch
from small_models import model_of

from playground.architectures import ARCHITECTURES
from playground.inspection import ladder_frames, ladder_picture
from playground.samples import to_pixels


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_architecture_makes_frames_of_one_size(name):
    model = model_of(name)
    frames = list(ladder_frames(model, model.latents(3, 0)))
    assert len({frame.shape for frame in frames}) == 1 and frames[0].dtype == np.uint8 and frames[0].shape[2] == 3
    assert (frames[0] != frames[1]).any()


def test_the_picture_is_in_the_frame_enlarged():
    model = model_of("sn-dcgan", dataset="shapes")
    z = model.latents(1, 3)
    frame, sample = ladder_picture(model, z[0]), to_pixels(model.generate(z))[0].repeat(8, 0).repeat(8, 1)
    places = range(frame.shape[1] - 128)
    assert any((frame[40:168, left : left + 128] == sample).all() for left in places)


def test_a_class_changes_the_picture():
    model = model_of("cgan")
    for parameter in model.generator.parameters():
        parameter.data.mul_(8)
    frames = [ladder_picture(model, model.latents(1, 3)[0], torch.tensor(label)) for label in (1, 2)]
    assert (frames[0] != frames[1]).any()
