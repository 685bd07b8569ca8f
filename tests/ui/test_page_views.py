"""What the components are given: plain JSON that says of every experiment what the experiment is."""

from __future__ import annotations

import base64
import dataclasses
import io
import json
import math
import re

import numpy as np
import pytest
from PIL import Image

from playground.architectures import ARCHITECTURES
from playground.datasets import DATASETS
from playground.experiment import SECTIONS, Experiment
from playground.model import Model
from playground.training.snapshot import RECORD_FIELDS
from playground.ui.views.curves import MAX_POINTS, curves
from playground.ui.views.form import form
from playground.ui.views.image import sprite_json
from playground.ui.views.ladder import TOP_MAPS, ladder, layer_name, sheet_of_stage

every_architecture = pytest.mark.parametrize("name", ARCHITECTURES)
GROWING = ("progan",)  # its untrained networks are small: most stages wait for their turn
every_resolution = pytest.mark.parametrize("resolution", [16, 32, 64])


def experiment(name: str, resolution: int = 16, dataset: str = "digits", **settings) -> Experiment:
    flat = {"architecture": name, "dataset": dataset, "data.resolution": resolution}
    return Experiment.from_settings(flat | {key.replace("__", "."): value for key, value in settings.items()})


def ladder_of(model: Model) -> dict:
    return ladder(model.experiment, model, model.latents(1, 1)[0])


def public_fields(described: Experiment) -> dict[str, dataclasses.Field]:
    """Return the settings that a person may change, by their keys."""
    configs = {section: getattr(described, section) for section in SECTIONS}
    fields = {f"{name}.{spec.name}": spec for name, config in configs.items() for spec in dataclasses.fields(config)}
    return {key: spec for key, spec in fields.items() if not spec.metadata["private"]}


def form_fields(described: Experiment) -> dict[str, dict]:
    sections = form(described)["sections"]
    return {field["key"]: field for section in sections for field in (*section["fields"], *section["per_stage"])}


@every_architecture
@every_resolution
def test_the_ladder_leads_from_noise_to_the_sample_and_on_to_one_number(name, resolution):
    shown = experiment(name, resolution)
    described = ladder(shown)
    stages = described["networks"]
    assert described["latent_dim"] == shown.generator.latent_dim and described["problem"] is None
    assert stages["generator"][-1]["shape"] == described["sample"] == [1, resolution, resolution]
    assert stages["discriminator"][-1]["shape"] == []
    json.dumps(described, allow_nan=False)


@every_architecture
@every_resolution
def test_every_stage_that_is_more_than_a_number_has_contents(name, resolution):
    described = ladder_of(Model.untrained(experiment(name, resolution)))
    stages = [(network, stage) for network, found in described["networks"].items() for stage in found]
    drawn, wanted = set(described["contents"]["stages"]), {f"{net}.{stage['name']}" for net, stage in stages if stage["shape"]}
    assert drawn <= wanted if name in GROWING else drawn == wanted
    assert len(described["contents"]["z"]) == described["latent_dim"] and isinstance(described["contents"]["score"], float)
    for network, stage in ((network, stage) for network, stage in stages if f"{network}.{stage['name']}" in drawn):
        contents = described["contents"]["stages"][f"{network}.{stage['name']}"]
        assert contents["sprite"]["count"] == len(contents["channels"]) <= TOP_MAPS
        if len(stage["shape"]) == 3:
            assert [contents["sprite"]["height"], contents["sprite"]["width"]] == stage["shape"][1:]


@every_architecture
def test_a_stage_counts_the_weights_of_its_layers(name):
    shown = experiment(name, 32)
    model = Model.untrained(shown)
    for network, stages in ladder(shown)["networks"].items():
        weights = sum(value.numel() for value in getattr(model, network).parameters())
        assert sum(stage["parameters"] for stage in stages) == weights


@every_architecture
def test_every_stage_names_its_layer_in_words(name):
    for stages in ladder(experiment(name, 32))["networks"].values():
        for stage in stages:
            assert stage["layer"] and not re.search(r"[a-z][A-Z]|\d[dD]", stage["layer"]), stage


@pytest.mark.parametrize("name", ["sn-dcgan", "mlp", "dcgan"])
def test_every_stage_shows_its_arithmetic(name):
    for stages in ladder(experiment(name, 32))["networks"].values():
        for stage in stages:
            assert any(module["formula"] for module in stage["modules"]), stage["name"]


@pytest.mark.parametrize(
    ("kind", "said"),
    [("Conv2d", "conv"), ("SparseMapThing", "sparse map thing"), ("GRUCell", "gru cell"), ("Conv9d", "conv9d")],
)
def test_a_layer_without_a_name_of_its_own_is_called_by_its_class(kind, said):
    assert layer_name(kind) == said


@every_architecture
def test_a_colour_image_is_one_picture_and_not_three_maps(name):
    described = ladder_of(Model.untrained(experiment(name, dataset="shapes")))
    last = described["networks"]["generator"][-1]["name"]
    assert described["contents"]["stages"][f"generator.{last}"]["sprite"]["count"] == 1


