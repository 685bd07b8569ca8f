"""Settings: what makes sense is taken, all else is answered with a sentence, and nothing breaks the session."""

import dataclasses
import math

import pytest
from small_models import IMAGE_MAKERS
from visitors import answers, guest, is_sentence, refusal, visitor

from playground.architectures import ARCHITECTURES
from playground.experiment import Experiment
from playground.ui.handlers import settings
from playground.ui.handlers.screen import STORE
from playground.ui.session import Session
from playground.ui.views.form import form

GARBAGE = [
    None, "", "abc", "NaN", "-1", "1e999", "\x00", "<script>alert(1)</script>", "9" * 10_000, math.nan, math.inf, -math.inf,
    -1, 1e9, 10**400, 0.5, [], {}, [[]], {"a": 1}, ["x"] * 3, [1] * 100, [None],
]  # fmt: skip
UNKNOWN_KEYS = [
    "", ".", "x", "recipe", "recipe.", ".loss", "recipe.nothing", "generator.kernel_size.up1", "seed.x", "architecture",
    "data.path", "__class__", "recipe.__class__", "x" * 10_000, None, 3, ["recipe.loss"], {"a": 1},
]  # fmt: skip


def keys_of(experiment: Experiment) -> list[str]:
    described = form(experiment)["sections"]
    return [field["key"] for section in described for field in (*section["fields"], *section["per_stage"])]


def edit(session: Session, key, value) -> str:
    """Change a setting as the page does, and return the form's error, empty when there is none."""
    (answer,) = answers(settings.edit, session.id, key, value)
    assert "form" in answer, answer
    return answer["form"]["error"]


KEYS = keys_of(Experiment())


@pytest.mark.parametrize(
    ("key", "value", "found"),
    [
        ("recipe.loss", "hinge", "hinge"),
        ("recipe.learning_rate_generator", "3e-4", 3e-4),
        ("recipe.learning_rate_discriminator", 0, 0.0),
        ("recipe.batch_size", "16", 16),
        ("generator.latent_dim", 7, 7),
        ("generator.kernel_size", [4, 6, 4], (4, 6, 4)),
        ("generator.kernel_size", "4,6,4", (4, 6, 4)),
        ("generator.upsampling", ["pixel-shuffle", "transposed", "transposed"], ("pixel-shuffle", "transposed", "transposed")),
        ("discriminator.width", 8.0, 8),
        ("data.resolution", "64", 64),
        ("seed", "12", 12),
        ("opponent", "mlp", "mlp"),
    ],
)
def test_a_good_value_is_taken(key, value, found):
    session = STORE.open(Experiment())
    assert edit(session, key, value) == ""
    section, _, name = key.rpartition(".")
    assert getattr(getattr(session.experiment, section) if section else session.experiment, name) == found


@pytest.mark.parametrize("name", IMAGE_MAKERS)
def test_every_field_takes_the_value_that_it_shows(name):
    session = STORE.open(Experiment(architecture=name))
    for key in keys_of(session.experiment):
        section, _, field = key.rpartition(".")
        value = getattr(getattr(session.experiment, section) if section else session.experiment, field)
        assert edit(session, key, value) == "", key
    assert session.experiment == Experiment(architecture=name)


@pytest.mark.parametrize("key", KEYS)
def test_garbage_in_a_field_is_taken_whole_or_refused_with_a_sentence(key):
    session = visitor(architecture="sn-dcgan")
    for value in GARBAGE:
        before = session.experiment
        error = edit(session, key, value)
        assert error == "" or (is_sentence(error) and session.experiment is before), (value, error)
    assert edit(session, "recipe.beta1", 0.25) == ""
    assert session.experiment.recipe.beta1 == 0.25


@pytest.mark.parametrize("key", UNKNOWN_KEYS, ids=lambda key: repr(key)[:20])
def test_a_setting_that_is_not_there_is_refused_with_a_sentence(key):
    session = visitor()
    before = session.experiment
    assert is_sentence(edit(session, key, 1))
    assert session.experiment is before


def test_a_setting_on_this_machines_disk_cannot_be_set_from_the_page():
    session = visitor(dataset="images")
    assert "path cannot be set" in edit(session, "data.path", "/etc")
    assert session.experiment.data.path == ""


def test_networks_that_are_too_large_are_refused():
    session = visitor(architecture="dcgan", data__resolution=64)
    assert "lower the width" in edit(session, "generator.width", 256)
    assert session.experiment.generator.width == 16


