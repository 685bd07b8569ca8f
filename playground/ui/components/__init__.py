"""The page's own components: each a `gr.HTML` made of a .html, a .css and a .js file of its name in this folder.

A component is given JSON as its value and draws it in the browser; it asks the server for more through functions
that take one JSON object. What comes from there is checked in `tabs`, for anyone can call them.
"""

from __future__ import annotations

import json
import pathlib
from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from playground.ui.words import lesson, words

FOLDER = pathlib.Path(__file__).parent


def component(
    name: str,
    value: Any = None,
    *,
    functions: Sequence[Callable] = (),
    parts: Sequence[str] = (),
    elem_id: str = "",
    **options: Any,
) -> gr.HTML:
    """Make the component called `name` with its words; `options` are those of `gr.HTML`, `elem_id` is its name by default.

    `parts` names scripts that come before its own, for one that would be too long in one file or shares them with
    others; a style sheet of that name comes too. A component with the part `lab_parts` has the lesson of its name.
    """
    # written into the script: gradio drops the properties of what lies in a fold that is not open yet
    sentences = f"const words = {json.dumps(words(name))};"
    if "lab_parts" in parts:
        sentences += f"\nconst lesson = {json.dumps(lesson(name))};"
    files = ("shared", *parts, name)
    scripts = "\n".join([sentences, *((FOLDER / f"{file}.js").read_text(encoding="utf-8") for file in files)])
    sheets = [FOLDER / f"{file}.css" for file in (*parts, name)]
    return gr.HTML(
        value,
        html_template=(FOLDER / f"{name}.html").read_text(encoding="utf-8"),
        css_template="\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets if sheet.exists()),
        js_on_load=scripts,
        apply_default_css=False,
        elem_id=elem_id or name,
        elem_classes=["pg-component"],
        server_functions=list(functions) or None,
        **options,
    )
