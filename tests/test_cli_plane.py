"""The command `plane`: a sheet between seeds, with what made it inside."""

import numpy as np
import pytest
from command_line import TINY, call, done
from PIL import Image

from playground.checkpoint import load
from playground.exporting import grid, read_settings
from playground.latent import plane, seed_points


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    path = tmp_path_factory.mktemp("plane") / "cgan.safetensors"
    done(f"train cgan {TINY} --steps 1 --output {path}")
    return path


def test_the_sheet_is_the_plane_between_the_seeds(checkpoint, tmp_path):
    line = f"plane {checkpoint} --seeds 1,2,3,4 --classes 0,1,2,3 --rows 3 --columns 5 --truncation 0.8"
    done(f"{line} --output {tmp_path / 'plane.png'}")
    model = load(checkpoint)
    made = plane(model, seed_points(model, [1, 2, 3, 4], [0, 1, 2, 3]), rows=3, columns=5, truncation=0.8)
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "plane.png")), grid(made.images, columns=5))
    settings = read_settings(tmp_path / "plane.png")
    assert (settings["seeds"], settings["classes"], settings["rows"]) == ([1, 2, 3, 4], [0, 1, 2, 3], 3)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ("--seeds 1,2", "three or four"),
        ("--seeds 1,2,x", "'x'"),
        ("--seeds 1,2,3 --rows 99", "rows"),
        ("--seeds 1,2,3 --space w", "styles"),
        ("--seeds 1,2,3 --truncation 2", "truncation"),
        ("--seeds 1,2,3 --classes 10", "class"),
    ],
)
def test_what_makes_no_plane_ends_with_one_line(checkpoint, tmp_path, options, named):
    result = call(f"plane {checkpoint} {options} --output {tmp_path / 'plane.png'}")
    assert result.exit_code == 2 and named in result.stderr and len(result.stderr.splitlines()) == 1
    assert not (tmp_path / "plane.png").exists()
