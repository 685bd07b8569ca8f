"""The arithmetic grammar: the parser against Python's own."""

import ast
import itertools

import pytest
import torch

from playground.datasets.arithmetic import LENGTH, VOCABULARY, Config, figures, load, mistake
from playground.kinds.tokens import to_tokens

ALPHABET = "x+-*/"


def python_accepts(text: str) -> bool:
    """Say whether Python parses a text as sums, differences, products and quotients of the name x and nothing else."""
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError:
        return False
    allowed = (ast.BinOp, ast.Name, ast.Load, ast.Add, ast.Sub, ast.Mult, ast.Div)
    return all(isinstance(node, allowed) and getattr(node, "id", "x") == "x" for node in ast.walk(tree))


def test_the_parser_agrees_with_python_on_every_text_of_up_to_five_characters():
    for length in range(6):
        for characters in itertools.product(ALPHABET, repeat=length):
            text = "".join(characters)
            assert (mistake(text) is None) == python_accepts(text), text


def test_the_parser_agrees_with_python_on_every_expression_that_is_drawn():
    texts = {"".join(VOCABULARY[token] for token in row) for row in load(Config(), None).values.tolist()}
    assert 800 < len(texts) < 1365, "all of them are 4⁰ + 4¹ + … + 4⁵"
    assert {text.count("x") for text in texts} == {1, 2, 3, 4, 5, 6}
    assert all(python_accepts(text) and mistake(text) is None and len(text) <= LENGTH for text in texts)


@pytest.mark.parametrize(("text", "place"), [("", 0), ("+x", 0), ("x", None), ("xx", 1), ("x+", 2), ("x+x**x", 4), ("x+x-", 4)])
def test_the_place_of_the_first_mistake(text, place):
    assert mistake(text) == place


def test_figures_by_hand():
    values = to_tokens(["x+x*x", "x", "xx", ""], VOCABULARY, LENGTH)
    shares = {"valid": 1 / 2, "before the first mistake": (1 + 1 + 1 / 2 + 0) / 4, "terms of the valid": 2.0}
    assert figures(values, Config()) == pytest.approx(shares)
    assert figures(values[3:], Config()) == {"valid": 0.0, "before the first mistake": 0.0, "terms of the valid": 0.0}


def test_the_seed_fixes_what_is_drawn():
    torch.testing.assert_close(load(Config(), None).values, load(Config(), None).values)
    assert (load(Config(seed=1), None).values != load(Config(), None).values).any()
