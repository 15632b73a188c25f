"""A client that reads the room, and never stays with a node or a way for long."""

import asyncio
import time
from contextlib import aclosing

from .events import Closed, Opened, Read
from .node import Node
from .observer import FAILURES, Observer
from .position import Position
from .ways import SILENCE, WAYS, Door


class Reader:
    def __init__(self, name: str, member: str, room: str, observer: Observer, ways: list[str]):
        self.base, self.member, self.room, self.observer, self.ways = name, member, room, observer, ways
        # How often it has begun without a position, and with how many messages it begins then; None for none.
        self.births, self.last = 1, None
        self.rng = observer.random(name)
        self.position: str | None = None
        self.messages: set[str] = set()
        # Set as long as a way of it has yielded something and has not ended.
        self.is_connected = asyncio.Event()
        self.changed = asyncio.Event()

    @property
    def name(self) -> str:
        return self.base if self.births == 1 else f"{self.base}.{self.births}"

    # MARK: Its life

    def begin_again(self) -> None:
        """Forgets its position, and is another reader from now on."""
        self.births += 1
        self.position, self.messages = None, set()
        self.last = self.rng.choice([None, 0, 1, 20, 1000])

    async def roam(self) -> None:
        """Reads by changing ways at changing nodes, each cut after a while; sometimes it stays away."""
        while True:
            seconds = self.rng.expovariate(1 / 2)
            await self.visit(self.observer.cluster.any_node(self.rng), self.rng.choice(self.ways), seconds)
            if self.rng.random() < 0.1:
                await asyncio.sleep(self.rng.uniform(0, 6))
            if self.rng.random() < 0.03:
                self.begin_again()

    async def hold(self, node: Node, way: str) -> None:
        """Reads by one way at one node for as long as it is let; where that ends, it comes back."""
        while True:
            await self.visit(node, way, float("inf"))

    async def visit(self, node: Node, way: str, seconds: float) -> None:
        self.observer.tell(Opened(self.name, way, node.name))
        self.observer.counts["connections"] += 1
        reason = "cut"
        try:
            await self.read(node, way, time.monotonic() + seconds)
        except FAILURES as error:
            reason = f"{error or repr(error)}"
            # A server that is away, or that has none of its own.
            await asyncio.sleep(self.rng.uniform(0.05, 0.3))
        except asyncio.CancelledError:
            reason = "left"
            raise
        finally:
            self.is_connected.clear()
            self.observer.tell(Closed(self.name, reason))

    async def read(self, node: Node, way: str, end: float) -> None:
        started = heard = time.monotonic()
        door = Door(node.address, self.room, self.member, lambda: self.position, self.last)
        silence = 0
        async with aclosing(WAYS[way](door)) as items:
            while True:
                try:
                    async with asyncio.timeout(left(end)), self.observer.patience(node, silence):
                        item = await anext(items)
                except TimeoutError:
                    if time.monotonic() < end:
                        self.observer.tell_silence(self.name, node, way, heard, silence)
                    return
                except FAILURES as error:
                    self.observer.tell_failure(self.name, node, way, error, started)
                    raise
                heard, silence = time.monotonic(), SILENCE[way]
                self.take(item, way)

    # MARK: What it reads

    def take(self, item: dict, way: str) -> None:
        self.is_connected.set()
        if not item:
            return
        self.observer.tell(Read(self.name, item))
        self.position = item.get("id", self.position)
        if "data" in item:
            self.observer.counts[f"items by {way}"] += 1
            self.messages.add(item["data"])
        if "gap" in item:
            self.observer.counts["gaps told"] += 1
        self.changed.set()

    def has_come_to(self, text: str, place: str) -> bool:
        """Whether it has a message, or was told a gap up to that."""
        if text in self.messages:
            return True
        mine, other = self.position and Position.parse(self.position), Position.parse(place)
        return bool(mine and mine.line == other.line and mine.offset >= other.offset)

    async def come_to(self, text: str, place: str) -> None:
        while not self.has_come_to(text, place):
            self.changed.clear()
            await self.changed.wait()


def left(end: float) -> float | None:
    """The seconds up to a time, or None for one that never comes."""
    return None if end == float("inf") else max(0, end - time.monotonic())
