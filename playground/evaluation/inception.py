"""The features of the usual FID: InceptionV3 as in Heusel 2017 (1706.08500), from a file of weights that a person has.

It needs the package torch-fidelity, which nothing else here does, and that project's file of weights (91 MB, converted
from TensorFlow's of 2015). Nothing is ever downloaded.
"""

from __future__ import annotations

import io
import os
import pathlib

import torch
from torch import nn

from playground.config import shorten

NUM_FEATURES = 2048
PIECE = 16  # images at a time: each becomes 299×299 pixels


def load_inception(path: str | os.PathLike) -> nn.Module:
    """Return torch-fidelity's InceptionV3 with the weights in a file, in eval mode on the CPU.

    Raises ValueError with one sentence when the package is not installed, when there is no such file, and when the file
    does not hold the weights of this network. A file that is more than weights is refused: nothing in it is run.
    """
    weights = _read_weights(path)
    try:
        from torch_fidelity import FeatureExtractorInceptionV3
    except ImportError:
        raise ValueError("an Inception-FID needs the package torch-fidelity: pip install torch-fidelity") from None
    # The package unpickles whatever it is given: it gets the tensors that were read safely, packed again.
    packed = io.BytesIO()
    torch.save(weights, packed)
    packed.seek(0)
    try:
        return FeatureExtractorInceptionV3("inception", [str(NUM_FEATURES)], feature_extractor_weights_path=packed)
    except (RuntimeError, TypeError, AttributeError):  # names or shapes differ, or it is no table of tensors at all
        raise ValueError(f"{shorten(str(path))} does not hold the weights of torch-fidelity's InceptionV3") from None


def _read_weights(path: str | os.PathLike) -> object:
    if not pathlib.Path(path).is_file():
        raise ValueError(f"there is no file of Inception weights {shorten(str(path))}")
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged file can raise anything from the depths of zip and pickle
        raise ValueError(f"{shorten(str(path))} is not a file of weights that PyTorch can read safely") from error


@torch.no_grad()
def inception_features(images: torch.Tensor, network: nn.Module) -> torch.Tensor:
    """Return the features (N, 2048) of uint8 images (N, C, H, W) of any size; grey ones count as colourless."""
    colour = images.expand(-1, 3, -1, -1)
    return torch.cat([network(piece)[0] for piece in colour.split(PIECE)])
