"""Building blocks that the architectures share."""

from playground.layers.attention import MapAttention
from playground.layers.conditioning import ClassEmbedding, ConditionalBatchNorm2d, LabelPlanes, ProjectionScore, class_weights
from playground.layers.entries import Entry
from playground.layers.equalised import EqualisedConv2d, EqualisedLinear, PixelNorm
from playground.layers.initialisation import INITIALISATIONS, initialise
from playground.layers.maxout import Maxout
from playground.layers.minibatch import MinibatchStd
from playground.layers.modulation import LearntConstant, ModulatedConv2d, NoiseInput, StyleMixing
from playground.layers.normalisation import NORMALISATIONS, normalisation
from playground.layers.parts import Conditioned, Drawing, Growing, Weighted, give_source, grow
from playground.layers.pooling import POOLINGS, BlurPool, pool
from playground.layers.recurrent import CELLS, GATES, Recurrent
from playground.layers.residual import Residual, SumPool, residual_down, residual_up
from playground.layers.spectral import SpectralConv2d, SpectralConvTranspose2d, SpectralLinear
from playground.layers.stage import Stage, per_stage
from playground.layers.tracing import Row, ShapeError, trace
from playground.layers.transformer import ClassToken, FirstToken, Positions, SelfAttention, ToMap, ToTokens, TransformerBlock
from playground.layers.upsampling import UPSAMPLINGS, upsample

__all__ = [
    "CELLS",
    "GATES",
    "INITIALISATIONS",
    "NORMALISATIONS",
    "POOLINGS",
    "UPSAMPLINGS",
    "BlurPool",
    "ClassEmbedding",
    "ClassToken",
    "ConditionalBatchNorm2d",
    "Conditioned",
    "Drawing",
    "Entry",
    "EqualisedConv2d",
    "EqualisedLinear",
    "FirstToken",
    "Growing",
    "LabelPlanes",
    "LearntConstant",
    "MapAttention",
    "Maxout",
    "MinibatchStd",
    "ModulatedConv2d",
    "NoiseInput",
    "PixelNorm",
    "Positions",
    "ProjectionScore",
    "Recurrent",
    "Residual",
    "Row",
    "SelfAttention",
    "ShapeError",
    "SpectralConv2d",
    "SpectralConvTranspose2d",
    "SpectralLinear",
    "Stage",
    "StyleMixing",
    "SumPool",
    "ToMap",
    "ToTokens",
    "TransformerBlock",
    "Weighted",
    "class_weights",
    "give_source",
    "grow",
    "initialise",
    "normalisation",
    "per_stage",
    "pool",
    "residual_down",
    "residual_up",
    "trace",
    "upsample",
]
