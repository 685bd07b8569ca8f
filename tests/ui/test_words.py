"""Every word that the page uses is in the file of words, and every word of the file is used."""

from __future__ import annotations

import ast
import pathlib
import re
import string
import tomllib

import pytest

from playground.architectures import ARCHITECTURES
from playground.evaluation.diagnosis import STATES
from playground.experiment import SECTIONS, Experiment
from playground.inspection.backbones import BACKBONES
from playground.inspection.backbones import STARTS as STARTS_OF_CELLS
from playground.layers import NORMALISATIONS
from playground.ui.handlers.transposed import STEPPERS
from playground.ui.tabs.latent_tab import PANELS
from playground.ui.tabs.layers_tab import LABS
from playground.ui.views.form import ORDER
from playground.ui.words import FOLDER, words

UI = FOLDER.parent
ENGLISH = tomllib.loads((FOLDER / "en.toml").read_text(encoding="utf-8"))
FILES = {path.stem: path.read_text(encoding="utf-8") for path in sorted((UI / "components").glob("*.js"))}
# with the parts of those that are in several files
SCRIPTS = {
    name: "".join(part for file, part in FILES.items() if file.startswith(f"{name}_")) + script
    for name, script in FILES.items()
    if "_" not in name and name != "shared"
}
VIEWS = ["losses", "scores", "quality", "gradients"]
LINES = [
    "loss_discriminator", "loss_generator", "logit_real", "logit_fake", "quality", "quality_floor", "quality_untrained",
    "gradient_discriminator", "gradient_generator",
]  # fmt: skip
MOMENTS = [
    "round", "sample", "generate", "score", "gradient_discriminator", "update_discriminator", "score_again", "score_fakes",
    "gradient_pixels", "gradient_generator", "update_generator", "generate_again",
]  # fmt: skip
TURNS = ["both", "discriminator", "generator"]
STEER_TOOLS = ["keep", "reset", "save_json", "save_png"]
RUN_TOOLS = ["keep", "show", "fork", "save", "remove"]
FIGURES = ["quality", "loss_generator", "loss_discriminator", "separation", "gradient_generator", "gradient_discriminator"]
WALK_FILES = ["strip", "sheet", "gif", "webp", "mp4", "npy"]
VIEWS_OF_MEMORY = ["memory", "state", "attention", "model"]
SLIDERS = ["length", "bias", "radius", "scale"]
SORTS = ["score", "typicality", "similarity"]
POOLED = ["max", "average", "blur", "stride", "global_average", "global_max"]
# names that a script puts together: `words['help_' + name]`
ENDINGS = {
    ("curves", "help_"): [*VIEWS, *LINES],
    ("diagnosis", "help_"): STATES,
    ("curves", "value_"): LINES,
    ("walk", "help_"): ["png", "gif", "webp"],
    ("walk", "end_"): ["0", "1"],
    ("walk", "seed_"): ["0", "1"],
    ("walk", "class_"): ["0", "1"],
    ("slow", "title_"): MOMENTS,
    ("steer", "method_"): ["sefa", "pca", "classes", "marks"],
    ("steer", "why_"): ["sefa", "pca", "classes", "marks"],
    ("columns", "by_"): ["step", "seconds"],
    ("columns", "do_"): RUN_TOOLS,
    ("columns", "help_"): RUN_TOOLS,
    ("overlay", "name_"): FIGURES,
    ("overlay", "help_"): FIGURES,
    ("forking", "group_"): ["common", *ORDER],
    ("gradients", "view_"): VIEWS_OF_MEMORY,
    ("gradients", "viewing_"): VIEWS_OF_MEMORY,
    ("gradients", "slide_"): SLIDERS,
    ("gradients", "help_"): SLIDERS,
    ("gradients", "start_"): STARTS_OF_CELLS,
    ("gradients", "name_"): BACKBONES,
    ("gradients", "about_"): BACKBONES,
    ("gradients", "map_"): ["states", "memory", "input", "forget", "output", "reset", "update"],
    ("gradients", "of_"): ["generator", "discriminator"],
    ("route", "help_"): ["speed", "method", "frames", "space", "loop", "random", *WALK_FILES],
    ("past", "help_"): ["png", "gif", "webp", "mp4"],
    ("seeds", "by_"): ["seed", *SORTS],
    ("seeds", "value_"): SORTS,
    ("map", "at_"): ["start", "make", "look", "layout", "cover", "score"],
    ("map", "help_"): ["real", "made", "holes"],
    ("norms", "view_"): [f"{name}{end}" for name in ("same", "statistics", "over", "arms") for end in ("", "_help")],
    ("norms", "row_"): ["batch", "running", "standing", "batch_help", "running_help"],
    ("norms", "source_"): ["batch", "running"],
    ("norms", "over_"): ["std", "mean", "gap"],
    ("norms", "kind_"): [*NORMALISATIONS, "pixel", "absent"],
    ("norms", "where_"): ["both", "generator", "discriminator"],
    ("norms", "figure_"): ["scale", "gradient", "dead"],
    ("norms", "verdict_"): ["vanishes", "explodes"],
    ("form", "section_"): [*ORDER, "run"],
    ("transposed", "view_"): ["scatter", "zeros", "overlap", "matrix", "conv", "spectra"],
    ("transposed", "show_"): ["scatter", "zeros", "overlap", "matrix", "conv", "spectra"],
    ("transposed", "name_"): list(STEPPERS),
    ("transposed", "help_"): list(STEPPERS),
    ("transposed", "speed_"): ["slow", "normal", "fast"],
    ("transposed", "channel_"): ["in", "out"],
    ("transposed", "from_"): ["in", "out"],
    ("find", "help_"): [
        "draw", "file", "real", "point", "undo", "clear", "dice", "keep", "walk", "around", "target", "best", "difference",
    ],
    ("find", "stage_"): ["pool", "search", "polish"],
    ("find", "found_"): ["exact", "near", "far"],
    ("find", "verdict_"): ["copy", "close", "apart"],
    ("pooling", "name_"): POOLED,
    ("pooling", "help_"): POOLED,
    ("pooling", "told_"): POOLED,
    ("pooling", "cost_"): [*POOLED, "flat"],
    ("pooling", "view_"): ["one", "moves", "cost", "train"],
    ("pooling", "view_help_"): ["one", "moves", "cost", "train"],
    ("pooling", "source_"): ["real", "fake", "drawn"],
    ("pooling", "source_help_"): ["real", "fake", "drawn"],
    ("pooling", "caption_"): ["real", "fake", "drawn"],
    ("pooling", "offset_"): ["across", "down"],
    ("ladder", "stage_"): [
        "project", "up", "down", "hidden", "image", "score", "label", "embedding", "attention", "classes", "mapping",
        "constant", "rgb", "rows", "patches",
    ],
}  # fmt: skip
# what the server says in a component's own words
CAPTIONS = [f"caption_{name}" for name in (*MOMENTS, "score_open", "score_again_open")]
STARTS = ["from_own", "from_copy", "from_noise", "from_noise_instead", "on_cpu"]
IN_PYTHON = {"gallery": ["misfit"], "slow": CAPTIONS + STARTS}
TRAY_BUTTONS = ("arithmetic", "first", "python", "copy", "link", "clear", "add", "keep_sum", "keep_mean")
# names that a script takes from its data: `words[name]`
BARE = {
    "curves": VIEWS,
    "walk": ["slerp", "lerp", "png", "gif", "webp"],
    "route": [
        "speed", "method", "frames", "space", "loop", "random", "plain", "pixels", "features", "slerp", "lerp", "z", "w",
        *WALK_FILES,
    ],
    "ladder": ["generator", "discriminator"],
    "norms": ["generator", "discriminator"],
    "maps": ["generator", "discriminator"],
    "form": [],
    "pooling": ["across", "across_help", "down", "down_help"],
    "tray": [f"{name}{end}" for name in TRAY_BUTTONS for end in ("", "_help")],
    "map": ["real", "made", "holes", "pca", "tsne", "method", "count", "method_help", "count_help"],
    "find": [
        "draw",
        "file",
        "real",
        "point",
        "undo",
        "clear",
        "dice",
        "keep",
        "walk",
        "around",
        "target",
        "best",
        "difference",
    ],
    "forking": ["title", "empty", "from", "when", "what", "long"],
    "past": ["seed_a", "seed_b", "rows", "columns", "slerp", "lerp", "png", "gif", "webp", "mp4"],
    "steer": [*STEER_TOOLS, *(f"{tool}_help" for tool in STEER_TOOLS)],
    "slow": [*TURNS, *(f"{turn}_help" for turn in TURNS)],
}  # fmt: skip


