"""Settings, data and files on the page: what is changed shows before it is trained, what is saved opens elsewhere."""

from __future__ import annotations

import io
import pathlib
import re
import zipfile

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect
from screens import (
    CONVOLUTIONAL,
    SMALL,
    Visit,
    choose,
    choose_architecture,
    colours,
    downloaded,
    number,
    picture,
    press,
    says,
    set_field,
    trained,
    unfold,
    wait_for_number,
)

import playground

UP2 = "#ladder .stage[data-key='generator.up2']"


@pytest.fixture
def editor(visit) -> Visit:
    """A visitor with the form open, before networks of two stages that are not trained yet."""
    seen = visit(CONVOLUTIONAL)
    says(seen, "^Untrained")
    unfold(seen, "options")
    expect(seen["#form [data-key='generator.kernel_size.up2']"]).to_be_visible()
    return seen


def zip_of_pictures(path: pathlib.Path, count: int = 8) -> pathlib.Path:
    """Write a zip of plain pictures, each of another colour, and one file that is none and would like to be a script."""
    with zipfile.ZipFile(path, "w") as archive:
        for index in range(count):
            buffer = io.BytesIO()
            Image.new("RGB", (24, 24), (255 - 30 * index, 30 * index, 90)).save(buffer, "PNG")
            archive.writestr(f"{index}.png", buffer.getvalue())
        archive.writestr("<img src=x onerror=alert(1)>.txt", "not a picture")
    return path


def save_checkpoint(seen: Visit, folder: pathlib.Path) -> pathlib.Path:
    unfold(seen, "files")
    file = downloaded(seen, "#save")
    file.save_as(folder / file.suggested_filename)
    return folder / file.suggested_filename


def open_model(seen: Visit, file: pathlib.Path) -> None:
    unfold(seen, "files")
    with seen.page.expect_file_chooser() as chooser:
        seen["#open"].click()
    chooser.value.set_files(file)


def give_pictures(seen: Visit, file: pathlib.Path) -> None:
    unfold(seen, "files")
    seen["#images input[type=file]"].set_input_files(file)


def test_a_changed_kernel_redraws_the_ladder_before_any_training(editor):
    set_field(editor, "generator.kernel_size.up1", "6")
    expect(editor["#ladder .stage[data-key='generator.up1'] .layer"]).to_contain_text("kernel 6")
    expect(editor["#ladder .problem"]).to_be_visible()
    set_field(editor, "generator.padding.up1", "2")
    expect(editor["#ladder .problem"]).to_be_hidden()
    expect(editor["#ladder .stage[data-key='generator.up1'] .shape"]).to_have_text("4 × 8 × 8")
    expect(editor["#sheet .empty"]).to_be_visible()
    assert editor.session.model is None


def test_a_chain_of_sizes_that_breaks_turns_red_and_is_not_trained(editor):
    set_field(editor, "generator.kernel_size.up2", "5")
    says_why = re.compile(r"^The sizes do not meet in the generator, stage up2: .*17×17.*16×16.*\.$")
    expect(editor["#ladder .problem"]).to_have_text(says_why)
    expect(editor[UP2]).to_have_class(re.compile(r"\bbroken\b"))
    press(editor, "train")
    says(editor, r"^This cannot be trained: .+\.$")
    expect(editor["button#train"]).to_be_enabled()
    set_field(editor, "generator.kernel_size.up2", "4")
    expect(editor["#ladder .problem"]).to_be_hidden()
    expect(editor[UP2]).not_to_have_class(re.compile(r"\bbroken\b"))


def test_a_value_out_of_range_is_refused_in_the_form_and_the_old_one_comes_back(editor):
    set_field(editor, "recipe.learning_rate_generator", "7")
    expect(editor["#form .error"]).to_have_text(re.compile("must be between 0 and 1, not"))
    assert editor.session.experiment.recipe.learning_rate_generator < 1
    set_field(editor, "recipe.learning_rate_generator", "0.001")
    expect(editor["#form .error"]).to_be_hidden()
    assert editor.session.experiment.recipe.learning_rate_generator == 0.001


def test_a_resizing_stage_needs_no_padding_and_says_so(editor):
    editor["#form [data-key='generator.upsampling.up1']"].select_option("nearest")
    expect(editor["#form [data-key='generator.padding.up1']"]).to_be_disabled()
    expect(editor["#form [data-key='generator.padding.up2']"]).to_be_enabled()
    expect(editor["#ladder .stage[data-key='generator.up1'] .layer"]).to_contain_text("resize")


def test_the_form_keeps_the_place_where_one_types(editor):
    field = editor["#form [data-key='recipe.batch_size']"]
    field.fill("32")
    field.press("Enter")
    says(editor, ".")
    expect(field).to_be_focused()
    assert field.input_value() == "32"


