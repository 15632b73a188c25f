"""The times at which something is out of order because a fault made it so."""

import time

# Seconds after the end of a fault in which what it caused may still show.
AFTERMATH = 2


class Disturbance:
    def __init__(self) -> None:
        self.active = 0
        self.ended = float("-inf")

    def begin(self) -> None:
        self.active += 1

    def end(self) -> None:
        self.active -= 1
        self.ended = time.monotonic()

    def was_active(self, since: float) -> bool:
        """Whether it was at some time since then, by time.monotonic()."""
        return self.active > 0 or self.ended + AFTERMATH > since
