"""How a class reaches a network, each way against its formula."""

import torch
from torch import nn
from torch.nn.functional import batch_norm
from torch.testing import assert_close

from playground.layers import ClassEmbedding, ConditionalBatchNorm2d, LabelPlanes, ProjectionScore, class_weights, initialise

LABEL = torch.tensor([2, 0, 1, 2])


def seeded(layer: nn.Module) -> nn.Module:
    initialise(layer, torch.Generator().manual_seed(0), "default")
    return layer


def randn(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(9))


def test_a_label_becomes_weights_and_a_mixture_stays_as_it_is():
    assert_close(class_weights(torch.tensor([1, 0]), 3), torch.tensor([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]))
    mixture = torch.tensor([[0.25, 0.75, 0.0]])
    assert class_weights(mixture, 3) is mixture


def test_an_embedding_lies_between_its_classes_for_a_mixture():
    layer = seeded(ClassEmbedding(3, 5))
    first, second = layer(torch.tensor([0, 1]))
    assert_close(layer(torch.tensor([[0.25, 0.75, 0.0]]))[0], 0.25 * first + 0.75 * second)


def test_a_label_is_appended_to_a_vector_as_numbers():
    expected = torch.tensor([[5.0, 6.0, 0.0, 0.0, 1.0]])
    assert_close(LabelPlanes(3)(torch.tensor([[5.0, 6.0]]), torch.tensor([2])), expected)


def test_a_label_is_appended_to_a_map_as_constant_maps():
    features = randn(4, 2, 3, 3)
    joined = LabelPlanes(3)(features, LABEL)
    assert_close(joined[:, :2], features)
    assert_close(joined[:, 2:], class_weights(LABEL, 3)[..., None, None].expand(-1, -1, 3, 3))


def test_each_class_has_a_scale_and_a_shift_of_its_own():
    layer, features = seeded(ConditionalBatchNorm2d(5, 3, std=0.5)), randn(4, 5, 3, 3)
    result = layer(features, LABEL)
    normalised = batch_norm(features, None, None, training=True)
    for sample, label in enumerate(LABEL):
        scale, shift = 1 + layer.scale[:, label], layer.shift[:, label]
        assert_close(result[sample], scale[:, None, None] * normalised[sample] + shift[:, None, None], rtol=1e-4, atol=1e-5)


def test_conditional_normalisation_starts_like_one_without_a_condition():
    layer, features = seeded(ConditionalBatchNorm2d(5, 3)), randn(4, 5, 3, 3)
    plain = nn.BatchNorm2d(5)
    assert_close(layer(features, LABEL), plain(features))
    assert_close(layer.eval()(features, LABEL), plain.eval()(features))


def test_conditional_normalisation_treats_samples_apart_once_trained():
    layer, features = seeded(ConditionalBatchNorm2d(5, 3, std=0.5)), randn(4, 5, 3, 3)
    layer(features, LABEL)
    layer.eval()
    assert_close(layer(features, LABEL)[:1], layer(features[:1], LABEL[:1]))


def test_a_projection_score_is_a_linear_score_plus_the_class_s_inner_product():
    layer, features = seeded(ProjectionScore(6, 3)), randn(4, 6)
    for _ in range(300):  # power iterations
        layer(features, LABEL)
    classes = layer.classes / torch.linalg.svdvals(layer.classes)[0]
    expected = features @ (layer.weight / layer.weight.norm()) + layer.bias
    expected = expected + torch.stack([feature @ classes[label] for feature, label in zip(features, LABEL, strict=True)])
    assert_close(layer(features, LABEL), expected, rtol=1e-4, atol=1e-5)


def test_labels_and_one_hot_mixtures_mean_the_same():
    features, one_hot = randn(4, 5, 3, 3), class_weights(LABEL, 3)
    norm, score = seeded(ConditionalBatchNorm2d(5, 3, std=0.5)).eval(), seeded(ProjectionScore(5, 3)).eval()
    assert_close(norm(features, LABEL), norm(features, one_hot))
    assert_close(score(features[..., 0, 0], LABEL), score(features[..., 0, 0], one_hot))
    assert_close(LabelPlanes(3)(features, LABEL), LabelPlanes(3)(features, one_hot))


def test_a_projection_score_can_be_differentiated_twice():
    layer, features = seeded(ProjectionScore(6, 3)), randn(4, 6).requires_grad_()
    (slope,) = torch.autograd.grad(layer(features, LABEL).square().sum(), features, create_graph=True)
    slope.square().sum().backward()
    assert all(weight.grad is not None for weight in (layer.weight, layer.classes))
