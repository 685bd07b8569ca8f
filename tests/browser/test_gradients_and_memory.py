"""The lab "Gradients and memory" in a browser: its lesson drives the pictures, its sliders answer at once."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from screens import SMALL, colours, open_tab, overflow, picture, trained

ROWS = "?architecture=recurrent-rows&dataset=digits&data.resolution=16&generator.width=8&discriminator.width=8"
ATTENTIVE = "?architecture=sagan&dataset=digits&data.resolution=16&generator.width=8&discriminator.width=8"


def open_lab(seen) -> None:
    open_tab(seen, "Layers")
    open_tab(seen, "Gradients and memory", "layers-tabs")
    expect(seen["#gradients section[data-view='memory'] .reading"]).to_contain_text("After 64 steps")


def lesson(seen, name: str) -> None:
    seen[f"#gradients aside [data-show='{name}']"].click()


def norm(seen, name: str, end: str = "first") -> float:
    return float(seen[f"#gradients [data-line='{name}']"].get_attribute(f"data-{end}"))


def wait_for_number_of_paintings(seen, least: int) -> None:
    script = "least => Number(document.querySelector('#gradients [data-painted]')?.dataset.painted ?? 0) >= least"
    seen.page.wait_for_function(script, arg=least)


@pytest.fixture
def lab(visit):
    seen = visit(SMALL)
    open_lab(seen)
    return seen


def test_the_four_lines_are_drawn_and_can_be_switched_off(lab):
    plot = lab["#gradients canvas.plot"]
    expect(plot).to_have_attribute("data-lines", "rnn gru lstm transformer")
    assert norm(lab, "rnn") < norm(lab, "gru") < norm(lab, "transformer")
    assert colours(lab, "#gradients canvas.cells") > 20
    lab["#gradients [data-line='rnn']"].click()
    expect(plot).to_have_attribute("data-lines", "gru lstm transformer")
    expect(lab["#gradients section[data-view='memory'] .reading"]).to_contain_text("the gradient of the GRU has shrunk")


def test_the_lesson_makes_it_vanish_and_explode(lab):
    reading = lab["#gradients section[data-view='memory'] .reading"]
    lesson(lab, "explode")
    expect(reading).to_contain_text("the gradient of the RNN has grown to")
    assert norm(lab, "rnn") > 4
    expect(lab["#gradients aside"]).to_contain_text("1.2⁶⁴ ≈ 1·10⁵")
    lesson(lab, "vanish")
    expect(reading).to_contain_text("the gradient of the RNN has shrunk to")
    expect(lab["#gradients aside [data-show='vanish']"]).to_have_attribute("aria-pressed", "true")
    before = norm(lab, "lstm")
    lesson(lab, "gates")
    expect(lab["#gradients [data-slider='bias'] output"]).to_have_text("+3")
    lab.page.wait_for_function(f"Number(document.querySelector('#gradients [data-line=lstm]').dataset.first) > {before + 3}")


def test_the_gradient_is_sent_back_through_the_cells(lab):
    lab["#gradients .play"].click()
    lab.page.wait_for_function("Number(document.querySelector('#gradients canvas.cells').dataset.from) > 0")
    lab.page.wait_for_function("document.querySelector('#gradients canvas.cells').dataset.from === '0'")


def test_a_place_under_the_pointer_is_read_out_and_keys_move_it(lab):
    lab["#gradients canvas.plot"].hover(position={"x": 300, "y": 100})
    reading = lab["#gradients section[data-view='memory'] .reading"]
    expect(reading).to_contain_text("Step ")
    lab["#gradients canvas.plot"].press("ArrowLeft")
    expect(reading).to_contain_text("Transformer")


def test_every_move_of_a_slider_is_drawn(lab):
    for value in ("0.5", "-1"):
        painted = int(lab["#gradients [data-painted]"].get_attribute("data-painted"))
        lab["#gradients [data-slider='bias'] input"].fill(value)
        wait_for_number_of_paintings(lab, painted + 1)


def test_states_and_attention_are_shown(lab):
    lesson(lab, "state")
    expect(lab["#gradients .maps canvas"]).to_have_count(5)
    forget = lab["#gradients .maps canvas[data-map='forget']"]
    lab.page.wait_for_function("Number(document.querySelector('#gradients canvas[data-map=forget]').dataset.mean) > 0.85")
    expect(forget).to_have_attribute("data-steps", "64")
    lab["#gradients [data-cell='gru']"].click()
    expect(lab["#gradients .maps canvas"]).to_have_count(3)
    lesson(lab, "attention")
    expect(lab["#gradients .heads canvas"]).to_have_count(4)
    lab["#gradients .heads canvas"].first.hover(position={"x": 20, "y": 100})
    expect(lab["#gradients section[data-view='attention'] .reading"]).to_contain_text("it looks most at step")


def test_a_model_shows_its_gradients_and_follows_them_through_its_run(visit):
    seen = visit(SMALL)
    trained(seen)
    open_lab(seen)
    lesson(seen, "model")
    expect(seen["#gradients .row"].first).to_be_visible()
    expect(seen["#gradients .nothing"]).to_contain_text("no recurrent cells and no attention")
    assert all(float(row.get_attribute("data-weights")) for row in seen["#gradients .row"].all())
    seen["#gradients .following"].click()
    canvas = seen["#gradients .course canvas"].first
    moments = len(seen.session.run.timeline)
    expect(canvas).to_have_attribute("data-moments", str(moments))
    expect(seen["#gradients .following"]).to_be_enabled()
    assert moments > 1 and colours(seen, "#gradients .course canvas") > 3


def test_a_recurrent_model_shows_its_rows_before_it_is_trained(visit):
    seen = visit(ROWS)
    open_lab(seen)
    lesson(seen, "model")
    rows = seen["#gradients canvas.rows"]
    expect(rows).to_have_attribute("data-steps", "8")
    assert float(rows.get_attribute("data-first")) < float(rows.get_attribute("data-last"))
    expect(seen["#gradients .inside canvas.heat"]).to_have_count(6)


def test_a_click_on_a_place_shows_where_attention_looks(visit):
    seen = visit(ATTENTIVE)
    open_lab(seen)
    lesson(seen, "model")
    look = seen["#gradients .looks canvas.look"]
    expect(look).to_have_attribute("data-sum", "1.000")
    first = picture(seen, "#gradients .looks canvas.look")
    seen["#gradients .looks canvas.query"].click(position={"x": 3, "y": 3})
    expect(seen["#gradients .looks"]).to_have_attribute("data-query", "0")
    assert picture(seen, "#gradients .looks canvas.look") != first


def test_the_lab_fits_a_phone(visit):
    seen = visit(SMALL, width=390, height=844)
    open_lab(seen)
    for name in ("unroll", "state", "attention", "model"):
        lesson(seen, name)
        expect(seen[f"#gradients aside [data-show='{name}']"]).to_have_attribute("aria-pressed", "true")
        expect(seen["#gradients section:visible canvas, #gradients section:visible .nothing:visible"].first).to_be_visible()
        assert overflow(seen) <= 0
    heights = [
        node.bounding_box()["height"]
        for node in seen["#gradients .work button, #gradients .work select"].all()
        if node.is_visible()
    ]
    assert min(heights) >= 32
