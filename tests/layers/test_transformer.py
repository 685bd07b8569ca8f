"""Transformer layers, against PyTorch's own and against a mask where there are windows."""

import pytest
import torch
from torch import nn
from torch.nn.functional import scaled_dot_product_attention
from torch.testing import assert_close

from playground.layers import (
    ClassToken,
    FirstToken,
    Positions,
    SelfAttention,
    Stage,
    ToMap,
    ToTokens,
    TransformerBlock,
    initialise,
    trace,
)


def made(layer: nn.Module) -> nn.Module:
    initialise(layer, torch.Generator().manual_seed(0), "default")
    return layer


def randn(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(9))


def window_mask(side: int, window: int) -> torch.Tensor:
    """Say for each pair of places of a side × side map whether they lie in the same window."""
    place = torch.arange(side**2)
    square = torch.stack([place // side // window, place % side // window], 1)
    return (square[:, None] == square).all(2)


def test_attention_is_that_of_pytorch_s_layer():
    layer, reference = made(SelfAttention(8, 2)), nn.MultiheadAttention(8, 2, batch_first=True)
    names = {
        "in_proj_weight": "weight_in",
        "in_proj_bias": "bias_in",
        "out_proj.weight": "weight_out",
        "out_proj.bias": "bias_out",
    }
    reference.load_state_dict({theirs: layer.state_dict()[ours] for theirs, ours in names.items()})
    tokens = randn(3, 16, 8)
    expected, attention = reference(tokens, tokens, tokens, average_attn_weights=False)
    assert_close(layer(tokens), expected)
    assert_close(layer.weights(tokens), attention)


def test_with_a_window_a_token_sees_its_own_square_alone():
    layer, tokens, mask = made(SelfAttention(8, 2, window=2)), randn(3, 36, 8), window_mask(6, 2)
    mixed = tokens @ layer.weight_in.T + layer.bias_in
    query, key, value = (part.unflatten(2, (2, 4)).transpose(1, 2) for part in mixed.chunk(3, 2))
    gathered = scaled_dot_product_attention(query, key, value, attn_mask=mask).transpose(1, 2).flatten(2)
    assert_close(layer(tokens), gathered @ layer.weight_out.T + layer.bias_out)
    assert (layer.weights(tokens)[:, :, ~mask] == 0).all()


@pytest.mark.parametrize("window", [None, 2, 8])
def test_the_attention_of_a_token_sums_to_one(window):
    weights = made(SelfAttention(8, 2, window)).weights(randn(3, 16, 8))
    assert weights.shape == (3, 2, 16, 16)
    assert_close(weights.sum(3), torch.ones(3, 2, 16))


@pytest.mark.parametrize("window", [None, 2])
def test_the_gradient_of_a_block_can_be_differentiated_again(window):
    block = made(TransformerBlock(4, 2, window)).double()
    assert torch.autograd.gradgradcheck(block, (randn(1, 16, 4).double().requires_grad_(),))


def test_tokens_are_the_places_of_a_map_row_by_row():
    features = randn(2, 3, 4, 4)
    tokens = ToTokens()(features)
    assert_close(tokens[:, 4 * 1 + 2], features[:, :, 1, 2])
    assert_close(ToMap()(tokens), features)


def test_without_positions_attention_does_not_know_where_a_token_is():
    block, positions, tokens = made(TransformerBlock(8, 2)), made(Positions(16, 8)), randn(2, 16, 8)
    order = torch.randperm(16, generator=torch.Generator().manual_seed(1))
    assert_close(block(tokens[:, order]), block(tokens)[:, order])
    assert_close(positions(tokens) - tokens, positions.weight.expand(2, -1, -1))
    assert not torch.allclose(block(positions(tokens[:, order])), block(positions(tokens))[:, order])


def test_the_class_token_comes_first_and_is_the_same_for_all():
    layer, tokens = made(ClassToken(8)), randn(2, 16, 8)
    longer = layer(tokens)
    assert_close(FirstToken()(longer), layer.weight.expand(2, -1))
    assert_close(longer[:, 1:], tokens)


@pytest.mark.parametrize(("window", "seen"), [(None, 36), (3, 9), (8, 36)])
def test_the_shape_table_counts_what_attention_multiplies(window, seen):
    with torch.device("meta"):
        (row,) = trace(nn.Sequential(Stage(SelfAttention(8, 2, window))), torch.empty(2, 36, 8))
    assert row.parameters == 4 * 8 * 8 + 4 * 8
    assert row.macs == 36 * (4 * 8 * 8 + 2 * seen * 8)
