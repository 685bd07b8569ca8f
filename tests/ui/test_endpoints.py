"""The running app, as programs meet it: endpoints that check all they are given, and nothing else in reach."""

from __future__ import annotations

import base64
import io
import itertools
import math
import time
from typing import Any

import httpx
import numpy as np
import pytest
from gradio_client import Client
from gradio_client.client import Job
from gradio_client.exceptions import AppError
from PIL import Image
from visitors import shipped_file, shipped_name

from playground.checkpoint import load
from playground.ui.handlers.runs import RUNS

MODEL = shipped_name()
PATIENCE = 60  # seconds for one answer: an app that hangs is a failure and no end of waiting
MLP = {"architecture": "mlp", "dataset": "digits", "data.resolution": 16}
GARBAGE_OF = {
    "/generate": {
        "no such model": ("nothing",), "no model": (None,), "a list for a model": ([MODEL],), "an object for a model": ({},),
        "a path for a model": ("../../etc/passwd",), "a very long name": ("x" * 100_000,), "words for a count": (MODEL, "many"),
        "true for a count": (MODEL, True), "no samples": (MODEL, 0), "too many samples": (MODEL, 10**9),
        "half a sample": (MODEL, 1.5), "a negative seed": (MODEL, 4, -1), "a seed too large": (MODEL, 4, 2**31),
        "a list for a seed": (MODEL, 4, [1]), "no seed": (MODEL, 4, None), "a class where there are none": (MODEL, 4, 1, 0),
    },
    "/interpolate": {
        "one seed": (MODEL, [1]), "words for seeds": (MODEL, "12"), "an object for seeds": (MODEL, {}), "no seeds": (MODEL, []),
        "too many seeds": (MODEL, [1] * 17), "true for a seed": (MODEL, [True, 2]), "a list for a seed": (MODEL, [[1], [2]]),
        "fewer frames than seeds": (MODEL, [1, 2, 3], 2), "too many frames": (MODEL, [1, 2], 10**6),
        "an unknown method": (MODEL, [1, 2], 8, "zigzag"), "a list for a method": (MODEL, [1, 2], 8, ["slerp"]),
        "an object for a method": (MODEL, [1, 2], 8, {"a": 1}), "no such model": ("nothing", [1, 2]),
        "words for classes": (MODEL, [1, 2], 8, "slerp", "12"),
        "classes where there are none": (MODEL, [1, 2], 8, "slerp", [0]),
    },
    "/shapes": {
        "words for settings": ("dcgan",), "a list for settings": ([],), "no settings": (None,),
        "an unknown architecture": ({"architecture": "vae"},), "a list for an architecture": ({"architecture": []},),
        "an unknown setting": ({"generator.colour": 1},), "a key that means nothing": ({"": 1},),
        "a width that is a word": ({"generator.width": "wide"},), "a width that is an object": ({"generator.width": {}},),
        "a width too large": ({"generator.width": 10**9},), "a number with 400 digits": ({"seed": 10**400},),
        "a path on this machine": ({"dataset": "images", "data.path": "/etc"},), "nested lists": ({"generator.stride": [[2]]},),
        "too many settings": ({str(n): n for n in range(1000)},),
    },
    "/feature_maps": {
        "no such model": ("nothing",), "no model": (None,),
        "words for a seed": (MODEL, "one"), "a seed too large": (MODEL, 2**40),
        "a class where there are none": (MODEL, 1, 3), "words for a class": (MODEL, 1, "cat"),
    },
    "/train": {
        "words for settings": ("mlp", 5), "an unknown setting": ({"recipe.nothing": 1}, 5), "no time": (MLP, None),
        "words for the time": (MLP, "soon"), "too little time": (MLP, 1), "too much time": (MLP, 10**6),
        "a list for the time": (MLP, [5]), "a number with 400 digits": (MLP, 10**400), "true for the time": (MLP, True),
        "data that are not here": ({"dataset": "mnist"}, 5), "pictures of one's own": ({"dataset": "images"}, 5),
        "a chain of sizes that breaks": ({"generator.kernel_size": "5"}, 5), "a path on this machine": ({"data.path": "/"}, 5),
    },
}  # fmt: skip
GARBAGE = [(endpoint, name) for endpoint, cases in GARBAGE_OF.items() for name in cases]
RAW = [
    None,
    True,
    1,
    "text",
    "x" * 100_000,
    [],
    [[]],
    {},
    {"model": None},
    {"model": ["home"]},
    {"model": "gone"},
    {"model": {}},
]


