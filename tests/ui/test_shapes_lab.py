"""The shape solver's answers, without a browser."""

import json

import pytest
from small_models import IMAGE_MAKERS
from visitors import answers, is_sentence, trained, visitor

from playground.experiment import Experiment
from playground.inspection import from_experiment, problem, read_chain
from playground.ui.handlers import shapes
from playground.ui.handlers.screen import STORE
from playground.ui.tabs import wiring

TINY = {"generator__width": 4, "discriminator__width": 4}


def used(session, chain):
    """Take a chain over as the page does, and return what the lab is told, and the whole answer."""
    (values,) = wiring.guarded(shapes.use, ("shapes",))(session.id, chain)
    return values[-1]


def first(session) -> dict:
    return shapes.solve({"model": session.id, "chain": None})


@pytest.mark.parametrize("name", IMAGE_MAKERS)
def test_every_architecture_begins_with_a_valid_chain_of_its_datas_size(name):
    answer = first(STORE.open(Experiment(architecture=name)))
    assert answer["problem"] is None and answer["repairs"] == []
    assert tuple(answer["chain"]["target"]) == answer["data"]["size"] == answer["sizes"][-1][1:]
    assert answer["cannot"] == "" or is_sentence(answer["cannot"] + ".")
    json.dumps(answer, allow_nan=False)


def test_an_answer_has_all_that_the_lab_shows_of_a_broken_chain():
    session = visitor(architecture="dcgan", data__resolution=32, **TINY)
    chain = first(session)["chain"]
    chain["layers"][1]["output_padding"] = [3, 3]
    answer = shapes.solve({"model": session.id, "chain": chain})
    assert answer["problem"] == {"stage": 1, "sentence": "output padding 3 must be smaller than the stride 2 or the dilation 1"}
    assert len(answer["sizes"]) == 2 and len(answer["formulas"]) == 1
    assert answer["mirror"] is None and answer["code"] == "" and answer["cannot"]
    assert answer["repairs"][0]["sentence"] == "output padding 3 → 0 at stage 2: gives 32×32"
    assert all(problem(read_chain(repair["chain"])) is None for repair in answer["repairs"])


@pytest.mark.parametrize(
    "chain", [1, "x", [], {}, {"start": 1}, {"start": [1, 1, 1], "layers": [1], "target": 4}, {"layers": None}]
)
def test_garbage_is_answered_with_a_sentence(chain):
    session = visitor()
    assert is_sentence(shapes.solve({"model": session.id, "chain": chain})["error"] + ".")
    told = used(session, chain)
    assert told["bad"] and is_sentence(told["said"])


def test_a_chain_of_no_session_is_answered_with_a_sentence():
    assert is_sentence(shapes.solve({"model": "nobody", "chain": None})["error"])
    assert is_sentence(shapes.solve(None)["error"])


def test_a_chain_becomes_the_generators_settings():
    session = visitor(architecture="dcgan", data__resolution=32, **TINY)
    chain = first(session)["chain"]
    chain["layers"][0] |= {"kernel": [5, 5], "padding": [2, 2], "output_padding": [1, 1]}
    (answer,) = answers(shapes.use, session.id, chain)
    assert answer["ladder"] and not answer["status"]["bad"]
    assert session.experiment.generator.kernel_size == (5, 4, 4)
    assert from_experiment(session.experiment).layers[0].output_padding == (1, 1)
    assert not used(session, chain)["bad"]
    assert used(session, chain)["said"] == "Your generator has exactly these stages already."


def test_weights_that_still_fit_are_kept():
    session = trained(visitor(architecture="dcgan", **TINY), 2)
    before = session.model.generator.state_dict()["stages.project.1.weight"].clone()
    chain = first(session)["chain"]
    chain["layers"][0] |= {"padding": [2, 2]}
    chain["layers"][1] |= {"padding": [0, 0], "kernel": [6, 6]}
    assert problem(read_chain(chain)) is None
    told = used(session, chain)
    assert not told["bad"], told
    assert session.own and (session.model.generator.state_dict()["stages.project.1.weight"] == before).all()


def test_what_the_settings_cannot_express_is_told_and_changes_nothing():
    session = visitor(architecture="dcgan", **TINY)
    before = session.experiment
    chain = first(session)["chain"]
    chain["layers"][0] |= {"kernel": [3, 3], "dilation": [2, 2], "padding": [2, 2], "output_padding": [1, 1]}
    told = used(session, chain)
    assert told == {"said": "Dilation and groups are no settings of this generator.", "bad": True}
    assert session.experiment is before


def test_a_run_in_progress_is_not_disturbed():
    session = visitor(architecture="dcgan", **TINY)
    chain = first(session)["chain"]
    session.running = True
    assert "training already" in used(session, chain)["said"]
