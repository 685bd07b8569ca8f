"""The lab "Unrolled" in a real browser: canvases say what they were given, and a step is the same step in all of them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from screens import open_page

from playground.experiment import Experiment
from playground.inspection import recurrences, step_scores
from playground.model import Model

SINES = "?architecture=rgan&dataset=sines&data.length=16&data.count=200&generator.width=12&discriminator.width=8"


@pytest.fixture
def seen(context, app_url):
    visit = open_page(context, app_url + SINES)
    visit.page.get_by_role("tab", name="Layers").click()
    visit.page.get_by_role("tab", name="Unrolled").click()
    expect(visit["#unrolled canvas.heat"].first).to_be_visible()
    yield visit
    assert visit.complaints == []
    visit.page.close()


def test_states_and_judgements_are_the_networks_own_and_follow_the_seed(seen):
    model = Model.untrained(Experiment.from_settings(dict(part.split("=") for part in SINES[1:].split("&"))))
    for seed in (1, 2):
        sample = model.generate(model.latents(1, seed))
        wanted = step_scores(model.discriminator, sample)[0]
        expect(seen["#unrolled .sample.fake figcaption b"]).to_have_text(f"Made #{seed}")
        scores = seen["#unrolled .sample.fake .bars"].get_attribute("data-scores").split()
        assert [float(score) for score in scores] == pytest.approx(wanted.tolist(), abs=1e-4)
        forget = recurrences(model.generator, model.latents(1, seed))[0].gates["forget"]
        mean = seen['#unrolled [data-map="forget"]'].get_attribute("data-mean")
        assert float(mean) == pytest.approx(forget.mean(), abs=1e-3)
        seen["#unrolled button.next"].click()


def test_a_step_is_chosen_in_one_picture_and_marked_in_all(seen):
    heat = seen['#unrolled [data-map="states"]']
    box = heat.bounding_box()
    heat.click(position={"x": box["width"] * 5.5 / 16, "y": 10})
    expect(seen["#unrolled .reading"]).to_contain_text("Step 6 of 16")
    expect(seen["#unrolled .reading"]).to_contain_text("State h, unit")
    expect(seen['#unrolled [data-map="output"]']).to_have_attribute("data-step", "5")
    heat.press("ArrowRight")
    expect(seen["#unrolled .reading"]).to_contain_text("Step 7 of 16")


def test_the_lesson_and_the_list_lead_to_other_layers(seen):
    seen["#unrolled .pick"].select_option("2")
    expect(seen['#unrolled [data-map="update"]']).to_be_visible()
    expect(seen["#unrolled .reads"]).to_be_visible()
    before = seen['#unrolled [data-map="states"]'].get_attribute("data-mean")
    seen["#unrolled .reads"].select_option("real")
    expect(seen['#unrolled [data-map="states"]']).not_to_have_attribute("data-mean", before)
    seen['#unrolled [data-show="worst"]'].click()
    scores = [float(score) for score in seen["#unrolled .sample.fake .bars"].get_attribute("data-scores").split()]
    expect(seen["#unrolled .reading"]).to_contain_text(f"Step {scores.index(min(scores)) + 1} of 16")


def test_a_network_without_steps_gets_one_sentence(context, app_url):
    visit = open_page(context, app_url + "?architecture=mlp&dataset=digits&data.resolution=16")
    visit.page.get_by_role("tab", name="Layers").click()
    visit.page.get_by_role("tab", name="Unrolled").click()
    expect(visit["#unrolled .told"]).to_contain_text("no steps to unroll")
    expect(visit["#unrolled .tools"]).to_be_hidden()
    expect(visit["#unrolled canvas"]).to_have_count(0)
    visit.page.close()