def pictures(answer: dict) -> np.ndarray:
    """Cut the PNG of an answer up again: uint8 (count, height, width, channels)."""
    sheet = np.asarray(Image.open(io.BytesIO(base64.b64decode(answer["png"]))))
    height, width, channels = answer["shape"]
    columns = math.ceil(math.sqrt(answer["count"]))
    sheet = sheet.reshape(*sheet.shape[:2], channels)
    places = [divmod(index, columns) for index in range(answer["count"])]
    return np.stack([sheet[y * height : (y + 1) * height, x * width : (x + 1) * width] for y, x in places])


def assert_same_pictures(first: np.ndarray, second: np.ndarray) -> None:
    """Check that pictures are equal but for one grey level: sums are rounded differently in batches of another size."""
    np.testing.assert_allclose(first.astype(int), second.astype(int), rtol=0, atol=1)


def call(client: Client, endpoint: str, *inputs: Any) -> Any:
    return client.submit(*inputs, api_name=endpoint).result(timeout=PATIENCE)


def first_record(run: Job) -> dict:
    """Wait for the first output of a run."""
    end = time.monotonic() + PATIENCE
    while not run.outputs():
        assert time.monotonic() < end and not run.done(), "the run did not start"
        time.sleep(0.05)
    return run.outputs()[0]


def ask(app_url: str, config: dict, component: str, function: str, data) -> httpx.Response:
    """Ask a component's function for something, as a script of anyone's could."""
    number = next(found["id"] for found in config["components"] if found["props"].get("elem_id") == component)
    body = {"data": data, "component_id": number, "fn_name": function, "session_hash": "anyone"}
    return httpx.post(f"{app_url}/gradio_api/component_server", json=body, timeout=30)


@pytest.fixture(scope="module")
def model():
    return load(shipped_file())


def test_generate_makes_the_models_samples(client, model):
    answer = call(client, "/generate", MODEL, 5, 3)
    assert_same_pictures(pictures(answer), model.sample(5, seed=3))


def test_generate_has_defaults(client):
    assert call(client, "/generate", MODEL)["count"] == 16


def test_interpolate_leads_from_the_first_seed_to_the_last(client, model):
    frames = pictures(call(client, "/interpolate", MODEL, [4, 5], 7, "lerp"))
    assert len(frames) == 7
    for frame, seed in ((frames[0], 4), (frames[-1], 5)):
        assert_same_pictures(frame, model.sample(1, seed=seed)[0])


def test_shapes_tells_the_sizes_of_both_networks(client):
    table = call(client, "/shapes", {"architecture": "dcgan", "data.resolution": 64})
    assert table["generator"][-1]["output_shape"] == [1, 64, 64] and "problem" not in table


def test_shapes_says_where_a_chain_breaks(client):
    problem = call(client, "/shapes", {"generator.kernel_size": [4, 5, 4]})["problem"]
    assert (problem["network"], problem["stage"]) == ("generator", "up3")


def test_feature_maps_shows_every_stage_with_its_own_shape(client, model):
    stages = call(client, "/feature_maps", MODEL, 1)
    first, last = stages[0], stages[-1]
    assert (first["network"], first["stage"], last["network"], last["stage"]) == (
        "generator",
        "project",
        "discriminator",
        "score",
    )
    channels, height, width = first["shape"]
    assert pictures(first["maps"]).shape == (channels, height, width, 1) and len(first["channels"]) == channels
    assert last["shape"] == []


def test_a_model_that_knows_classes_makes_the_one_asked_for_and_walks_between_them(client):
    name, model = shipped_name(with_classes=True), load(shipped_file(with_classes=True))
    made = pictures(call(client, "/generate", name, 6, 3, 7))
    np.testing.assert_allclose(made.astype(int), model.sample(6, 3, 7).astype(int), rtol=0, atol=1)
    walk = pictures(call(client, "/interpolate", name, [1, 1], 5, "slerp", [3, 8]))
    assert (walk[0] != walk[-1]).any()
    with pytest.raises(Exception, match="label must be a whole number between 0 and 9, not 10"):
        call(client, "/generate", name, 6, 3, 10)
    assert len(call(client, "/feature_maps", name, 1, 4)) > 6