def names_in(component: str) -> set[str]:
    """Return the names of the words that a component's script uses."""
    script = SCRIPTS[component]
    starts = set(re.findall(r"words\['(\w+)' \+", script))
    put_together = {start + end for start in starts for end in ENDINGS[component, start]}
    bare = set(BARE[component]) if re.search(r"words\[[a-z]", script) else set()
    return set(re.findall(r"words\.(\w+)", script)) | put_together | bare | set(IN_PYTHON.get(component, ()))


def sentences_in_python() -> dict[str, tuple[pathlib.Path, set[str]]]:
    """Return the sentences of the status line that the handlers say, with the gaps that they fill."""
    said = {}
    for path in sorted(UI.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say" and isinstance(node.args[0], ast.Constant):
                said[node.args[0].value] = (path, {keyword.arg for keyword in node.keywords})
    return said


def gaps(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("component", SCRIPTS)
def test_every_word_of_a_component_is_in_the_file(component):
    names = names_in(component)
    assert names <= set(ENGLISH.get(component, {})), names - set(ENGLISH.get(component, {}))


@pytest.mark.parametrize("component", [name for name in SCRIPTS if name not in ("form", "status")])
def test_no_word_of_a_component_is_left_over(component):
    assert set(ENGLISH[component]) <= names_in(component), set(ENGLISH[component]) - names_in(component)


def test_every_sentence_of_the_handlers_is_in_the_file_with_the_same_gaps():
    said = sentences_in_python()
    assert len(said) > 20
    for name, (path, filled) in said.items():
        assert name in ENGLISH["status"], f"{name} in {path}"
        assert None in filled or gaps(ENGLISH["status"][name]) <= filled, f"{name} in {path}"


def test_no_sentence_of_the_status_line_is_left_over():
    assert set(ENGLISH["status"]) == set(sentences_in_python())


@pytest.mark.parametrize("section", ["page", "controls"])
def test_every_word_of_the_layout_is_in_the_file(section):
    source = "".join(path.read_text(encoding="utf-8") for path in (UI / "app.py", *(UI / "tabs").glob("*.py")))
    used = set(re.findall(r"""text\[["'](\w+)["']\]""", source)) | {f"panel_{name}" for name in PANELS}
    used |= {f"lab_{name}" for name in LABS}
    assert used <= set(ENGLISH["page"]) | set(ENGLISH["controls"])
    assert set(ENGLISH[section]) <= used, set(ENGLISH[section]) - used


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_setting_reads_as_words_even_without_an_entry(architecture):
    experiment = Experiment(architecture=architecture)
    for section in SECTIONS:
        for name in vars(getattr(experiment, section)):
            assert re.fullmatch(r"[\w ,-]+", ENGLISH["form"].get(name, name.replace("_", " ")))


@pytest.mark.parametrize("section", ENGLISH)
def test_words_are_sentences_without_markup_but_for_the_tagline(section):
    for name, sentence in words(section).items():
        assert sentence.strip() == sentence != ""
        assert "<" not in sentence or (section, name) == ("page", "tagline"), name
