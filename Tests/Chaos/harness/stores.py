"""What the nodes keep their rooms in: memory, a file of SQLite, or a Redis of its own behind a proxy for each node."""

from pathlib import Path

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

    async def attach(self, node: Node) -> str:
        return f"sqlite:{self.file}"


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
        # The replica's own proxy: what that holds back is lost with the primary.
        self.replication = Proxy(self.primary.port)
        await self.replication.start()
        await self.replica.start(replica_of=self.replication.port)

    async def attach(self, node: Node) -> str:
        link = Proxy(self.primary.port)
        await link.start()
        self.links.append(link)
        # That of the primary: a promoted replica takes it over.
        node.upstream = [self.primary.disturbance, link.disturbance]
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
        for link in [*self.links, self.replication]:
            link.stop()
        await self.primary.kill()
        await self.replica.kill()


STORES = {store.name: store for store in (MemoryStore, SQLiteStore, RedisStore)}
