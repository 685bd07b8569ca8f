"""The cards of the architectures: what fits the data, what does not and why, and how fast it was here."""

from __future__ import annotations

import json

import pytest
from visitors import answers, is_sentence, refusal, visitor

from playground.architectures import ARCHITECTURES
from playground.datasets import DATASETS, data_root
from playground.experiment import Experiment
from playground.inspection import shape_table
from playground.presets import PRESETS
from playground.ui import compute, pace
from playground.ui.handlers import files, looking, settings
from playground.ui.handlers.screen import STORE
from playground.ui.views.gallery import gallery, misfit

CONDITIONAL = [name for name, entry in ARCHITECTURES.items() if entry.conditional]


def test_every_architecture_has_a_card_that_matches_its_shape_table():
    session = visitor()
    cards = looking.cards({"model": session.id})["cards"]
    assert [card["name"] for card in cards] == list(ARCHITECTURES)
    assert [card["name"] for card in cards if card["chosen"]] == ["mlp"]
    json.dumps(cards, allow_nan=False)
    for card in cards:
        table = shape_table(Experiment(card["name"], "digits", data=session.experiment.data))
        assert card["parameters"] == sum(row.parameters for row in (*table.generator, *table.discriminator))
        assert card["generator"][-1] == [16, 1] and card["discriminator"][-1] == [1, 1]


def test_cards_that_need_classes_say_so_where_there_are_none():
    for card in gallery(Experiment("mlp", "images")):
        assert bool(card["problem"]) == (card["name"] in CONDITIONAL)
        assert not card["problem"] or is_sentence(card["problem"])


@pytest.mark.parametrize("name", CONDITIONAL)
def test_data_without_classes_are_refused_and_nothing_changes(name):
    session = visitor(architecture=name, generator__width=8)
    before = session.experiment
    (answer,) = answers(settings.choose_data, session.id, "images")
    message = answer["status"]["message"]
    assert is_sentence(message) and ARCHITECTURES[name].title in message
    assert session.experiment is before and answer["dataset"]["value"] == "digits"


def test_an_architecture_that_needs_classes_is_refused_for_ones_own_images():
    session = visitor(dataset="images")
    sentence = refusal(settings.choose_architecture, session.id, "cgan")
    assert sentence == misfit("cgan", "images", DATASETS["images"].config()) and "architecture DCGAN." in sentence
    assert session.experiment.architecture == "mlp"


def test_ones_own_pictures_are_refused_before_they_are_read(tmp_path):
    session = visitor(architecture="cgan", generator__width=8)
    assert "needs data with classes" in refusal(files.upload_images, session.id, [str(tmp_path / "nothing.zip")])
    assert session.experiment.dataset == "digits"


def test_the_speed_of_a_real_run_is_noted(monkeypatch):
    monkeypatch.setattr(pace, "_BEST", {})
    experiment = Experiment("mlp", "digits").with_settings({"data.resolution": 16})
    samples = DATASETS["digits"].load(experiment.data, data_root())
    run = {"samples": samples, "resume": None, "seconds": 2.5, "steps": None, "stop": lambda: False}
    list(compute.snapshots(experiment.with_settings({"generator.width": 32}), **run))
    assert pace.best("mlp", experiment.spec.shape, compute.place()) is None  # other networks
    list(compute.snapshots(experiment, **run))
    assert 0 < pace.best("mlp", experiment.spec.shape, compute.place()) < 1000
    (card,) = [card for card in gallery(experiment) if card["name"] == "mlp"]
    assert card["ms"] == pace.best("mlp", experiment.spec.shape, compute.place())


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_sets_up_its_experiment_and_says_what_to_watch(name):
    session = visitor(seed=3)
    (answer,) = answers(settings.break_it, session.id, name)
    assert PRESETS[name].summary in answer["status"]["message"]
    assert session.experiment == PRESETS[name].experiment(visitor(seed=3).experiment)
    answers(settings.break_it, session.id, "defaults")
    own = ARCHITECTURES[session.experiment.architecture]
    assert session.experiment.recipe == own.recipe and session.experiment.seed == 3
    assert session.experiment.spec.shape == (1, 16, 16)


@pytest.mark.parametrize("name", ["", "nothing", None, 3, ["collapse"]], ids=repr)
def test_a_preset_that_is_not_there_is_refused(name):
    session = visitor()
    before = session.experiment
    refusal(settings.break_it, session.id, name)
    assert session.experiment is before and STORE.get(session.id) is session