def test_the_recipe_can_change_in_a_pause_and_the_model_stays(editor):
    trained(editor)
    editor["#form [data-key='recipe.loss']"].select_option("least-squares")
    says(editor, "^Changed. It takes effect at the next step.")
    press(editor, "step")
    says(editor, "^Step 3:")
    assert editor.session.model.experiment.recipe.loss == "least-squares"


def test_the_link_follows_the_form(editor):
    unfold(editor, "files")
    editor["#form [data-key='recipe.loss']"].select_option("least-squares")
    expect(editor["#link textarea"]).to_have_value(re.compile("recipe.loss=least-squares"))
    set_field(editor, "generator.width", "5")
    expect(editor["#link textarea"]).to_have_value(re.compile("generator.width=5"))


def test_another_architecture_shows_its_own_ladder(visit):
    seen = visit(SMALL)
    choose_architecture(seen, "dcgan")
    expect(seen["#ladder .stage[data-key='generator.up2']"]).to_be_visible()
    says(seen, "^Untrained networks")
    assert seen.session.experiment.architecture == "dcgan" and seen.session.experiment.data.resolution == 16


def test_another_data_set_changes_the_channels_and_trains(visit):
    seen = visit(SMALL)
    choose(seen, "dataset", playground.DATASETS["shapes"].title)
    expect(seen["#ladder .stage[data-key='generator.image'] .shape"]).to_have_text("3 × 16 × 16")
    trained(seen)
    expect(seen["#sheet .caption"]).to_contain_text("mlp · shapes · step 2")


def test_a_data_set_that_is_not_here_offers_its_download(visit):
    seen = visit(SMALL)
    choose(seen, "dataset", playground.DATASETS["mnist"].title)
    says(seen, "is not on this machine yet")
    expect(seen["#download"]).to_be_visible()
    choose(seen, "dataset", playground.DATASETS["digits"].title)
    expect(seen["#download"]).to_be_hidden()


def test_ones_own_pictures_are_uploaded_and_trained_on(visit, tmp_path):
    seen = visit(SMALL)
    give_pictures(seen, zip_of_pictures(tmp_path / "mine.zip"))
    says(seen, r"^8 of 8 pictures are used\. Skipped: <img src=x onerror=alert\(1\)>\.txt: not an image")
    assert seen["#status img"].count() == 0
    expect(seen["#dataset input"]).to_have_value(playground.DATASETS["images"].title)
    trained(seen)
    expect(seen["#sheet .caption"]).to_contain_text("mlp · images · step 2")
    assert colours(seen, "#sheet canvas") > 10


def test_files_that_are_no_pictures_are_answered_with_a_sentence(visit, tmp_path):
    seen = visit(SMALL)
    (tmp_path / "notes.zip").write_bytes(b"no zip at all")
    give_pictures(seen, tmp_path / "notes.zip")
    says(seen, "^At least 2 usable images are needed")
    assert seen.session.experiment.dataset == "digits"


def test_a_saved_model_opens_in_another_browser_with_the_same_pictures(visit, tmp_path):
    first = visit(SMALL)
    trained(first)
    path = save_checkpoint(first, tmp_path)
    assert path.name == "mlp-digits-step2.safetensors"
    np.testing.assert_array_equal(playground.load(path).sample(3), first.session.model.sample(3))
    second = visit(CONVOLUTIONAL, elsewhere=True)
    open_model(second, path)
    says(second, r"^Opened mlp-digits-step2\.safetensors: mlp on .+, step 2\.")
    wait_for_number(second, "sheet", "painted", 1)
    assert picture(second) == picture(first) and number(second, "curves", "points") == 2
    press(second, "step")
    says(second, "^Step 3:")


def test_a_file_that_is_no_model_is_answered_with_a_sentence(visit, tmp_path):
    seen = visit(SMALL)
    (tmp_path / "<b>x.safetensors").write_bytes(b"hello" * 100)
    open_model(seen, tmp_path / "<b>x.safetensors")
    says(seen, r"is not a safetensors file\.$")
    assert seen["#status .message b"].count() == 0


def test_a_model_that_comes_with_the_page_opens_from_the_list(visit):
    seen = visit(SMALL)
    unfold(seen, "files")
    choose(seen, "shipped", "sn-dcgan-mnist")
    says(seen, "^Opened sn-dcgan-mnist")
    expect(seen["#sheet .caption"]).to_contain_text("sn-dcgan · mnist")
    assert colours(seen, "#walk .now canvas") > 4


def test_without_a_model_there_is_nothing_to_save(visit):
    seen = visit(SMALL)
    unfold(seen, "files")
    press(seen, "save")
    says(seen, "^There is no trained model to save yet.")
