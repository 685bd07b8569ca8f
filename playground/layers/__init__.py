"""Building blocks that the architectures share."""

from playground.layers.attention import MapAttention
from playground.layers.conditioning import ClassEmbedding, ConditionalBatchNorm2d, LabelPlanes, ProjectionScore, class_weights
from playground.layers.entries import Entry
from playground.layers.equalised import EqualisedConv2d, EqualisedLinear, PixelNorm
from playground.layers.films import EachFrame, Frames
from playground.layers.initialisation import INITIALISATIONS, initialise
from playground.layers.maxout import Maxout
from playground.layers.minibatch import MinibatchStd
from playground.layers.modulation import LearntConstant, ModulatedConv2d, NoiseInput, StyleMixing
from playground.layers.normalisation import NORMALISATIONS, normalisation
from playground.layers.parts import Conditioned, Drawing, Growing, Weighted, give_source, grow
from playground.layers.pooling import POOLINGS, BlurPool, pool
from playground.layers.recurrent import CELLS, FORGET_BIAS, GATES, BothWays, Recurrent
from playground.layers.residual import Residual, SumPool, residual_down, residual_up
from playground.layers.sequence import (
    BACKBONES,
    Curriculum,
    DoubleSteps,
    FirstSteps,
    ResidualSteps,
    StepConvolution,
    StepScore,
    StepSpread,
    attending,
)
from playground.layers.spectral import SpectralConv2d, SpectralConvTranspose2d, SpectralLinear
from playground.layers.stage import Stage, per_stage
from playground.layers.tokens import OUTPUTS, LatentPart, TokenHead, gumbel, token_log_likelihood
from playground.layers.tracing import Row, ShapeError, trace
from playground.layers.transformer import ClassToken, FirstToken, Positions, SelfAttention, ToMap, ToTokens, TransformerBlock
from playground.layers.upsampling import UPSAMPLINGS, upsample
from playground.layers.waves import LogSpectrogram, PhaseShuffle, ToFrames, WaveBank
from playground.layers.writer import Writer

__all__ = [
    "BACKBONES",
    "CELLS",
    "FORGET_BIAS",
    "GATES",
    "INITIALISATIONS",
    "NORMALISATIONS",
    "OUTPUTS",
    "POOLINGS",
    "UPSAMPLINGS",
    "BlurPool",
    "BothWays",
    "ClassEmbedding",
    "ClassToken",
    "ConditionalBatchNorm2d",
    "Conditioned",
    "Curriculum",
    "DoubleSteps",
    "Drawing",
    "EachFrame",
    "Entry",
    "EqualisedConv2d",
    "EqualisedLinear",
    "FirstSteps",
    "FirstToken",
    "Frames",
    "Growing",
    "LabelPlanes",
    "LatentPart",
    "LearntConstant",
    "LogSpectrogram",
    "MapAttention",
    "Maxout",
    "MinibatchStd",
    "ModulatedConv2d",
    "NoiseInput",
    "PhaseShuffle",
    "PixelNorm",
    "Positions",
    "ProjectionScore",
    "Recurrent",
    "Residual",
    "ResidualSteps",
    "Row",
    "SelfAttention",
    "ShapeError",
    "SpectralConv2d",
    "SpectralConvTranspose2d",
    "SpectralLinear",
    "Stage",
    "StepConvolution",
    "StepScore",
    "StepSpread",
    "StyleMixing",
    "SumPool",
    "ToFrames",
    "ToMap",
    "ToTokens",
    "TokenHead",
    "TransformerBlock",
    "WaveBank",
    "Weighted",
    "Writer",
    "attending",
    "class_weights",
    "give_source",
    "grow",
    "gumbel",
    "initialise",
    "normalisation",
    "per_stage",
    "pool",
    "residual_down",
    "residual_up",
    "token_log_likelihood",
    "trace",
    "upsample",
]
