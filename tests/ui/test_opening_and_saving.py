"""Links, checkpoints and a visitor's own pictures: what is sound opens, what is not gets a sentence and does no harm."""

from __future__ import annotations

import io
import json
import pathlib
import pickle
import urllib.parse
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from safetensors.numpy import load_file, save_file
from visitors import answers, guest, is_sentence, refusal, shipped_name, visitor

from playground.architectures import ARCHITECTURES
from playground.checkpoint import load, save, shipped
from playground.datasets import default_dataset
from playground.experiment import Experiment
from playground.inspection import shape_table
from playground.losses import LOSSES
from playground.ui.handlers import files, runs
from playground.ui.handlers.screen import FIRST_MODEL, STORE, link
from playground.ui.handlers.settings import choose
from playground.ui.session import Session

GARBAGE_LINKS = {
    "an unknown name": {"colour": "red"},
    "an unknown setting": {"generator.colour": "3"},
    "an unknown section": {"nothing.width": "3"},
    "an unknown architecture": {"architecture": "transformer"},
    "an unknown data set": {"dataset": "../../etc/passwd"},
    "words for a number": {"generator.width": "wide"},
    "a number out of range": {"recipe.learning_rate_generator": "1e9"},
    "no number at all": {"recipe.learning_rate_generator": "NaN"},
    "too many values": {"generator.kernel_size": ",".join("4" * 100)},
    "a wrong count of values": {"generator.kernel_size": "4,4"},
    "an empty value": {"seed": ""},
    "a huge value": {"seed": "9" * 20_000},
    "markup": {"architecture": "<img src=x onerror=alert(1)>"},
    "a path on this machine": {"dataset": "images", "data.path": "/etc"},
    "an opponent that is none": {"opponent": "me"},
    "networks that are too large": {"architecture": "dcgan", "data.resolution": "64", "generator.width": "256"},
    "a key that is not text": {"\x00": "\x00"},
}  # fmt: skip


@st.composite
def experiments(draw) -> Experiment:
    """Draw settings that a person could have made on the page."""
    name = draw(st.sampled_from(list(ARCHITECTURES)))
    flat = {
        "architecture": name,
        "dataset": draw(st.sampled_from(["digits", "shapes"])),
        "seed": draw(st.integers(0, 2**31 - 1)),
        "data.resolution": draw(st.sampled_from([16, 32])),
        "recipe.loss": draw(st.sampled_from(list(LOSSES))),
        "recipe.learning_rate_generator": draw(st.floats(0, 1)),
        "recipe.beta2": draw(st.floats(0, 0.9999)),
        "recipe.batch_size": draw(st.integers(2, 64)),
        "generator.width": draw(st.integers(8, 24)),
    }
    if "upsampling" in vars(ARCHITECTURES[name].generator_config):
        flat["discriminator.slope"] = draw(st.floats(0, 1))
        flat["generator.upsampling"] = draw(st.sampled_from([["nearest"], ["pixel-shuffle"], ["transposed"]]))
    flat["opponent"] = draw(st.sampled_from(["", *ARCHITECTURES])) if "discriminator.slope" not in flat else ""
    return Experiment.from_settings(flat)


def opened(link: str | dict) -> tuple[Session, dict]:
    return files.open_page(dict(urllib.parse.parse_qsl(link.removeprefix("?"))) if isinstance(link, str) else link)


def sheet(session: Session) -> str:
    return runs.screen(session, "")["sheet"]["sprite"]["src"]


