"""The command that lays out samples on a map."""

from __future__ import annotations

import json

import numpy as np
import pytest
from command_line import call, done
from PIL import Image

from playground.exporting import read_settings


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_a_map_is_a_picture_in_both_colours_with_its_settings(tmp_path, method):
    file = tmp_path / "map.png"
    result = done(f"map dcgan-digits --count 60 --method {method} --output {file}")
    assert result.stdout.startswith("coverage 0.") and "floor" in result.stdout
    pixels = np.asarray(Image.open(file))
    assert pixels.shape == (1200, 1200, 3)
    for hue in ((0, 158, 115), (230, 159, 0)):
        assert (pixels == hue).all(2).sum() > 1000
    settings = read_settings(file)
    assert settings["method"] == method and settings["count"] == 60 and settings["checkpoint"] == "dcgan-digits"


def test_arrays_and_json_say_the_same(tmp_path):
    line = "map dcgan-digits --count 40 --seed 3"
    done(f"{line} --output {tmp_path / 'map.npz'}")
    told = json.loads(done(f"{line} --json --output {tmp_path / 'map.json'}").stdout)
    arrays, whole = np.load(tmp_path / "map.npz"), json.loads((tmp_path / "map.json").read_text())
    np.testing.assert_allclose(arrays["positions"], whole["positions"], atol=1e-6)
    assert arrays["seeds"].tolist() == list(range(120, 160)) and told["coverage"] == pytest.approx(arrays["covered"].mean())


def test_without_the_data_made_samples_are_mapped_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("PLAYGROUND_DATA", str(tmp_path))
    result = done(f"map sn-dcgan-mnist --count 20 --output {tmp_path / 'map.npz'}")
    assert "made samples alone" in result.stderr and not np.load(tmp_path / "map.npz")["real"].any()


@pytest.mark.parametrize(
    ("options", "named"),
    [("--method umap", "umap"), ("--count 5", "5"), ("--seed -1", "-1"), ("--truncation 3", "truncation")],
)
def test_what_cannot_be_ends_with_one_line(tmp_path, options, named):
    result = call(f"map dcgan-digits {options} --output {tmp_path / 'map.png'}")
    assert result.exit_code == 2 and named in result.stderr.splitlines()[-1] and not list(tmp_path.iterdir())