def test_train_streams_numbers_and_ends_with_samples(client):
    run = client.submit(MLP, 5, api_name="/train")
    run.result(timeout=PATIENCE)
    records = run.outputs()
    steps = [record["step"] for record in records]
    assert len(records) >= 4 and steps == sorted(steps) and steps[0] == 0 < steps[-1]
    assert {record["status"] for record in records[:-1]} == {"running"} and records[-1]["status"] == "finished"
    assert "png" not in records[0] and pictures(records[-1]).shape == (36, 16, 16, 1)
    assert records[-1]["seconds"] == pytest.approx(5, abs=0.5)


def test_cancelled_runs_make_room_for_the_next_one(client):
    runs = [client.submit(MLP, 600, api_name="/train") for _ in range(RUNS)]
    for run in runs:
        assert first_record(run)["step"] == 0
        run.cancel()
    before = time.monotonic()
    following = client.submit(MLP, 600, api_name="/train")
    assert first_record(following)["step"] == 0
    following.cancel()
    assert time.monotonic() - before < 15  # those before it would have had ten minutes to go


@pytest.mark.parametrize(("endpoint", "name"), GARBAGE, ids=[f"{endpoint[1:]}: {name}" for endpoint, name in GARBAGE])
def test_garbage_is_answered_with_one_sentence(client, endpoint, name):
    with pytest.raises(AppError) as caught:
        call(client, endpoint, *GARBAGE_OF[endpoint][name])
    message = str(caught.value)
    assert 8 < len(message) < 600 and "\n" not in message, message
    assert not any(word in message for word in ("Traceback", "Error", "verbose error reporting", "/work", ".py")), message


def test_the_app_is_alive_after_all_that_and_wrote_no_traceback(client, app_log):
    assert call(client, "/generate", MODEL, 1)["count"] == 1
    assert "Traceback" not in app_log.read_text()


def test_only_the_five_endpoints_are_listed(client):
    listing = client.view_api(return_format="dict", print_info=False)
    assert set(listing["named_endpoints"]) == set(GARBAGE_OF)
    assert not listing["unnamed_endpoints"]


def test_the_pages_own_handlers_cannot_be_called_by_name(client):
    for name in ("/announce", "/train_1", "/edit", "/choose", "/guarded", "/with_event", "/_opened"):
        with pytest.raises(ValueError, match="Cannot find a function"):
            client.predict(api_name=name)


@pytest.mark.parametrize(
    ("component", "function"),
    [
        ("walk", "walk"),
        ("ladder", "maps"),
        ("ladder", "stage"),
        ("sheet", "picture"),
        ("sheet", "sheet"),
        ("architecture", "cards"),
    ],
)
def test_a_components_function_answers_anyone_with_a_sentence(app_url, config, component, function):
    for data in RAW:
        response = ask(app_url, config, component, function, data)
        assert response.status_code == 200 and "Reload the page" in response.json()["error"], (data, response.text[:200])


@pytest.mark.parametrize(
    ("component", "function"), itertools.product(["walk", "ladder"], ["postprocess", "__init__", "load", ""])
)
def test_a_component_has_no_other_functions(app_url, config, component, function):
    assert ask(app_url, config, component, function, {}).status_code == 404


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"data": 1}', b"\xff\xfe"])
def test_a_request_that_is_no_json_is_not_the_apps_fault(app_url, body):
    response = httpx.post(f"{app_url}/gradio_api/component_server", content=body, headers={"content-type": "application/json"})
    assert 400 <= response.status_code < 500 and "Traceback" not in response.text


@pytest.mark.parametrize("path", ["/etc/passwd", __file__, "app.py", "../app.py", "http://127.0.0.1:1/"])
def test_files_of_the_machine_are_not_served(app_url, path):
    assert httpx.get(f"{app_url}/gradio_api/file={path}").status_code in (403, 404)


def test_without_data_on_disk_the_page_starts_with_the_digits_that_are_built_in(config):
    chosen = next(found["props"]["value"] for found in config["components"] if found["props"].get("elem_id") == "dataset")
    assert chosen == "digits"


def test_the_page_opens_on_a_trained_model_before_any_script_runs(config):
    sheet = next(found["props"]["value"] for found in config["components"] if found["props"].get("elem_id") == "sheet")
    assert sheet["sprite"]["count"] == 36 and sheet["step"] > 0 and "mnist" in sheet["caption"]


def test_the_page_keeps_no_watch_on_its_visitors(app_url, config):
    assert httpx.get(f"{app_url}/monitoring").status_code in (403, 404)
    assert not config.get("analytics_enabled")