def picture(colour, size=(20, 20)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


def zip_of(path: pathlib.Path, contents: dict[str, bytes]) -> str:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return str(path)


@pytest.fixture
def pictures(tmp_path) -> str:
    """A zip of six plain pictures."""
    return zip_of(tmp_path / "mine.zip", {f"{n}.png": picture((40 * n, 0, 200)) for n in range(6)})


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> pathlib.Path:
    """A sound checkpoint of small networks, trained for a step."""
    session = visitor(seed=4)
    list(runs.step(session.id))
    path = tmp_path_factory.mktemp("saved") / "small.safetensors"
    save(session.model, path)
    return path


def spoilt(saved: pathlib.Path, path: pathlib.Path, tensors: dict | None = None, **metadata: str) -> str:
    """Write the sound checkpoint again, with something changed."""
    known = json.loads(saved.read_bytes()[8:][: int.from_bytes(saved.read_bytes()[:8], "little")])["__metadata__"]
    save_file(load_file(saved) | (tensors or {}), path, known | metadata)
    return str(path)


@settings(max_examples=20)
@given(experiment=experiments())
def test_a_link_opens_the_same_experiment(experiment):
    session, screen = opened(link(Session("", experiment)))
    assert session.experiment == experiment
    assert screen["link"] == link(session) and not screen["status"]["bad"]


def test_a_link_with_values_for_each_stage_opens_the_same_chain_even_a_broken_one():
    experiment = Experiment.from_settings({"generator.kernel_size": [4, 5, 4], "generator.upsampling": ["transposed"] * 3})
    session, screen = opened(link(Session("", experiment)))
    assert session.experiment == experiment
    assert screen["ladder"]["problem"] == vars(shape_table(experiment).problem)


def test_a_link_shows_untrained_networks_and_not_the_pages_model():
    session, screen = opened("?architecture=mlp&dataset=digits")
    assert session.model is None and screen["sheet"]["sprite"] is None
    assert (screen["dataset"], screen["architecture"]["name"]) == ("digits", "mlp")


@pytest.mark.parametrize("query", GARBAGE_LINKS.values(), ids=GARBAGE_LINKS)
def test_a_link_with(query):
    session, screen = opened(query)
    assert screen["status"]["bad"] and is_sentence(screen["status"]["message"])
    assert screen["status"]["message"].startswith("This link cannot be opened: ")
    assert session.experiment == Experiment(dataset=default_dataset())
    assert session.model is not None and screen["sheet"]["sprite"] is not None


@settings(max_examples=10)
@given(
    query=st.dictionaries(st.text(max_size=20) | st.sampled_from(["seed", "data.path", "recipe.loss"]), st.text(max_size=20))
)
def test_a_link_of_anything_opens_a_page(query):
    session, screen = opened(query)
    assert STORE.get(session.id) is session
    assert is_sentence(screen["status"]["message"])


@pytest.mark.parametrize("query", [{}, {"__theme": "dark"}, {"view": "api", "logs": "build"}], ids=repr)
def test_what_others_add_to_the_address_is_no_setting(query):
    session, screen = opened(query)
    assert not screen["status"]["bad"]
    assert FIRST_MODEL in screen["status"]["message"] and session.model is not None


def test_every_visitor_gets_a_model_of_their_own():
    first, second = opened({})[0], opened({})[0]
    assert first.id != second.id and first.model is not second.model


def test_a_saved_model_opens_outside_the_page(saved):
    session = guest()
    (answer,) = answers(files.save_checkpoint, session.id)
    model = load(answer["file"].value["path"] if isinstance(answer["file"].value, dict) else answer["file"].value)
    assert model.experiment == session.model.experiment and model.step == session.model.step
    np.testing.assert_array_equal(model.sample(4), session.model.sample(4))


def test_a_saved_model_opened_in_another_session_shows_the_same_pictures_and_trains_on():
    first, second = visitor(seed=9), visitor(architecture="dcgan")
    list(runs.step(first.id))
    path = files.save_checkpoint(first.id)["file"]
    (answer,) = answers(files.open_checkpoint, second.id, path)
    assert not answer["status"]["bad"] and sheet(second) == sheet(first)
    assert second.experiment == first.experiment
    list(runs.step(second.id))
    assert (first.model.step, second.model.step) == (1, 2)


def test_without_a_model_there_is_nothing_to_save():
    assert refusal(files.save_checkpoint, visitor().id) == "There is no trained model to save yet."


def test_each_visitor_saves_to_a_place_of_their_own():
    paths = {files.save_checkpoint(visitor(model=True).id)["file"] for _ in range(3)}
    assert len({pathlib.Path(path).parent for path in paths}) == 3


def test_a_model_that_comes_with_the_page_opens():
    session = visitor()
    (answer,) = answers(files.open_shipped, session.id, shipped_name())
    assert shipped_name() in answer["status"]["message"] and session.own and session.model.step > 0


@pytest.mark.parametrize(
    "name", [None, "", "nothing", "../../etc/passwd", 3, {"a": 1}, "x" * 10_000], ids=lambda name: repr(name)[:20]
)
def test_a_model_that_does_not_come_with_the_page_is_refused(name):
    session = visitor()
    assert shipped_name() in refusal(files.open_shipped, session.id, name)


HOSTILE = {
    "nothing": lambda saved, path: path.write_bytes(b""),
    "text": lambda saved, path: path.write_bytes(b"hello\n" * 1000),
    "a pickle": lambda saved, path: path.write_bytes(pickle.dumps({"weights": [1, 2, 3]}) * 50),
    "a picture": lambda saved, path: path.write_bytes(picture("red")),
    "half a checkpoint": lambda saved, path: path.write_bytes(saved.read_bytes()[: saved.stat().st_size // 2]),
    "a header without end": lambda saved, path: path.write_bytes(b"\xff" * 7 + b"\x7f{" + b" " * 1000),
    "weights of others": lambda saved, path: save_file({"w": np.zeros(3, np.float32)}, path),
    "weights that are no numbers": lambda saved, path: spoilt(
        saved, path, {"average.stages.image.0.bias": np.full(256, np.nan, np.float32)}
    ),
    "weights of another shape": lambda saved, path: spoilt(
        saved, path, {"average.stages.image.0.bias": np.zeros(7, np.float32)}
    ),
    "a path on this machine": lambda saved, path: spoilt(
        saved, path, experiment=json.dumps({"dataset": "images", "data.path": "/etc"})
    ),
    "settings that are none": lambda saved, path: spoilt(saved, path, experiment="[" * 5000),
    "a step that is none": lambda saved, path: spoilt(saved, path, step="-1"),
    "another program's format": lambda saved, path: spoilt(saved, path, format="pt"),
}  # fmt: skip


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_a_file_that_is_no_checkpoint_is_refused_and_changes_nothing(make, saved, tmp_path):
    path = tmp_path / "<b>model.safetensors"
    make(saved, path)
    session = visitor(model=True)
    before = (session.experiment, session.model)
    refusal(files.open_checkpoint, session.id, str(path))
    assert (session.experiment, session.model) == before


def test_a_history_with_holes_is_drawn_without_them(saved, tmp_path):
    record = {"step": None, "seconds": None, "loss_discriminator": 1.0, "loss_generator": 1.0}
    sound = {"step": 1, "seconds": 0.1, "loss_discriminator": 1.0}
    path = spoilt(saved, tmp_path / "holes.safetensors", history=json.dumps([record, sound]))
    session = visitor()
    (answer,) = answers(files.open_checkpoint, session.id, path)
    assert answer["curves"]["step"] == [1] and answer["curves"]["loss_generator"] == [None]


def test_no_file_is_no_error():
    session = visitor(model=True)
    assert answers(files.open_checkpoint, session.id, None) == [{}]
    assert answers(files.upload_images, session.id, None) == answers(files.upload_images, session.id, []) == []
    assert session.model is not None


def test_ones_own_pictures_become_the_data_and_are_trained_on(pictures):
    session = visitor(model=True)
    *_, answer = answers(files.upload_images, session.id, [pictures])
    assert answer["status"]["message"] == "6 of 6 pictures are used." and not answer["status"]["bad"]
    assert session.experiment.dataset == "images" and session.experiment.spec.shape == (3, 16, 16)
    list(runs.step(session.id))
    assert session.model.step == 1


def test_ones_own_pictures_stay_in_ones_own_session(pictures):
    mine, yours = visitor(), visitor()
    list(files.upload_images(mine.id, [pictures]))
    answers(choose, yours.id, "images", "mlp")
    assert mine.folder is not None and yours.folder is None
    assert "Choose your own images first" in refusal(runs.step, yours.id)


def test_files_that_were_skipped_are_named(tmp_path):
    contents = {"a.png": picture("red"), "b.png": picture("blue"), "<i>notes</i>.txt": b"hello", "../up.png": picture("red")}
    *_, answer = answers(files.upload_images, visitor().id, [zip_of(tmp_path / "mixed.zip", contents)])
    assert "2 of 2 pictures are used." in answer["status"]["message"]
    assert "notes" in answer["status"]["message"] and "leads out of the zip" in answer["status"]["message"]


@pytest.mark.parametrize(
    "contents",
    [{"a.txt": b"hello", "b.png": b"no picture"}, {}, {"a.png": picture("red")}],
    ids=["text", "nothing", "one picture"],
)  # fmt: skip
def test_a_zip_without_pictures_is_refused_and_changes_nothing(contents, tmp_path):
    session = visitor(model=True)
    before = (session.experiment, session.model)
    refusal(files.upload_images, session.id, [zip_of(tmp_path / "bad.zip", contents)])
    assert (session.experiment, session.model, session.folder) == (*before, None)


def test_new_pictures_call_off_what_is_left_of_a_paused_run(pictures):
    session = visitor(model=True)
    session.own, session.remaining = True, 400.0
    list(files.upload_images(session.id, [pictures]))
    assert session.remaining == 0


def test_pictures_do_not_change_the_data_of_a_run_that_began_meanwhile(pictures):
    session = visitor(model=True)
    reading = files.upload_images(session.id, [pictures])
    next(reading, None)
    session.running = True
    with pytest.raises(ValueError, match="training already"):
        list(reading)
    assert session.experiment.dataset == "digits" and session.model is not None


def test_files_wait_until_a_run_is_over(saved, pictures):
    session = visitor(model=True)
    session.running = True
    for handler, file in ((files.open_checkpoint, str(saved)), (files.upload_images, [pictures]), (files.download, None)):
        inputs = () if file is None else (file,)
        assert "training already" in refusal(handler, session.id, *inputs)
    assert "training already" in refusal(files.open_shipped, session.id, shipped_name())


def test_data_that_need_no_download_are_here_at_once():
    *_, answer = answers(files.download, visitor().id)
    assert answer["status"]["message"].endswith("is on this machine now.")


@pytest.mark.parametrize("name", ["gone", None, 3], ids=repr)
def test_a_session_that_was_put_away_opens_and_saves_nothing(name, saved, pictures):
    handlers = ((files.save_checkpoint, ()), (files.open_checkpoint, (str(saved),)), (files.upload_images, ([pictures],)))
    for handler, inputs in (*handlers, (files.open_shipped, (shipped_name(),)), (files.download, ())):
        assert "Reload the page" in refusal(handler, name, *inputs)


def test_a_link_to_a_model_that_comes_with_the_page_opens_it_trained():
    name = shipped_name(with_classes=True)
    session, _ = files.open_page({"model": name})
    assert session.model is not None and session.model.step == load(files_by_name()[name]).step
    assert link(session) == f"?model={name}"


def test_training_it_further_or_changing_a_setting_makes_it_a_link_to_settings():
    session, _ = files.open_page({"model": shipped_name()})
    session.model.step += 1
    assert link(session).startswith("?architecture=")


def test_a_link_to_a_model_that_is_none_says_so_and_lists_the_models():
    session, values = files.open_page({"model": "../../etc/passwd"})
    assert values["status"]["bad"] and shipped_name() in values["status"]["message"]
    assert session.model is not None  # the page is not blank


def files_by_name() -> dict[str, pathlib.Path]:
    return {path.stem: path for path in shipped()}
