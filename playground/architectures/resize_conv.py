"""Resize-convolution: enlarge first, then convolve (A. Odena, V. Dumoulin, C. Olah 2016, Distill).

New in it: the reason for the checkerboards in GAN pictures (a transposed convolution whose kernel is no multiple of its
stride writes some pixels more often than others) and the cure, nearest-neighbour or bilinear resizing before a plain
convolution, which treats all pixels alike.
"""

from __future__ import annotations

from playground.architectures import dcgan
from playground.architectures._architecture import Architecture

ARCHITECTURE = Architecture(
    name="resize-conv",
    title="Resize-convolution",
    year=2016,
    summary="The generator enlarges its maps by resizing and then convolves: no checkerboards.",
    paper="Odena, Dumoulin & Olah 2016, Deconvolution and Checkerboard Artifacts, Distill, doi:10.23915/distill.00003",
    generator=dcgan.Generator,
    discriminator=dcgan.Discriminator,
    generator_config=dcgan.Generator.Config(upsampling=("nearest",), kernel_size=(3,)),
    discriminator_config=dcgan.Discriminator.Config(),
    recipe=dcgan.ARCHITECTURE.recipe,
    initialisation="normal",
    order=11,
)
