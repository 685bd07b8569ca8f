"""The command that lets a checkpoint's samples be heard."""

from __future__ import annotations

import pathlib
from typing import Annotated

import typer

from playground._cli import Checkpoint, check_output, note, number, open_checkpoint, whole, whole_file
from playground.config import check_whole

MAX_SOUNDS = 256


def sound(
    checkpoint: Checkpoint,
    output: Annotated[pathlib.Path, typer.Option(metavar="FILE", help="A sound of 16 bits and one channel (.wav).")],
    count: Annotated[int, whole(f"How many samples, one after another: 1 to {MAX_SOUNDS}.")] = 4,
    seed: Annotated[int, whole("Fixes the latents; the same samples as `sample` draws.")] = 0,
    label: Annotated[int | None, whole("One class only, of a conditional model; by default all in turn.")] = None,
    pause: Annotated[float, number("Seconds of silence between two samples, 0 to 5.")] = 0.3,
) -> None:
    """Play a checkpoint's samples into a WAV file: melodies, chirps and other sound."""
    from playground.experiment import MAX_SEED
    from playground.exporting import one_after_another, wav_bytes
    from playground.kinds import KINDS, SOUND_RATE

    check_output(output, (".wav",))
    check_whole("count", count, 1, MAX_SOUNDS)
    check_whole("seed", seed, 0, MAX_SEED)
    if not 0 <= pause <= 5:
        raise ValueError(f"pause must be between 0 and 5 seconds, not {pause:g}")
    model = open_checkpoint(checkpoint)
    kind = KINDS[model.experiment.spec.kind]
    if kind.sound is None:
        able = ", ".join(entry.title.lower() for entry in KINDS.values() if entry.sound)
        raise ValueError(f"this checkpoint makes {kind.title.lower()}, which cannot be heard; what can be: {able}")
    played = kind.sound(model.values(count, seed, label), model.experiment.spec)
    with whole_file(output) as file:
        file.write(wav_bytes(one_after_another(played, pause), SOUND_RATE))
    note(f"saved {output}")
