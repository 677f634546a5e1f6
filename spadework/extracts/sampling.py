"""A few rows out of very many, chosen by a seed while they stream by, and masked."""

import math
import random
from collections.abc import Sequence

from spadework.extracts.masking import mask_all
from spadework.extracts.types import cut


class Reservoir:
    """Keeps `size` rows of a stream, each row equally likely; the same seed and stream give the same rows.

    Count the rows from 0 and call `take` only when the count has reached `due`: between two draws most
    rows need no random number (Li 1994, algorithm L).
    """

    def __init__(self, seed: int, size: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - a repeatable choice is wanted, not a secret
        self._size = size
        self._rows: dict[int, Sequence[str]] = {}
        self._weight = 1.0
        self.due = 0

    def take(self, no: int, row: Sequence[str]) -> None:
        """Keep row `no`, in place of another once the reservoir is full."""
        if len(self._rows) >= self._size:
            del self._rows[list(self._rows)[int(self._random.random() * self._size)]]
        self._rows[no] = row
        self.due = no + 1 if len(self._rows) < self._size else no + 1 + self._skip()

    def _skip(self) -> int:
        self._weight *= math.exp(math.log(1.0 - self._random.random()) / self._size)
        spared = math.log(1.0 - self._random.random()) / math.log1p(-self._weight) if self._weight < 1.0 else 0.0
        return min(int(spared), 10**15)

    def rows(self) -> list[Sequence[str]]:
        """The rows that were kept, in the order of the file."""
        return [self._rows[no] for no in sorted(self._rows)]


def masked_rows(rows: Sequence[Sequence[str]], width: int) -> tuple[tuple[tuple[str, ...], ...], bool]:
    """The rows masked, each as wide as the table, and whether a value had to be cut."""
    masked = [mask_all(row[:width]) for row in rows]
    is_cut = any(len(each) > len(cut(each)) for row in masked for each in row)
    return tuple(tuple(cut(each) for each in row) + ("",) * (width - len(row)) for row in masked), is_cut
