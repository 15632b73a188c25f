"""A place in a room's log."""

from typing import NamedTuple

# The digits of a line: the end of each epoch of a log that goes on after a restart.
LINE_DIGITS = 16


class Position(NamedTuple):
    offset: int
    epoch: str

    @classmethod
    def parse(cls, text: str) -> "Position":
        """Raises ValueError for anything but `offset-epoch`."""
        offset, dash, epoch = text.partition("-")
        if not (offset.isascii() and offset.isdigit() and dash and epoch):
            raise ValueError(f"expected a position such as 12-9f3c21d8, found {text!r}")
        return cls(int(offset), epoch)

    @property
    def line(self) -> str:
        """The log that restarts have carried on: offsets never go back within it."""
        return self.epoch[-LINE_DIGITS:]

    def __str__(self) -> str:
        return f"{self.offset}-{self.epoch}"


class Gap(NamedTuple):
    """What a reader was told that it misses: the entries after one position, up to and with another."""

    start: Position
    end: Position

    @property
    def crosses_epochs(self) -> bool:
        return self.start.epoch != self.end.epoch

    def covers(self, place: Position, rank: dict[str, int]) -> bool:
        """Whether the entry at a place is among them; `rank` is the order in which epochs were first seen."""
        if place.epoch == self.end.epoch:
            return place.offset <= self.end.offset and (self.crosses_epochs or place.offset > self.start.offset)
        if rank[place.epoch] > rank[self.start.epoch]:
            return rank[place.epoch] < rank[self.end.epoch]
        # The break between two epochs stands for what only the earlier one had.
        return place.line == self.start.line and place.offset > self.start.offset

    def __str__(self) -> str:
        return f"a gap from {self.start} to {self.end}"
