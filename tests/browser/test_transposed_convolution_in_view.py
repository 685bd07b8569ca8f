"""The lab of transposed convolutions in a browser: stepped, clicked, typed into, and every sum is the value in the picture."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect
from screens import CONVOLUTIONAL, SMALL, Visit, open_tab, overflow, press, says

LAB = "#transposed"


def open_lab(seen: Visit) -> Visit:
    open_tab(seen, "Layers")
    open_tab(seen, "Transposed convolution", "layers-tabs")
    seen.page.wait_for_function("() => document.querySelector('#transposed p.one[data-value]')")
    return seen


@pytest.fixture
def seen(shared_visit) -> Visit:
    """A visitor before the sandbox with its first layer, whatever its numbers; several tests share the page."""
    open_lab(shared_visit)
    show(shared_visit, "scatter")
    return shared_visit


def values(seen: Visit, name: str) -> list[float]:
    return json.loads(seen[f"{LAB} canvas[data-name={name}]"].get_attribute("data-given"))


def show(seen: Visit, view: str) -> None:
    seen[f"{LAB} .views [data-view={view}]"].click()


def noted(seen: Visit, name: str) -> str:
    return seen[f"{LAB} [data-{name}]"].first.get_attribute(f"data-{name}")


def waits(seen: Visit, script: str, argument: object = None) -> None:
    seen.page.wait_for_function(script, arg=argument)


def step_on(seen: Visit, step: int) -> None:
    seen[f"{LAB} .next"].click()
    expect(seen[f"{LAB} .play .count"]).to_have_text(re.compile(rf"^{step} of "))


def click_cell(seen: Visit, name: str, y: int, x: int) -> None:
    canvas = seen[f"{LAB} canvas[data-name={name}]"]
    rows, columns = map(int, canvas.get_attribute("data-shape").split("×"))
    box = canvas.bounding_box()
    canvas.click(position={"x": (x + 0.5) * box["width"] / columns, "y": (y + 0.5) * box["height"] / rows})


def written(seen: Visit, y: int, x: int, kind: str = "one") -> dict:
    """Wait for the sum that makes the pixel (y, x); return its products, what they add up to and what PyTorch gives."""
    script = """row => ({
        products: [...row.querySelectorAll('[data-product]')].map((node) => Number(node.dataset.product)),
        value: Number(row.dataset.value), shown: Number(row.dataset.shown) })"""
    return seen[f"{LAB} p.{kind}[data-cell='{y},{x}']"].evaluate(script)


def test_both_ways_stand_side_by_side_with_the_same_numbers_and_fit_the_screen(visit):
    seen = open_lab(visit(height=800))
    assert values(seen, "up") == values(seen, "zeros-up")
    expect(seen[f"{LAB} .verdict"]).to_have_text("Both ways give exactly the numbers of PyTorch's own layer.")
    for name in ("up", "zeros-up"):
        box = seen[f"{LAB} canvas[data-name={name}]"].bounding_box()
        assert box["y"] + box["height"] < 800 and box["x"] + box["width"] < 1280
    assert overflow(seen) <= 0 and "{" not in seen[LAB].inner_text()


def test_stamps_are_added_step_by_step_until_the_output_is_there(seen):
    whole = values(seen, "up")
    inputs, kernel = values(seen, "input"), values(seen, "kernel")
    step_on(seen, 1)
    first = "([value]) => JSON.parse(document.querySelector('#transposed canvas[data-name=up]').dataset.given)[0] === value"
    waits(seen, first, [inputs[0] * kernel[0]])
    assert values(seen, "up") != whole
    for step in range(2, 10):
        step_on(seen, step)
    final = "([whole]) => document.querySelector('#transposed canvas[data-name=up]').dataset.given === JSON.stringify(whole)"
    waits(seen, final, [[int(value) for value in whole]])
    seen[f"{LAB} .back"].click()
    expect(seen[f"{LAB} .play .count"]).to_have_text("8 of 9")


def test_playing_goes_to_the_end_by_itself_and_can_be_paused(seen):
    seen[f"{LAB} .play select"].select_option("fast")
    seen[f"{LAB} .go"].click()
    expect(seen[f"{LAB} .play .count"]).to_have_text("9 of 9")
    expect(seen[f"{LAB} .go"]).to_have_text("Play")
    show(seen, "zeros")
    seen[f"{LAB} .go"].click()
    expect(seen[f"{LAB} .play .count"]).to_have_text(re.compile("^[3-9] of 49"))
    seen[f"{LAB} .go"].click()
    expect(seen[f"{LAB} .go"]).to_have_text("Play")


def test_the_arrow_keys_go_from_pixel_to_pixel(seen):
    click_cell(seen, "up", 2, 2)
    seen[f"{LAB} canvas[data-name=up]"].press("ArrowRight")
    expect(seen[f"{LAB} p.one .name"]).to_contain_text("(3, 4)")


@pytest.mark.parametrize(("view", "name", "columns"), [("scatter", "up", 7), ("zeros", "zeros-up", 7), ("conv", "down", 3)])
def test_a_clicked_pixel_is_written_as_a_sum_that_makes_its_value(seen, view, name, columns):
    show(seen, view)
    for y, x in [(2, 2), (0, 1)]:
        click_cell(seen, name, y, x)
        expect(seen[f"{LAB} p.one .name"]).to_have_text(re.compile(rf"^\({y + 1}, {x + 1}\): ?$"))
        found = written(seen, y, x)
        assert sum(found["products"]) == found["value"] == values(seen, name)[y * columns + x]


def test_a_real_layer_adds_up_over_all_its_channels(visit):
    seen = visit(CONVOLUTIONAL)
    press(seen, "step")
    says(seen, "^Step 1")
    open_lab(seen)
    seen[f"{LAB} select.source"].select_option("generator/up2/0")
    expect(seen[f"{LAB} p.whole"]).to_be_visible()
    click_cell(seen, "up", 5, 6)
    expect(seen[f"{LAB} p.whole .name"]).to_contain_text("all channels (4)")
    found = written(seen, 5, 6, "whole")
    assert sum(found["products"]) == pytest.approx(found["value"], rel=1e-5, abs=1e-8)
    assert found["value"] == pytest.approx(found["shown"], rel=1e-3, abs=1e-6)
    expect(seen[f"{LAB} .steppers"]).to_be_hidden()
    step_on(seen, 1)
    seen[f"{LAB} select.source"].select_option("discriminator/down1/0")
    expect(seen[f"{LAB} .views [data-view=conv]"]).to_have_attribute("aria-pressed", "true")


def test_the_sentences_of_the_lesson_turn_the_picture(seen):
    for view in ("overlap", "matrix", "conv", "spectra", "zeros"):
        seen[f"{LAB} .lesson [data-show={view}]"].click()
        expect(seen[f"{LAB} .views [data-view={view}]"]).to_have_attribute("aria-pressed", "true")
    expect(seen[f"{LAB} .lesson"]).to_contain_text("3×3 becomes 7×7")


def test_steppers_change_the_layer_and_what_cannot_be_is_taken_back(visit):
    seen = open_lab(visit())
    bigger = seen[f"{LAB} .stepper:has([data-setting=kernel]) button"].last
    bigger.click()
    expect(seen[f"{LAB} .lesson"]).to_contain_text("3×3 becomes 8×8")
    show(seen, "overlap")
    expect(seen[f"{LAB} .verdict"]).to_contain_text("Even: 2 divides 4")
    smaller = seen[f"{LAB} .stepper:has([data-setting=size]) button"].first
    smaller.click()
    smaller.click()
    for _ in range(2):
        seen[f"{LAB} .stepper:has([data-setting=padding]) button"].last.click()
    expect(seen[f"{LAB} .notice"]).to_contain_text("nothing is left")
    expect(seen[f"{LAB} [data-setting=padding]"]).to_have_text("1")


def test_a_number_can_be_typed_into_the_input(seen):
    click_cell(seen, "input", 0, 0)
    seen[f"{LAB} .edit"].fill("9")
    seen[f"{LAB} .edit"].press("Enter")
    waits(seen, "() => JSON.parse(document.querySelector('#transposed canvas[data-name=input]').dataset.given)[0] === 9")
    assert values(seen, "up")[0] == 9 * values(seen, "kernel")[0]
    seen[f"{LAB} .shuffle"].click()
    waits(seen, "() => JSON.parse(document.querySelector('#transposed canvas[data-name=input]').dataset.given)[0] !== 9")


def test_the_pair_is_adjoint_in_the_numbers_that_are_shown(seen):
    show(seen, "conv")
    big, small = values(seen, "big"), values(seen, "adjoint-x")
    down, up = values(seen, "down"), values(seen, "adjoint-up")
    one, other = (sum(a * b for a, b in zip(*both, strict=True)) for both in ((down, small), (big, up)))
    assert one == other == float(noted(seen, "left")) == float(noted(seen, "right"))


def test_the_matrix_times_the_input_is_the_output(seen):
    show(seen, "matrix")
    matrix, x, y = (values(seen, name) for name in ("transpose", "column-x", "column-y"))
    made = [sum(weight * value for weight, value in zip(matrix[9 * row : 9 * row + 9], x, strict=True)) for row in range(49)]
    assert made == y


def test_two_trainings_are_compared_and_can_be_stopped(visit):
    seen = visit("?architecture=dcgan&dataset=digits&data.resolution=16&generator.width=4&discriminator.width=4")
    press(seen, "reset")
    says(seen, "^Back at the start")
    open_lab(seen)
    show(seen, "spectra")
    seen[f"{LAB} .begin"].click()
    expect(seen[f"{LAB} .shares tr"]).to_have_count(3)
    seen[f"{LAB} .halt"].click()
    expect(seen[f"{LAB} .spectra"]).to_have_attribute("data-running", "false")
    assert all(0 <= float(row.get_attribute("data-share")) <= 1 for row in seen[f"{LAB} .shares tr"].all())


def test_a_generator_of_another_kind_says_what_enlarges_and_keeps_to_the_sandbox(visit):
    seen = visit(SMALL)
    press(seen, "step")
    says(seen, "^Step 1")
    open_lab(seen)
    expect(seen[f"{LAB} .note"]).to_contain_text("without transposed convolutions")
    show(seen, "spectra")
    seen[f"{LAB} .begin"].click()
    expect(seen[f"{LAB} .state"]).to_contain_text("Choose DCGAN")
    expect(seen[f"{LAB} .begin"]).to_be_enabled()


def test_on_a_phone_and_in_the_dark_it_holds(visit):
    seen = open_lab(visit("?__theme=dark", width=390, height=844))
    for view in ("zeros", "overlap", "matrix", "conv", "spectra", "scatter"):
        show(seen, view)
        assert overflow(seen) <= 0
    for button in seen[f"{LAB} .picture button:visible, {LAB} .bar button:visible"].all():
        box = button.bounding_box()
        assert box["height"] >= 32 and box["width"] >= 32
    click_cell(seen, "up", 1, 1)
    expect(seen[f"{LAB} p.one .name"]).to_contain_text("(2, 2)")
