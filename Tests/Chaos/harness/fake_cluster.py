"""Fake nodes with a fake engine, and the faults of that: what the harness itself is tried on."""

import random

from .cluster import Cluster
from .faults import Fault
from .fake_engine import FakeEngine
from .fake_node import FakeNode


class FakeCluster(Cluster):
    """Use it in an `async with` statement: inside, all nodes answer."""

    def __init__(self, count: int, mutation: str | None, seed: int):
        self.store = FakeEngine(mutation, random.Random(f"{seed} engine"))
        self.nodes = [FakeNode(f"fake-{number}", self.store) for number in range(1, count + 1)]

    async def __aenter__(self) -> "FakeCluster":
        for node in self.nodes:
            await node.start()
        return self

    async def __aexit__(self, *_) -> None:
        for node in self.nodes:
            node.stop()


class FlushFake(Fault):
    """Everything is gone."""

    name, may_lose = "flush-fake", True
    seconds = (0, 0)

    async def start(self) -> str:
        self.store.begin()
        return "the engine"


class RestartFake(Fault):
    """A restart that loses nothing."""

    name = "restart-fake"
    seconds = (0, 0)

    async def start(self) -> str:
        self.store.restart()
        return "the engine"
