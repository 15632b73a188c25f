"""The faults: each is started, lasts for a drawn time, and is stopped; then everything is as it was."""

import asyncio
import random
from typing import ClassVar

from .cluster import ServerCluster
from .node import ServerNode
from .stores import MemoryStore, RedisStore, SQLiteStore


class Fault:
    name: ClassVar[str]
    # The stores for which it is a fault, and for how many seconds it lasts.
    stores: ClassVar[tuple[type[MemoryStore], ...]] = (MemoryStore, SQLiteStore, RedisStore)
    seconds: ClassVar[tuple[float, float]] = (1, 5)

    def __init__(self, cluster: ServerCluster, rng: random.Random):
        self.cluster, self.store, self.rng = cluster, cluster.store, rng

    @property
    def may_lose(self) -> bool:
        """Whether acknowledged messages may be gone afterwards."""
        return False

    async def start(self) -> str:
        """Begins it, and returns to what it happened."""
        raise NotImplementedError

    async def stop(self) -> None:
        pass


class NodeFault(Fault):
    node: ServerNode

    async def start(self) -> str:
        self.node = self.rng.choice(self.cluster.nodes)
        self.node.disturbance.begin()
        await self.strike()
        return self.node.name

    async def stop(self) -> None:
        await self.heal()
        self.node.disturbance.end()

    async def strike(self) -> None:
        raise NotImplementedError

    async def heal(self) -> None:
        await self.node.start()


class KillNode(NodeFault):
    """kill -9, and a new process on the same port."""

    name = "kill-node"
    seconds = (0, 4)

    @property
    def may_lose(self) -> bool:
        return self.store.loses_with_node

    async def strike(self) -> None:
        await self.node.kill()


class RestartNode(KillNode):
    """SIGTERM, the end, and a new process on the same port."""

    name = "restart-node"
    seconds = (0, 1)

    async def strike(self) -> None:
        await self.node.terminate()


class FreezeNode(NodeFault):
    """SIGSTOP for longer than leases and less."""

    name = "freeze-node"
    seconds = (1, 20)

    async def strike(self) -> None:
        self.node.freeze()

    async def heal(self) -> None:
        self.node.thaw()


class ReplaceNode(Fault):
    """A new process beside the old one, which then gets SIGTERM: both have the store for a moment."""

    name = "replace-node"
    stores = (SQLiteStore, RedisStore)

    async def start(self) -> str:
        self.node = self.rng.choice(self.cluster.nodes)
        self.successor = await self.cluster.add_node()
        return f"{self.node.name} by {self.successor.name}"

    async def stop(self) -> None:
        self.node.disturbance.begin()
        self.cluster.nodes.remove(self.node)
        self.node.clock.stop()
        await self.node.terminate()


class EngineFault(Fault):
    stores = (RedisStore,)
    loses: ClassVar[bool] = False

    @property
    def may_lose(self) -> bool:
        return self.loses

    async def start(self) -> str:
        self.store.primary.disturbance.begin()
        await self.strike()
        return self.store.primary.name

    async def stop(self) -> None:
        await self.heal()
        self.store.primary.disturbance.end()

    async def strike(self) -> None:
        raise NotImplementedError

    async def heal(self) -> None:
        pass


class KillEngine(EngineFault):
    """kill -9, and a new process on the same file."""

    name, loses = "kill-engine", True

    async def strike(self) -> None:
        await self.store.primary.kill()

    async def heal(self) -> None:
        await self.store.primary.start()


class FreezeEngine(EngineFault):
    name = "freeze-engine"
    seconds = (1, 10)

    async def strike(self) -> None:
        self.store.primary.freeze()

    async def heal(self) -> None:
        self.store.primary.thaw()


class FlushEngine(EngineFault):
    """FLUSHALL: everything is gone, and the process is the same."""

    name, loses = "flush-engine", True
    seconds = (0, 0)

    async def strike(self) -> None:
        await self.store.primary.command("FLUSHALL")


class FlushScripts(EngineFault):
    name = "flush-scripts"
    seconds = (0, 0)

    async def strike(self) -> None:
        await self.store.primary.command("SCRIPT", "FLUSH")


class CutHints(EngineFault):
    """Each connection for hints ends; what was published meanwhile is not hinted at again."""

    name = "cut-hints"
    seconds = (0, 0)

    async def strike(self) -> None:
        await self.store.primary.command("CLIENT", "KILL", "TYPE", "pubsub")


class PromoteReplica(EngineFault):
    """The replica, which is behind, takes the place of the killed primary."""

    name, loses = "promote-replica", True
    seconds = (0.5, 2)

    async def strike(self) -> None:
        self.store.replication.stall()

    async def heal(self) -> None:
        await self.store.promote()


class LinkFault(Fault):
    """Something between one node, or all, and the engine."""

    stores = (RedisStore,)

    async def start(self) -> str:
        links = self.store.links
        self.links = links if self.rng.random() < 0.3 else [self.rng.choice(links)]
        for link in self.links:
            link.disturbance.begin()
            self.strike(link)
        return f"{len(self.links)} of {len(links)} links"

    async def stop(self) -> None:
        for link in self.links:
            link.mend()
            link.disturbance.end()

    def strike(self, link) -> None:
        raise NotImplementedError


class CutLink(LinkFault):
    name = "cut-link"

    def strike(self, link) -> None:
        link.cut()


class StallLink(LinkFault):
    name = "stall-link"
    seconds = (1, 10)

    def strike(self, link) -> None:
        link.stall()


class DelayLink(LinkFault):
    name = "delay-link"

    def strike(self, link) -> None:
        link.delay = self.rng.choice([0.02, 0.2, 1])


FAULTS = {fault.name: fault for fault in (
    KillNode, RestartNode, FreezeNode, ReplaceNode, KillEngine, FreezeEngine, FlushEngine, FlushScripts, CutHints,
    PromoteReplica, CutLink, StallLink, DelayLink)}


def faults_for(store: MemoryStore) -> list[str]:
    """The names of the faults that a store is made for: of one process in memory nothing is left after its end."""
    return [name for name, fault in FAULTS.items() if type(store) in fault.stores]


async def last(fault: Fault) -> None:
    """Waits for a drawn part of its time."""
    await asyncio.sleep(fault.rng.uniform(*fault.seconds))
