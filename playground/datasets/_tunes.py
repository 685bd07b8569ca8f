"""The grammar of melodies: a motif of one bar, answers to it, and a cadence to the tonic."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

BAR = 4  # steps
PHRASE = 4  # bars: every fourth is a cadence, and all others answer the first
RHYTHMS = ("nnnn", "nhnn", "nnnh", "nhnh", "nnhn", "nnnr", "nhnr")  # n a note, h hold it, r rest
LEAPS = (-2, -1, 0, 1, 2)  # degrees of the scale from one note of a motif to the next
SHIFTS = (-2, -1, 0, 1, 2)  # of an answer; 0 repeats the motif
# How a melody comes home: degrees above the tonic, with holds. All end on the tonic, held.
CADENCES = ((2, 1, 0, "h"), (1, "h", 0, "h"), (-1, 1, 0, "h"), (3, 1, 0, "h"), (-2, -1, 0, "h"), (-1, "h", 0, "h"))

Degrees = tuple[int, ...]


class Grammar:
    """Write melodies in one key and judge them.

    `scale` holds the tokens of the notes in the key, low to high, `tonics` the places of the tonic in it; `rest` and `hold`
    are the two other tokens, larger than all notes. A bar is known by one number, which has its four tokens as digits.
    """

    def __init__(self, scale: list[int], tonics: list[int], rest: int, hold: int) -> None:
        self.scale, self.signs, self.base = scale, {"r": rest, "h": hold}, max(rest, hold) + 1
        allowed = {self._bar(motif, rhythm): (self._answers(motif, rhythm), rhythm) for motif, rhythm in self._motifs()}
        self.motifs = np.array(sorted(allowed))
        answers = [sorted(allowed[motif][0]) for motif in self.motifs]
        self.num_answers = np.array([len(some) for some in answers])
        self.first_answer = np.cumsum(self.num_answers) - self.num_answers
        self.answers = np.concatenate(answers)
        self.pairs = self._pair(np.repeat(self.motifs, self.num_answers), self.answers)
        rhythms = [allowed[motif][1] for motif in self.motifs]
        rarity = np.array([1 / rhythms.count(rhythm) for rhythm in rhythms])
        self.chances = rarity / rarity.sum()  # every rhythm as often as another, however many motifs have it
        self.cadences = np.array(sorted(set(self._cadences(tonics))))

    def write(self, count: int, bars: int, random: np.random.Generator) -> np.ndarray:
        """Write melodies, int64 (count, bars · 4)."""
        motif = random.choice(len(self.motifs), count, p=self.chances)
        share = random.random((count, bars))
        tune = self.answers[self.first_answer[motif, None] + (share * self.num_answers[motif, None]).astype(int)]
        tune[:, 0] = self.motifs[motif]
        ends = tune[:, PHRASE - 1 :: PHRASE]
        ends[:] = random.choice(self.cadences, ends.shape)
        digits = tune[:, :, None] // self.base ** np.arange(BAR)[::-1] % self.base  # (count, bars, 4)
        return digits.reshape(count, -1)

    def judge(self, melodies: np.ndarray) -> dict[str, np.ndarray]:
        """Return of melodies (N, T) the share of right answers and of cadences home, and whether all is right, each (N,)."""
        bars = melodies.reshape(len(melodies), -1, BAR) @ self.base ** np.arange(BAR)[::-1]  # (N, bars)
        last = np.arange(bars.shape[1]) % PHRASE == PHRASE - 1
        answering = ~last
        answering[0] = False
        answered = np.isin(self._pair(bars[:, :1], bars[:, answering]), self.pairs).mean(1)
        home = np.isin(bars[:, last], self.cadences).mean(1)
        return {"answers": answered, "home": home, "valid": ((answered == 1) & (home == 1)).astype(float)}

    def how_many(self, bars: int) -> int:
        """Count the melodies of so many bars that there are."""
        cadences = bars // PHRASE
        answers = sum(int(number) ** (bars - cadences - 1) for number in self.num_answers)
        return answers * len(self.cadences) ** cadences

    def _pair(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        return first * self.base**BAR + second

    def _bar(self, degrees: Degrees, rhythm: str) -> int:
        """Return the number of a bar whose notes are those degrees of the scale."""
        notes = iter(degrees)
        number = 0
        for sign in rhythm:
            number = number * self.base + (self.scale[next(notes)] if sign == "n" else self.signs[sign])
        return number

    def _fits(self, degrees: Degrees) -> bool:
        return min(degrees) >= 0 and max(degrees) < len(self.scale)

    def _motifs(self) -> Iterator[tuple[Degrees, str]]:
        """Go through all motifs: rhythms with notes not all the same, none far from the one before."""
        for rhythm in RHYTHMS:
            for start, *leaps in itertools.product(range(len(self.scale)), *[LEAPS] * (rhythm.count("n") - 1)):
                degrees = tuple(itertools.accumulate((start, *leaps)))
                if self._fits(degrees) and any(leaps):
                    yield degrees, rhythm

    def _answers(self, motif: Degrees, rhythm: str) -> set[int]:
        """Return the bars that answer a motif: itself, moved up or down the scale, or upside down about its first note."""
        moved = [tuple(degree + shift for degree in motif) for shift in SHIFTS]
        mirrored = tuple(2 * motif[0] - degree for degree in motif)
        return {self._bar(answer, rhythm) for answer in (*moved, mirrored) if self._fits(answer)}

    def _cadences(self, tonics: list[int]) -> Iterator[int]:
        for tonic, cadence in itertools.product(tonics, CADENCES):
            degrees = tuple(tonic + step for step in cadence if step != "h")
            if self._fits(degrees):
                yield self._bar(degrees, "".join("h" if step == "h" else "n" for step in cadence))
