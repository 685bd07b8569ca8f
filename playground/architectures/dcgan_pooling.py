"""DCGAN with pooling: the discriminator shrinks its maps by pooling layers (LeCun 1998; Radford 2016 took them out).

New against DCGAN is what older convolutional networks did: each stage convolves at full size, then keeps the largest
(or the mean) of every 2×2 pixels. A maximum sends its gradient to one pixel in four, which the generator gets to feel;
the setting `pooling` switches to the mean, to a blur before every second pixel is taken, and back to strides.
"""

from __future__ import annotations

from playground.architectures import dcgan
from playground.architectures._architecture import Architecture

ARCHITECTURE = Architecture(
    name="dcgan-pooling",
    title="DCGAN with pooling",
    year=2016,
    summary="The discriminator shrinks its maps by max or average pooling instead of strides.",
    paper="Radford, Metz & Chintala 2016, arXiv:1511.06434, against its own first rule; pooling: LeCun et al. 1998",
    generator=dcgan.Generator,
    discriminator=dcgan.Discriminator,
    generator_config=dcgan.Generator.Config(),
    discriminator_config=dcgan.Discriminator.Config(pooling=("max",), kernel_size=(3,)),
    recipe=dcgan.ARCHITECTURE.recipe,
    initialisation="normal",
    order=10,
)
