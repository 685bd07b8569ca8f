"""How good samples are: distances between made and real ones on features of small frozen classifiers."""

from playground.evaluation.features import FeatureNet, features, load_feature_net
from playground.evaluation.frechet import frechet_distance

__all__ = ["FeatureNet", "features", "frechet_distance", "load_feature_net"]
