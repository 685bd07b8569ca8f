"""Seeds in order, and how smooth a space is, on the command line."""

import json
import re

import numpy as np
import pytest
from command_line import call, done
from PIL import Image

from playground.checkpoint import load, shipped
from playground.exporting import read_settings
from playground.latent import path_length, rank


@pytest.fixture(scope="module")
def digits():
    return load(next(path for path in shipped() if path.stem == "dcgan-digits"))


def test_a_ranking_is_written_as_json_the_best_first(digits):
    written = json.loads(done("rank dcgan-digits --count 30 --first 5 --json").stdout)
    expected = rank(digits, range(5, 35)).ranked()
    assert [row["seed"] for row in written["seeds"]] == [seed for seed, _ in expected]
    np.testing.assert_allclose([row["value"] for row in written["seeds"]], [value for _, value in expected], rtol=1e-5)
    assert written["by"] == "score" and written["measure"] == "D's logit"


def test_the_sheet_has_the_best_and_the_worst_and_says_how_it_was_made(digits, tmp_path):
    file = tmp_path / "best.png"
    result = done(f"rank dcgan-digits --by typicality --count 60 --top 16 --output {file}")
    assert f"saved {file}" in result.stderr and result.stdout == ""
    settings = read_settings(file)
    ranked = [seed for seed, _ in rank(digits, range(60), by="typicality").ranked()]
    assert settings["seeds"] == ranked[:16] + ranked[-16:] and settings["checkpoint"] == "dcgan-digits"
    assert Image.open(file).size == (16 * 33 + 1, 2 * 33 + 1)


def test_a_table_shows_both_ends():
    lines = done("rank cgan-mnist --by similarity --to 4 --label 2 --count 40").stdout.splitlines()
    assert lines[0].split() == ["seed", "value"] and len(lines) == 22 and lines[1].split()[0] == "4"


def test_smoothness_is_a_table_or_json(digits):
    table = done("smoothness dcgan-digits --count 4").stdout
    assert re.search(r"^detour +1\.\d+ ± \S+ +\d", table, re.M)
    written = json.loads(done("smoothness dcgan-digits --count 4 --seed 3 --json").stdout)
    assert written["model"]["detour"] == pytest.approx(path_length(digits, 4, 3).model.detour)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("rank dcgan-digits --by beauty", "unknown order 'beauty'"),
        ("rank dcgan-digits --count 0", "count"),
        ("rank dcgan-digits --output best.gif", "must end in .png"),
        ("rank dcgan-digits --by similarity", "similarity needs a sample"),
        ("rank nobody", "there is no checkpoint 'nobody'"),
        ("smoothness dcgan-digits --count 1", "count"),
        ("smoothness dcgan-digits --space w", "has no styles"),
        ("smoothness dcgan-digits --space q", "unknown space 'q'; choose from: z, w"),
    ],
)
def test_what_is_none_is_refused_in_one_line(line, sentence):
    result = call(line)
    assert result.exit_code == 2 and sentence in result.stderr and len(result.stderr.splitlines()) == 1
