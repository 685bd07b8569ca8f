"""Where runs compute: here, or in another process whose only way back is what it yields."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).parents[2]

# what Hugging Face's `spaces` does on ZeroGPU, cut to the bone: run the generator in a forked process, pickle what it yields
SPACES = """
import functools, multiprocessing

def GPU(duration):
    def decorate(function):
        @functools.wraps(function)
        def call(*args):
            assert isinstance(duration(*args), int)
            context = multiprocessing.get_context("fork")
            mine, theirs = context.Pipe()
            def work():
                for value in function(*args):
                    theirs.send(value)
                theirs.send(None)
            worker = context.Process(target=work, daemon=True)
            worker.start()
            try:
                while (value := mine.recv()) is not None:
                    yield value
            finally:
                worker.terminate()
        return call
    return decorate
"""

RUN = """
from playground.experiment import Experiment
from playground.ui.handlers import runs
from playground.ui.handlers.screen import STORE
from playground.ui import compute

assert compute.ZERO_GPU
session = STORE.open(Experiment(architecture="mlp", dataset="digits").with_settings({"data.resolution": 16}))
frames = list(runs.train(session.id, 5))
first = session.model.step
assert len(frames) > 3 and first > 0, frames[-1]["status"]
assert "ZeroGPU" in frames[0]["status"]["message"]
list(runs.train(session.id, 5))
print(first, session.model.step)
"""


def test_training_works_when_only_plain_data_comes_back_from_a_forked_worker(tmp_path):
    (tmp_path / "spaces.py").write_text(SPACES)
    environment = os.environ | {"SPACES_ZERO_GPU": "true", "PYTHONPATH": f"{tmp_path}:{ROOT}"}
    done = subprocess.run([sys.executable, "-c", RUN], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    first, second = map(int, done.stdout.split())
    assert second > first > 0
