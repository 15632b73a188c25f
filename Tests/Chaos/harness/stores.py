"""What the nodes keep their rooms in: memory, a file of SQLite, or a Redis of its own behind a proxy for each node."""

import asyncio
import os
from pathlib import Path

from .clock import Clock
from .node import Node
from .proxy import Proxy
from .redis import Redis


class MemoryStore:
    name = "memory"
    # Whether a node that ends takes acknowledged messages with it.
    loses_with_node = True

    async def start(self, folder: Path) -> None:
        pass

    async def attach(self, node: Node) -> str:
        """Returns the node's option `--store`."""
        return "memory"

    async def stop(self) -> None:
        pass


class SQLiteStore(MemoryStore):
    name = "sqlite"
    loses_with_node = False

    async def start(self, folder: Path) -> None:
        self.file = folder / "rooms.sqlite"
        # A node waits 2 seconds for the disk, which others use too.
        self.clock = Clock(lambda: asyncio.to_thread(sync, folder / "clock"))
        self.clock.start()

    async def attach(self, node: Node) -> str:
        node.upstream = [self.clock]
        return f"sqlite:{self.file}"

    async def stop(self) -> None:
        self.clock.stop()


def sync(file: Path) -> None:
    """Writes something, and returns once it is on the disk."""
    with file.open("wb") as opened:
        opened.write(b"here")
        opened.flush()
        os.fsync(opened.fileno())


class RedisStore(MemoryStore):
    name = "redis"
    loses_with_node = False

    def __init__(self, sync: str = "everysec"):
        self.sync = sync

    async def start(self, folder: Path) -> None:
        self.primary = Redis("redis-1", folder / "redis-1", self.sync)
        self.replica = Redis("redis-2", folder / "redis-2", self.sync)
        self.links: list[Proxy] = []
        await self.primary.start()
        self.clock = Clock(lambda: self.primary.command("PING"))
        self.clock.start()
        # The replica's own proxy: what that holds back is lost with the primary.
        self.replication = Proxy(self.primary.port)
        await self.replication.start()
        await self.replica.start(replica_of=self.replication.port)

    async def attach(self, node: Node) -> str:
        link = Proxy(self.primary.port)
        await link.start()
        self.links.append(link)
        # That of the primary: a promoted replica takes it over.
        node.upstream = [self.primary.disturbance, link.disturbance, self.clock]
        return f"redis://127.0.0.1:{link.port}"

    async def promote(self) -> None:
        """Kills the primary and leads all nodes to the replica; the killed one becomes the next replica."""
        old, new = self.primary, self.replica
        await old.kill()
        self.replication.cut()
        await new.command("REPLICAOF", "NO", "ONE")
        new.disturbance, old.disturbance = old.disturbance, new.disturbance
        self.primary, self.replica = new, old
        for link in self.links:
            link.switch(new.port)
        self.replication.switch(new.port)
        self.replication.mend()
        await old.start(replica_of=self.replication.port)

    async def stop(self) -> None:
        self.clock.stop()
        for link in [*self.links, self.replication]:
            link.stop()
        await self.primary.kill()
        await self.replica.kill()


STORES = {store.name: store for store in (MemoryStore, SQLiteStore, RedisStore)}
