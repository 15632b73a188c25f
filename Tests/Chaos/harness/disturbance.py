"""The times at which something is out of order because a fault made it so."""

import time
from typing import Protocol

# Seconds after which a node has looked at its engine again, and has seen what became of the log: it compares heads every
# 5 to 6 seconds.
NEXT_LOOK = 8


class NodeTime(Protocol):
    """The time of a node, which passes as slowly as the node works."""

    def between(self, start: float, end: float) -> float: ...


class Disturbance:
    def __init__(self, aftermath: float = 2) -> None:
        # Seconds of a node after its end in which what it caused may still show.
        self.aftermath = aftermath
        self.active = 0
        self.ended: float | None = None

    def begin(self) -> None:
        self.active += 1

    def end(self) -> None:
        self.active -= 1
        self.note(time.monotonic())

    def note(self, ended: float) -> None:
        """Takes one that was not known before its end."""
        self.ended = ended

    def was_active(self, since: float, clock: NodeTime) -> bool:
        """Whether it was at some time since then, by time.monotonic(), or shortly before by a node's clock."""
        return self.active > 0 or (self.ended is not None and clock.between(self.ended, since) < self.aftermath)
