"""Films of one content in another's motion: exactly those of the recomposed latents."""

import numpy as np
import pytest
import torch
from small_models import model_of

from playground.kinds import KINDS, to_values
from playground.latent import content_motion, recompose, tells_apart


@pytest.fixture(scope="module")
def model():
    return model_of("mocogan")


def test_every_cell_is_the_film_of_one_part_beside_the_other(model):
    contents, motions = model.latents(2, 1), model.latents(3, 2)
    made, generator, spec = content_motion(model, contents, motions), model.generator, model.experiment.spec
    assert made.codes.shape == (2, 3, 24) and made.frames.shape == (2, 3, 8, 16, 16, 1)
    assert made.pictures.shape == (2, 3, 16, 16, 3)
    for row in range(2):
        for column in range(3):
            code = torch.zeros(1, 24)
            code[0, generator.content_slice] = contents[row, generator.content_slice]
            code[0, generator.motion_slice] = motions[column, generator.motion_slice]
            assert torch.equal(made.codes[row, column], code[0])
            film = KINDS["video"].frames(to_values(model.generate(code), spec), spec)[0]
            np.testing.assert_allclose(made.frames[row, column].astype(int), film.astype(int), atol=1)


def test_a_point_s_own_content_and_motion_are_the_point(model):
    latents = model.latents(4, 0)
    assert torch.equal(recompose(model, latents, latents).diagonal().T, latents)


def test_truncation_moves_all_films_together(model):
    made = content_motion(model, model.latents(2, 0), model.latents(2, 1), truncation=0.0)
    assert (made.frames == made.frames[:1, :1]).all()


def test_a_generator_that_does_not_tell_them_apart_says_so():
    model = model_of("mlp")
    assert not tells_apart(model)
    with pytest.raises(ValueError, match="mlp does not tell content from motion"):
        content_motion(model, model.latents(1, 0), model.latents(1, 0))
