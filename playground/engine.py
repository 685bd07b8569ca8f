"""How a run computes: number format, memory format, threads, compilation. No setting here changes what is computed."""

from __future__ import annotations

from dataclasses import dataclass

from playground.config import check, field

AUTO = "auto"
PRECISIONS = (AUTO, "float32", "bfloat16")
MEMORY_FORMATS = (AUTO, "channels-last", "contiguous")
SWITCHES = (AUTO, "on", "off")


@dataclass(frozen=True)
class Engine:
    """The choices that make a run fast, each left to the machine or forced. Raises ValueError for a bad value."""

    precision: str = field(
        AUTO, help="Number format of the forward and backward pass; auto takes bfloat16 where it is fast.", choices=PRECISIONS
    )
    memory_format: str = field(
        AUTO,
        help="How feature maps lie in memory; auto puts a pixel's channels side by side where there are convolutions.",
        choices=MEMORY_FORMATS,
    )
    threads: int = field(
        0, help="CPU threads of a step, at most one a core; 0: one, and all cores for a large step.", low=0, high=64
    )
    compile: bool = field(
        # measured on two cores: DCGAN of width 64 takes 0.77 of the time, WGAN-GP of width 16 at 16 pixels 1.18 times as long
        False,
        help="Compile both networks first (torch.compile): a minute's wait, after which wide networks are faster.",
    )
    tf32: str = field(
        AUTO, help="On an NVIDIA GPU, multiply float32 numbers with ten bits after the point; auto does.", choices=SWITCHES
    )
    sync_batch_norm: bool = field(
        False, help="In a run on several processes, normalise over the whole batch, not over each process's part."
    )

    def __post_init__(self) -> None:
        check(self)
