"""The nodes of a run with their store."""

import random
from pathlib import Path

from .node import Node, ServerNode
from .stores import MemoryStore


class Cluster:
    """Nodes that serve one room."""

    nodes: list[Node]

    def any_node(self, rng: random.Random) -> Node:
        return rng.choice(self.nodes)


class ServerCluster(Cluster):
    """Use it in an `async with` statement: inside, all nodes answer; afterwards all processes are gone."""

    def __init__(self, binary: str, store: MemoryStore, count: int, folder: Path,
                 environment: dict[str, str] | None = None):
        self.binary, self.store, self.count, self.folder = binary, store, count, folder
        self.environment = environment
        self.nodes = []
        self.made = 0

    async def __aenter__(self) -> "ServerCluster":
        try:
            await self.store.start(self.folder)
            for _ in range(self.count):
                await self.add_node()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_) -> None:
        for node in self.nodes:
            node.clock.stop()
            await node.kill()
        await self.store.stop()

    async def add_node(self) -> ServerNode:
        self.made += 1
        node = ServerNode(f"node-{self.made}", self.binary, "", self.folder, self.environment)
        node.environment["STORE"] = await self.store.attach(node)
        await node.start()
        self.nodes.append(node)
        return node
