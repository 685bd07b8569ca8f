"""Lessons: short, in plain words, and every sentence that promises a picture has one."""

import re
import string

import pytest

from playground.ui.components import FOLDER as COMPONENTS
from playground.ui.words import FOLDER, lesson

NAMES = sorted(file.stem for file in (FOLDER / "lessons" / "en").glob("*.toml"))
LONGEST = 180  # words


def script(name: str) -> str:
    return "".join(file.read_text(encoding="utf-8") for file in sorted(COMPONENTS.glob(f"{name}*.js")))


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_is_short(name):
    assert sum(len(sentence["text"].split()) for sentence in lesson(name)["sentences"]) <= LONGEST


@pytest.mark.parametrize("name", NAMES)
def test_every_sentence_that_drives_the_picture_is_known_to_the_script(name):
    shows = {sentence["show"] for sentence in lesson(name)["sentences"] if "show" in sentence}
    assert shows, "no sentence drives the picture"
    assert all(re.search(rf"\b{show}\b\s*[:(]", script(name)) for show in shows)


@pytest.mark.parametrize("name", NAMES)
def test_every_gap_is_filled_by_the_script(name):
    gaps = {gap for sentence in lesson(name)["sentences"] for _, gap, _, _ in string.Formatter().parse(sentence["text"]) if gap}
    assert all(re.search(rf"\b{gap}\b", script(name)) for gap in gaps)


@pytest.mark.parametrize("name", NAMES)
def test_lessons_have_no_markup(name):
    assert not any("<" in sentence["text"] and ">" in sentence["text"] for sentence in lesson(name)["sentences"])
