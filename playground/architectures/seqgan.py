"""SeqGAN: writing as a game of rewards (L. Yu et al. 2017, 1609.05473).

New in it: no gradient passes through the choice of tokens at all; D's verdict is a reward, and REINFORCE makes rewarded
choices likelier. The paper judges ends only, and finishes every beginning many times to know its worth (rollouts); here D
judges every step anyway, and a step earns the mean of its own judgement and all later ones. Rewards are compared with
their moving average. The paper trains by maximum likelihood first, and so it must be here: set `learn` to `likelihood`, and
after a while back, with a fifth of the generator's rate. From nothing, all samples are soon alike (measured on sentences).
"""

from __future__ import annotations

from dataclasses import replace

from playground.architectures import _sequence
from playground.architectures._architecture import Architecture

ARCHITECTURE = Architecture(
    name="seqgan",
    title="SeqGAN (REINFORCE)",
    year=2017,
    summary="D's verdict is a reward for each token. From nothing it collapses: let it learn by likelihood first.",
    paper="Yu, Zhang, Wang & Yu 2017, arXiv:1609.05473",
    generator=_sequence.Generator,
    discriminator=_sequence.Discriminator,
    generator_config=_sequence.Generator.Config(backbone="lstm"),
    discriminator_config=_sequence.Discriminator.Config(backbone="gru", num_layers=1),
    recipe=replace(_sequence.RECIPE, loss="non-saturating", learn="reinforce"),
    initialisation=_sequence.INITIALISATION,
    kinds=_sequence.TOKEN_KINDS,
    likelihood=True,
    order=201,
    engine=_sequence.ENGINE,
)
