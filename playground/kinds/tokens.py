"""Text: int64 tokens (N, T) in a data set, one-hot rows (N, T, V) in the networks, drawn as small written words.

Token 0 of every vocabulary ends a text and fills the places after its end.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch.nn.functional import one_hot

from playground.kinds._kind import Kind
from playground.samples import SampleSpec

END = 0  # ends a text and fills up its places
END_WORD = ""  # what vocabularies call it: nothing is written there
WIDTH, HEIGHT, MARGIN = 96, 64, 3  # of a picture, in pixels
PAPER, INK, EDGE = 247, 28, 228  # grey levels
SIZES = range(20, 6, -1)  # heights of the letters, in pixels: the largest at which texts fit is taken
LINE = 1.2  # distance of the lines as a multiple of that
CHARACTERS = 16  # of ordinary width in a line, where tokens are characters: a name stays in one piece


def vocabulary(words: Sequence[str]) -> tuple[str, ...]:
    """Return what a data set's `SampleSpec.vocabulary` is: the end of a text, then the words or characters."""
    return (END_WORD, *words)


def to_tokens(texts: Sequence[Sequence[str]], vocabulary: Sequence[str], length: int) -> torch.Tensor:
    """Write texts, each a sequence of words (a string is one of characters), as int64 tokens (N, length).

    Raises ValueError for a word that the vocabulary lacks, or a text longer than `length`.
    """
    numbers = {word: token for token, word in enumerate(vocabulary) if token != END}
    values = np.full((len(texts), length), END, np.int64)
    for row, text in zip(values, texts, strict=True):
        unknown = next((word for word in text if word not in numbers), None)
        if unknown is not None or len(text) > length:
            raise ValueError(f"not a text of at most {length} words of the vocabulary: {' '.join(text)[:60]!r}")
        row[: len(text)] = [numbers[word] for word in text]
    return torch.from_numpy(values)


def cut(values: torch.Tensor) -> torch.Tensor:
    """Blank whatever comes after the end of each text, int64 (N, T): it is no part of it."""
    return values.masked_fill((values == END).cumsum(1) > 0, END)


def to_network(values: torch.Tensor, spec: SampleSpec) -> torch.Tensor:
    return one_hot(values.long(), len(spec.vocabulary)).float()  # (N, T, V)


def to_values(made: torch.Tensor, spec: SampleSpec) -> torch.Tensor:
    return cut(made.float().nan_to_num(nan=-math.inf).argmax(2))


def in_words(values: torch.Tensor, spec: SampleSpec) -> list[str]:
    between = "" if _by_character(spec.vocabulary) else " "
    return [between.join(spec.vocabulary[token] for token in row if token != END) for row in cut(values).tolist()]


def draw(values: torch.Tensor, spec: SampleSpec) -> np.ndarray:
    pen = _pen(spec.vocabulary, spec.shape[0])
    pictures = np.full((len(values), HEIGHT, WIDTH), EDGE, np.uint8)
    pictures[:, : HEIGHT - 1, : WIDTH - 1] = PAPER  # a line to the right and below tells neighbours apart
    for picture, row in zip(pictures, cut(values).tolist(), strict=True):
        pen.write(picture, [token for token in row if token != END])
    return pictures[..., None]


class _Pen:
    """Every word of a vocabulary as a bitmap in one size of letters, and how to set them in lines."""

    def __init__(self, vocabulary: tuple[str, ...], size: int) -> None:
        font = ImageFont.load_default(size)
        self.line = math.ceil(LINE * size)
        self.space = 0 if _by_character(vocabulary) else max(2, round(font.getlength(" ")))
        self.words = [_bitmap(word, font, size, self.line) for word in vocabulary]
        self.widths = [word.shape[1] for word in self.words]

    def write(self, picture: np.ndarray, tokens: list[int]) -> None:
        """Write tokens into a picture (H, W), centred from top to bottom; what does not fit is left out."""
        lines = self._lines(tokens)
        lines = lines[: (HEIGHT - 1) // self.line]
        top = (HEIGHT - 1 - self.line * len(lines)) // 2
        for line in lines:
            left = MARGIN
            for token in line:
                room = picture[top : top + self.line, left : min(left + self.widths[token], WIDTH - 1)]
                room[:] = self.words[token][:, : room.shape[1]]
                left += self.widths[token] + self.space
            top += self.line

    def _lines(self, tokens: list[int]) -> list[list[int]]:
        lines, used = [[]], 0
        for token in tokens:
            if lines[-1] and used + self.widths[token] > WIDTH - 2 * MARGIN:
                lines, used = [*lines, []], 0
            lines[-1].append(token)
            used += self.widths[token] + self.space
        return lines

    def fits(self, length: int) -> bool:
        """Say whether `length` of the widest words stay in the picture; of characters, whether usual texts keep in line."""
        room = WIDTH - 2 * MARGIN + self.space
        widest = max(self.widths) + self.space
        if widest > room or math.ceil(length / (room // widest)) * self.line >= HEIGHT:
            return False
        usual = sum(self.widths) / max(1, len(self.widths) - 1)  # the end of a text has no width
        return self.space > 0 or usual * min(length, CHARACTERS) <= room


@functools.lru_cache(maxsize=32)
def _pen(vocabulary: tuple[str, ...], length: int) -> _Pen:
    """Return the largest letters in which texts of `length` words fit into a picture."""
    for size in SIZES:
        pen = _Pen(vocabulary, size)
        if pen.fits(length):
            break
    return pen


def _bitmap(word: str, font: ImageFont.FreeTypeFont, size: int, line: int) -> np.ndarray:
    """Return a word in ink on paper, uint8 (line, width)."""
    width = min(math.ceil(font.getlength(word)), WIDTH)
    image = Image.new("L", (max(1, width), line), PAPER)
    ImageDraw.Draw(image).text((0, size), word, fill=INK, font=font, anchor="ls")
    return np.asarray(image)[:, :width]


def _by_character(vocabulary: tuple[str, ...]) -> bool:
    return all(len(word) <= 1 for word in vocabulary)


KIND = Kind(
    name="tokens",
    title="Text",
    noun="text",
    to_network=to_network,
    to_values=to_values,
    draw=draw,
    in_words=in_words,
    order=3,
)
