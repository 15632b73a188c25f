"""The engine of the fake server: a log, keys and members in memory, with the faults of the list built in."""

import asyncio
import random
from typing import Callable

from .log import Content
from .position import Position

GRACE = 0.5


class FakeEngine:
    def __init__(self, mutation: str | None, rng: random.Random):
        self.mutation, self.rng = mutation, rng
        self.listeners: list[Callable[[], None]] = []
        self.connections: dict[str, int] = {}
        # By name: how often it has connected.
        self.arrivals: dict[str, int] = {}
        self.epoch = ""
        self.begin()

    def begin(self) -> None:
        """Begins an empty log; those who are connected are in it."""
        if self.mutation != "kept-epoch" or not self.epoch:
            self.epoch = f"{self.rng.getrandbits(32):08x}"
        self.entries: list[Content] = []
        self.keys: dict[str, int] = {}
        self.members: set[str] = set()
        for name, count in self.connections.items():
            if count:
                self.join(name)
        self.hint()

    def restart(self) -> None:
        """As after a crash that wrote everything down, unless it is the mutation's."""
        if self.mutation == "lost-tail":
            del self.entries[-5:]

    def happens(self, mutation: str, probability: float) -> bool:
        return self.mutation == mutation and self.rng.random() < probability

    # MARK: The log

    def publish(self, text: str, key: str) -> Position:
        if key in self.keys and self.mutation != "forgotten-key":
            return Position(self.keys[key], self.epoch)
        if self.happens("early-acknowledgement", 0.05):
            return Position(len(self.entries) + 1, self.epoch)
        self.keys[key] = self.append(("message", text))
        return Position(self.keys[key], self.epoch)

    def append(self, content: Content) -> int:
        self.entries.append(content)
        self.hint()
        return len(self.entries)

    def hint(self) -> None:
        for listener in self.listeners:
            listener()

    # MARK: Members

    def join(self, name: str) -> None:
        if name not in self.members or self.mutation == "doubled-arrival":
            self.members.add(name)
            self.append(("joined", name))

    def connect(self, name: str) -> None:
        self.connections[name] = self.connections.get(name, 0) + 1
        self.arrivals[name] = self.arrivals.get(name, 0) + 1
        self.join(name)

    def disconnect(self, name: str) -> None:
        self.connections[name] -= 1
        if self.mutation != "forgotten-departure":
            asyncio.get_running_loop().call_later(GRACE, self.leave, name, self.arrivals[name])

    def leave(self, name: str, arrivals: int) -> None:
        """Ends the grace of a member, unless it has come back since."""
        if not self.connections[name] and arrivals == self.arrivals[name] and name in self.members:
            self.members.discard(name)
            self.append(("left", name))
