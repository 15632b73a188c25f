"""How long a client waits for an answer before it says that the server hangs."""

import asyncio
import time

TICK = 0.1


class Patience:
    """The limit of the law, and more while this program itself is held up: it shares the machine with the servers."""

    def __init__(self, limit: float = 5):
        self.base = limit
        # By how much this program was late in the last ticks, in seconds.
        self.lags: list[float] = []

    async def watch(self) -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(TICK)
            self.lags = [*self.lags[-100:], max(0.0, time.monotonic() - before - TICK)]

    @property
    def limit(self) -> float:
        return self.base + 2 * sum(self.lags)
