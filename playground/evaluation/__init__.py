"""How good samples are: distances between made and real ones on features of small frozen classifiers, or on pixels."""

from playground.evaluation.classes import class_coverage, right_class
from playground.evaluation.features import FeatureNet, feature_net, features, predicted_classes, sample_features
from playground.evaluation.frechet import frechet_distance
from playground.evaluation.holes import Coverage, Hole, coverage
from playground.evaluation.kernel import kernel_distance
from playground.evaluation.manifold import covered, density_coverage, precision_recall
from playground.evaluation.neighbours import Nearest, TrainingIndex, index_training, nearest_neighbours, nearest_training
from playground.evaluation.scores import Evaluation, Score, evaluate
from playground.evaluation.wasserstein import patches, sliced_wasserstein

__all__ = [
    "Coverage",
    "Evaluation",
    "FeatureNet",
    "Hole",
    "Nearest",
    "Score",
    "TrainingIndex",
    "class_coverage",
    "coverage",
    "covered",
    "density_coverage",
    "evaluate",
    "feature_net",
    "features",
    "frechet_distance",
    "index_training",
    "kernel_distance",
    "nearest_neighbours",
    "nearest_training",
    "patches",
    "precision_recall",
    "predicted_classes",
    "right_class",
    "sample_features",
    "sliced_wasserstein",
]