def test_a_chain_of_sizes_that_breaks_is_shown_and_not_refused():
    session = STORE.open(Experiment())
    (answer,) = answers(settings.edit, session.id, "generator.kernel_size", [4, 5, 4])
    assert answer["form"]["error"] == ""
    assert answer["ladder"]["problem"]["network"] == "generator"


def test_other_networks_drop_the_model_and_another_recipe_keeps_it():
    session = visitor(model=True)
    session.own = True
    model = session.model
    assert edit(session, "recipe.loss", "hinge") == "" and session.model is model
    assert edit(session, "generator.width", 24) == "" and session.model is None


@pytest.mark.parametrize(("name", "value"), [("precision", "float32"), ("memory_format", "contiguous"), ("threads", 2)])
def test_another_way_of_computing_keeps_the_model(name, value):
    session = visitor(model=True)
    session.own = True
    model = session.model
    assert edit(session, f"engine.{name}", value) == "" and session.model is model
    assert getattr(session.experiment.engine, name) == value


def test_a_changed_recipe_leaves_the_pages_own_model_in_view():
    session = guest()
    (answer,) = answers(settings.edit, session.id, "recipe.loss", "non-saturating")
    assert session.model is not None and "sheet" not in answer


@pytest.mark.parametrize("key", ["recipe.loss", "generator.latent_dim", "seed"])
@pytest.mark.parametrize("own", [True, False])
def test_the_link_follows_every_change(key, own):
    session = visitor(model=True)
    session.own = own
    (answer,) = answers(settings.edit, session.id, key, "hinge" if key == "recipe.loss" else 5)
    assert f"{key}=" in answer["link"]


def test_settings_stay_as_they_are_while_a_run_goes_on():
    session = visitor()
    session.running = True
    assert edit(session, "recipe.loss", "hinge") == "This session is training already. Pause or stop it first."
    assert refusal(settings.choose, session.id, "shapes", "mlp") == refusal(settings.reset, session.id)
    assert session.experiment.recipe.loss != "hinge" and session.experiment.dataset == "digits"


def test_another_architecture_brings_its_own_recipe():
    session = visitor()
    answers(settings.choose, session.id, "digits", "dcgan")
    assert session.experiment.recipe == ARCHITECTURES["dcgan"].recipe
    assert session.experiment.data.resolution == 16


def test_another_data_set_keeps_networks_resolution_and_recipe():
    session = visitor(recipe__loss="hinge")
    answers(settings.choose, session.id, "shapes", "mlp")
    kept = dataclasses.replace(session.experiment, dataset="digits", data=None)
    assert session.experiment.spec.shape == (3, 16, 16)
    assert (kept.generator.width, kept.recipe.loss) == (16, "hinge")


def test_another_choice_calls_off_what_is_left_of_a_paused_run():
    session = visitor(model=True)
    session.own, session.remaining = True, 400.0
    (answer,) = answers(settings.choose, session.id, "shapes", "mlp")
    assert session.remaining == 0 and answer["train"].value == "Train"


@pytest.mark.parametrize("value", GARBAGE, ids=lambda value: repr(value)[:20])
def test_a_choice_that_is_not_there_is_refused_with_a_sentence(value):
    session = visitor()
    before = session.experiment
    for dataset, architecture in ((value, "mlp"), ("digits", value), (value, value)):
        refusal(settings.choose, session.id, dataset, architecture)
    assert session.experiment is before
    assert edit(session, "recipe.loss", "hinge") == ""


def test_choosing_what_is_chosen_changes_nothing():
    session = visitor(model=True)
    assert answers(settings.choose, session.id, "digits", "mlp") == [{}]
    assert session.model is not None


def test_a_data_set_that_is_not_on_disk_says_so_and_offers_the_download(monkeypatch, tmp_path):
    monkeypatch.setenv("PLAYGROUND_DATA", str(tmp_path))
    session = visitor()
    (answer,) = answers(settings.choose, session.id, "mnist", "mlp")
    assert "not on this machine" in answer["status"]["message"] and is_sentence(answer["status"]["message"])
    assert answer["download"].visible and "MB" in answer["download"].value


@pytest.mark.parametrize("handler", [settings.reset, lambda name: settings.edit(name, "seed", 1)])
@pytest.mark.parametrize("name", ["gone", None, 3, ["x"]], ids=repr)
def test_a_session_that_was_put_away_says_to_reload(handler, name):
    assert "Reload the page" in refusal(handler, name)
