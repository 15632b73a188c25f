"""The times at which something is out of order because a fault made it so."""

import time

# Seconds after which a node has looked at its engine again, and has seen what became of the log: it compares heads every
# 5 to 6 seconds.
NEXT_LOOK = 8


class Disturbance:
    def __init__(self, aftermath: float = 2) -> None:
        # Seconds after its end in which what it caused may still show.
        self.aftermath = aftermath
        self.active = 0
        self.ended = float("-inf")

    def begin(self) -> None:
        self.active += 1

    def end(self) -> None:
        self.active -= 1
        self.ended = time.monotonic()

    def was_active(self, since: float) -> bool:
        """Whether it was at some time since then, by time.monotonic()."""
        return self.active > 0 or self.ended + self.aftermath > since
