"""How fast a function changes while what goes in moves: PyTorch's forward-mode derivative, one at a time.

PyTorch keeps the level of forward derivatives in one place for all threads: two at once would spoil each other's numbers or
fail. Whoever takes one takes it here.
"""

from __future__ import annotations

import importlib
import threading
import warnings
from collections.abc import Callable

import torch

Function = Callable[[torch.Tensor], torch.Tensor]
_ONE_AT_A_TIME = threading.Lock()
_RULES = "torch._decomp.decompositions_for_jvp"


def derivative(function: Function, inputs: torch.Tensor, change: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return `function` of `inputs`, and its derivative while they move by `change`, of their shape: J · change.

    The function must not start to keep anything made inside: what is cached must be there before.
    """
    with _ONE_AT_A_TIME:
        _load_rules()
        return torch.func.jvp(function, (inputs,), (change,))


def _load_rules() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they are written in a part of PyTorch that is to go
        importlib.import_module(_RULES)
