"""The eye on nodes that answer nothing at all, whose own clocks stand still."""

import asyncio
from collections import Counter

from .events import Hung
from .observer import Observer

TICK = 1


async def watch(observer: Observer) -> None:
    """Tells of each node whose clock stands still for longer than the machine may hold it up, and no fault does.

    It counts its own ticks: a machine that holds up this program lets it count one.
    """
    known: Counter[str] = Counter()
    silent: Counter[str] = Counter()
    while True:
        await asyncio.sleep(TICK)
        for node in observer.cluster.nodes:
            is_silent = len(node.clock.beats) == known[node.name] and not node.is_disturbed
            known[node.name] = len(node.clock.beats)
            silent[node.name] = silent[node.name] + TICK if is_silent else 0
            if silent[node.name] > observer.stall_limit:
                observer.tell(Hung(node.name, "anything", silent[node.name]))