@pytest.mark.parametrize(
    ("settings", "network", "stage"),
    [
        ({"generator__kernel_size": "4,5,4"}, "generator", "up3"),
        ({"generator__padding": "1,1,0"}, "generator", "up3"),
        ({"discriminator__kernel_size": "4,4,11"}, "discriminator", "down3"),
        ({"discriminator__stride": "8,8,8", "discriminator__padding": "0"}, "discriminator", "down3"),
    ],
)
def test_a_chain_that_breaks_says_where_and_shows_the_stage(settings, network, stage):
    described = ladder(experiment("sn-dcgan", 32, **settings))
    problem = described["problem"]
    assert (problem["network"], problem["stage"]) == (network, stage) and problem["sentence"]
    assert stage in [found["name"] for found in described["networks"][network]]
    other = "discriminator" if network == "generator" else "generator"
    assert len(described["networks"][other]) == 4
    json.dumps(described, allow_nan=False)


def test_all_channels_of_a_stage_come_with_their_numbers_and_statistics():
    model = Model.untrained(experiment("dcgan", 32))
    shown = sheet_of_stage(model, model.latents(1, 1)[0], "discriminator", "down2")
    assert sorted(shown["channels"]) == list(range(32)) and shown["sprite"]["count"] == 32
    json.dumps(shown, allow_nan=False)


@pytest.mark.parametrize(("network", "stage"), [("generator", "nothing"), ("nobody", "up1"), ("", ""), ("x" * 999, "x" * 999)])
def test_a_stage_that_is_not_there_is_refused(network, stage):
    model = Model.untrained(experiment("dcgan"))
    with pytest.raises(ValueError, match="there is no stage") as caught:
        sheet_of_stage(model, model.latents(1, 1)[0], network, stage)
    assert len(str(caught.value)) < 120


@every_architecture
@pytest.mark.parametrize("dataset", DATASETS)
def test_the_form_shows_every_public_setting_with_its_help_and_range(name, dataset):
    if ARCHITECTURES[name].conditional and not DATASETS[dataset].spec(DATASETS[dataset].config()).classes:
        return  # refused, as tests/test_experiment.py shows
    shown = experiment(name, dataset=dataset)
    found, wanted = form_fields(shown), public_fields(shown)
    assert set(found) == set(wanted) | {"seed", "opponent"}
    for key, spec in wanted.items():
        assert found[key]["help"] == spec.metadata["help"] != ""
        assert (found[key]["low"], found[key]["high"]) == (spec.metadata["low"], spec.metadata["high"])
    json.dumps(form(shown), allow_nan=False)


@every_architecture
def test_the_form_shows_the_values_of_the_experiment(name):
    shown = experiment(name, seed=7, recipe__batch_size=11, generator__width=20)
    fields = form_fields(shown)
    assert [fields[key]["value"] for key in ("seed", "recipe.batch_size", "generator.width")] == [7, 11, 20]
    for key, field in fields.items():
        if field["kind"] == "choice":
            assert field["value"] in field["choices"] or set(field["value"]) <= set(field["choices"]), key


@pytest.mark.parametrize("name", ["dcgan", "sn-dcgan"])
@every_resolution
def test_the_form_has_a_row_for_each_stage_that_can_be_set(name, resolution):
    num_stages = int(math.log2(resolution // 4))
    sections = {section["name"]: section for section in form(experiment(name, resolution))["sections"]}
    assert sections["generator"]["stages"] == [f"up{n + 1}" for n in range(num_stages)]
    assert sections["discriminator"]["stages"] == [f"down{n + 1}" for n in range(num_stages)]


@pytest.mark.parametrize("depth", ["1,1,1", "2"])
def test_per_stage_settings_of_networks_with_other_stages_have_their_rows(depth):
    shown = experiment("transgan", generator__depth=depth)
    sections = {section["name"]: section for section in form(shown)["sections"]}
    assert sections["generator"]["stages"] == ["project", "up1", "up2"]
    assert sections["discriminator"]["stages"] == ["patches", "down1"]


def test_the_form_carries_an_error_where_there_is_one():
    assert form(Experiment())["error"] == "" and form(Experiment(), "Too wide.")["error"] == "Too wide."


def history(count: int) -> list[dict]:
    return [dict.fromkeys(RECORD_FIELDS, 0.5) | {"step": n} for n in range(count)]


def test_curves_keep_first_and_last_of_a_long_run():
    drawn = curves(history(3000))
    assert 0.9 * MAX_POINTS < len(drawn["step"]) <= MAX_POINTS and (drawn["step"][0], drawn["step"][-1]) == (0, 2999)
    assert {len(column) for column in drawn.values()} == {len(drawn["step"])}


def test_curves_leave_out_what_has_no_numbers():
    records = [dict.fromkeys(RECORD_FIELDS), *history(3), dict.fromkeys(RECORD_FIELDS) | {"loss_discriminator": 1.0}]
    assert curves(records)["step"] == [0, 1, 2]
    assert curves([])["step"] == []


@pytest.mark.parametrize("count", [1, 2, 5, 36, 48])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_sprite_can_be_cut_up_by_its_geometry(count, channels):
    images = np.random.default_rng(0).integers(0, 256, (count, 6, 7, channels), np.uint8)
    sprite = sprite_json(images)
    sheet = np.asarray(Image.open(io.BytesIO(base64.b64decode(sprite["src"].partition(",")[2]))))
    assert sheet.shape[1] == sprite["columns"] * sprite["width"]
    row, column = divmod(count - 1, sprite["columns"])
    last = sheet[row * 6 : (row + 1) * 6, column * 7 : (column + 1) * 7]
    np.testing.assert_array_equal(last.reshape(6, 7, channels), images[-1])
