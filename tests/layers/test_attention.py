"""Self-attention over feature maps, against loops over the places."""

import pytest
import torch
from torch.nn.functional import max_pool2d
from torch.testing import assert_close

from playground.layers import MapAttention, initialise


def randn(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(9))


@pytest.fixture
def layer() -> MapAttention:
    layer = MapAttention(16)
    initialise(layer, torch.Generator().manual_seed(0), "default")
    for _ in range(100):  # power iterations
        layer(randn(1, 16, 4, 4))
    return layer.eval()


def projected(weight: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
    matrix = weight.flatten(1)
    return torch.einsum("oc,nchw->nohw", matrix / torch.linalg.svdvals(matrix)[0], features)


def test_attention_weighs_places_by_the_softmax_of_query_times_key(layer):
    features = randn(2, 16, 4, 6)
    query = projected(layer.query, features).flatten(2)
    key = max_pool2d(projected(layer.key, features), 2).flatten(2)
    weights = layer.weights(features)
    assert weights.shape == (2, 24, 6)
    for sample in range(2):
        for place in range(24):
            scores = torch.stack([query[sample, :, place] @ key[sample, :, other] for other in range(6)])
            assert_close(weights[sample, place], scores.exp() / scores.exp().sum(), rtol=1e-3, atol=1e-5)


def test_attention_adds_the_weighed_values_times_the_gate(layer):
    features = randn(2, 16, 4, 4)
    with torch.no_grad():
        layer.gate.fill_(0.7)
    value = max_pool2d(projected(layer.value, features), 2).flatten(2)  # (N, C/2, K)
    gathered = torch.einsum("nqk,nck->ncq", layer.weights(features), value).reshape(2, 8, 4, 4)
    assert_close(layer(features), features + 0.7 * projected(layer.output, gathered), rtol=1e-3, atol=1e-4)


def test_attention_starts_as_the_identity(layer):
    features = randn(2, 16, 4, 4)
    assert_close(layer(features), features)


def test_attention_can_be_differentiated_twice(layer):
    with torch.no_grad():
        layer.gate.fill_(0.5)
    features = randn(2, 16, 4, 4).requires_grad_()
    (slope,) = torch.autograd.grad(layer(features).square().sum(), features, create_graph=True)
    slope.square().sum().backward()
    assert all(weight.grad is not None and weight.grad.abs().sum() > 0 for weight in layer.parameters())


def test_attention_counts_its_projections_and_both_products(layer):
    projections = 16 * (2 * 16 + 2 * 16 + 8 * 16 + 16 * 8)
    assert layer.macs((16, 4, 4), (16, 4, 4)) == projections + 16 * 4 * (2 + 8)
