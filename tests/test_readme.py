"""What the README shows runs as it stands there, and its front matter is a Space card."""

from __future__ import annotations

import pathlib
import re

import playground

ROOT = pathlib.Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CARD = README.split("---\n")[1]


def card(key: str) -> str:
    return re.search(rf"^{key}: *(.+)$", CARD, re.M).group(1).strip("\"'")


def test_the_python_example_runs(tmp_path, monkeypatch):
    code = re.search(r"```python\n(import playground\n.+?)```", README, re.S).group(1)
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(code.replace("seconds=5", "steps=2"), names)
    assert names["frames"].shape == (32, 32, 32, 1)
    assert playground.load(tmp_path / "digits.safetensors").step == 2


def test_the_example_of_a_run_and_its_fork_runs(tmp_path, monkeypatch):
    _, code, _ = re.findall(r"```python\n(import playground\n.+?)```", README, re.S)
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    for long, short in (("steps=60, every=0.1", "steps=4, every=0.01"), ("steps=30", "steps=2"), ("step=30", "step=2")):
        code = code.replace(long, short)
    exec(code, names)
    fork = playground.load_run(tmp_path / "fork.safetensors")
    assert fork.experiment.recipe.loss == "non-saturating" and fork.step == fork.parent.step + 2
    assert list(playground.compare([names["run"], fork]).fields) == ["recipe.loss"]


def test_the_example_of_latent_space_runs(monkeypatch):
    _, _, code = re.findall(r"```python\n(import playground\n.+?)```", README, re.S)
    monkeypatch.chdir(ROOT)
    names: dict = {}
    exec(code, names)
    assert names["walked"].images.shape[0] == 32 and names["moved"].shape == names["points"][0].code[None].shape
    assert names["found"].error < 0.5


def test_the_example_has_about_ten_lines():
    code = re.search(r"```python\n(import playground\n.+?)```", README, re.S).group(1)
    assert len(code.splitlines()) <= 13


def test_the_front_matter_is_a_space_card():
    assert (card("sdk"), card("app_file"), card("license")) == ("gradio", "app.py", "mit")
    assert len(card("short_description")) <= 60
    assert re.fullmatch(r"\d+\.\d+\.\d+", card("sdk_version"))
    assert (ROOT / card("app_file")).exists()


def test_the_spaces_gradio_is_one_that_the_requirements_allow():
    low, high = re.search(r"^gradio>=(\d+\.\d+),<(\d+)$", (ROOT / "requirements.txt").read_text(), re.M).groups()
    version = tuple(map(int, card("sdk_version").split(".")))
    assert tuple(map(int, low.split("."))) <= version[:2] and version[0] < int(high)


def test_every_picture_that_the_readme_shows_is_there():
    for path in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README):
        assert (ROOT / path).exists(), path


def test_every_name_of_the_public_api_is_there():
    for name in playground.__all__:
        assert getattr(playground, name) is not None
