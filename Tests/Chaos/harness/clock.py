"""The time of one process, counted in answers of its own: on a busy machine it passes as slowly as the process works."""

import asyncio
import contextlib
import math
import time
from bisect import bisect_right
from typing import AsyncIterator, Awaitable, Callable

from .disturbance import NEXT_LOOK, Disturbance
from .http import HTTPError

# Seconds of a process for which each of its answers stands.
INTERVAL = 0.25
# Seconds after which a late answer says that a process is held up: less than the 2 that a node waits for its engine.
STALL = 0.5


class Clock:
    """Asks a process for something small, again and again.

    It stands still while the process does, and while this program does: neither can make a limit pass.
    """

    def __init__(self, ask: Callable[[], Awaitable[object]]):
        self.ask = ask
        # When it was answered, by time.monotonic().
        self.beats: list[float] = []
        self.limits: dict[asyncio.Timeout, int] = {}
        self.stalls = Disturbance(aftermath=NEXT_LOOK)
        self.stall_count = 0
        self.task: asyncio.Task | None = None

    def start(self) -> None:
        """Starts it, also at the start of another process in the place of one that has ended."""
        self.stop()
        self.last = time.monotonic()
        self.task = asyncio.create_task(self.run())

    def stop(self) -> None:
        if self.task:
            self.task.cancel()

    async def run(self) -> None:
        while True:
            await asyncio.sleep(INTERVAL)
            # A process that is away has no time.
            with contextlib.suppress(OSError, EOFError, HTTPError):
                await self.ask()
                self.beat(time.monotonic())

    def beat(self, now: float) -> None:
        """Takes an answer: ends the limits that have come."""
        if self.is_late(now):
            self.stall_count += 1
            self.stalls.note(now)
        self.last = now
        self.beats.append(now)
        for timeout in [timeout for timeout, at in self.limits.items() if at <= len(self.beats)]:
            del self.limits[timeout]
            timeout.reschedule(0)

    def is_late(self, now: float) -> bool:
        return now - self.last > INTERVAL + STALL

    # MARK: Its time

    def between(self, start: float, end: float) -> float:
        """The seconds of the process between two times of time.monotonic()."""
        return INTERVAL * (bisect_right(self.beats, end) - bisect_right(self.beats, start))

    def since(self, start: float) -> float:
        return self.between(start, float("inf"))

    @contextlib.asynccontextmanager
    async def limit(self, seconds: float) -> AsyncIterator[None]:
        """Raises TimeoutError after these seconds of the process."""
        async with asyncio.timeout(None) as timeout:
            self.limits[timeout] = len(self.beats) + math.ceil(seconds / INTERVAL)
            try:
                yield
            finally:
                self.limits.pop(timeout, None)

    def was_active(self, since: float, clock: "Clock") -> bool:
        """Whether the process was held up since then, as a disturbance of another one."""
        return self.is_late(time.monotonic()) or self.stalls.was_active(since, clock)
