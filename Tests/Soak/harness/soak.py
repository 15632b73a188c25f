"""The soak: decks of all kinds of connections, and readings of what the server keeps of them."""

import asyncio
import itertools
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Iterator

# They register their kinds.
from . import closing, compression, faults, handshakes, leaving, patience, rooms  # noqa: F401
from .kinds import PATIENT, Kind, Visit, deck
from .server import PATIENCE, Server, wait_until

AT_ONCE = 200
SECONDS = 180  # for one visit, before it counts as stuck: other programs may have the processor
PATIENT_EACH = 20
LATE = PATIENCE  # seconds, that the end of a patient one may come on a busy machine


@dataclass
class Reading:
    """The server at rest: all connections closed, all handlers ended."""

    connections: int
    seconds: float
    started: int  # handlers
    ended: int
    open_files: int
    resident_kib: int


@dataclass
class Soak:
    server: Server
    seed: int
    readings: list[Reading] = field(default_factory=list)
    failures: Counter = field(default_factory=Counter)  # by kind
    examples: dict[str, str] = field(default_factory=dict)  # the first failure of a kind
    visits: Counter = field(default_factory=Counter)  # by kind

    async def run(self, connections: int) -> None:
        self.start = time.monotonic()
        self.numbers = itertools.count(1)
        cards = self.cards()
        self.read()
        await self.open_until(min(1000, connections), cards)
        self.read()
        # The patient ones wait while the others go on.
        longest = 60 if connections > 10_000 else 10
        async with asyncio.TaskGroup() as patient:
            for kind, seconds in PATIENT:
                for _ in range(PATIENT_EACH if seconds <= longest else 0):
                    patient.create_task(self.visit(kind, seconds + LATE))
            await self.open_until(min(10_000, connections), cards)
        self.read()
        for mark in [*range(20_000, connections, 10_000), connections] if connections > 10_000 else []:
            await self.open_until(mark, cards)
            self.read()

    def cards(self) -> Iterator[Kind]:
        chance = random.Random(self.seed)
        while True:
            yield from deck(chance)

    async def open_until(self, connections: int, cards: Iterator[Kind]) -> None:
        async def visitor() -> None:
            while Visit.opened < connections:
                await self.visit(next(cards), SECONDS)

        async with asyncio.TaskGroup() as visitors:
            for _ in range(AT_ONCE):
                visitors.create_task(visitor())

    async def visit(self, kind: Kind, seconds: float) -> None:
        number = next(self.numbers)
        self.visits[kind.__name__] += 1
        try:
            async with asyncio.timeout(seconds):
                await kind(Visit(self.server.port, number, self.seed))
        except Exception as error:
            self.failures[kind.__name__] += 1
            self.examples.setdefault(kind.__name__, f"visit {number}: {explain(error)}")

    def read(self) -> None:
        """Waits until the server is at rest, and takes a reading; what does not come to rest shows in it."""
        idle = self.readings[0].open_files if self.readings else self.server.open_files()
        wait_until(lambda: len(set(self.server.state())) == 1 and self.server.open_files() == idle, PATIENCE)
        started, ended = self.server.state()
        # The question itself was a connection.
        wait_until(lambda: self.server.open_files() == idle, PATIENCE)
        reading = Reading(Visit.opened, time.monotonic() - self.start, started, ended, self.server.open_files(),
                          self.server.resident_kib())
        self.readings.append(reading)
        print(f"{reading.connections:11,}  {reading.seconds:7.1f}  {started:7,}  {ended:7,}  {reading.open_files:5}  "
              f"{reading.resident_kib:9,}", flush=True)


HEADING = "connections  seconds  started    ended  files  RSS (KiB)"


def explain(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"
