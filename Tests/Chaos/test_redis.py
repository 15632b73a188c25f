#!/usr/bin/env python3
"""The faults of Redis on a real one, without nodes: each does what it says, and afterwards each link leads to an engine.

    .build/peer-test/bin/python Tests/Chaos/test_redis.py
"""

import asyncio
import contextlib
import random
import sys
import tempfile
from pathlib import Path
from typing import AsyncIterator

sys.dont_write_bytecode = True

from harness.cluster import Cluster  # noqa: E402
from harness.disturbance import Disturbance  # noqa: E402
from harness.faults import (CutHints, CutLink, DelayLink, EngineFault, Fault, FlushEngine, FlushScripts,  # noqa: E402
                            FreezeEngine, KillEngine, LinkFault, PromoteReplica, StallLink)
from harness.node import Node  # noqa: E402
from harness.redis import command  # noqa: E402
from harness.stores import RedisStore  # noqa: E402

FAULTS: list[type[Fault]] = [CutHints, CutLink, DelayLink, FlushEngine, FlushScripts, FreezeEngine, KillEngine,
                             PromoteReplica, StallLink]
# Seconds after which a reply that must not come has not, and those for one that must.
SILENCE, PATIENCE = 0.5, 90


@contextlib.asynccontextmanager
async def redis_cluster() -> AsyncIterator[Cluster]:
    with tempfile.TemporaryDirectory() as folder:
        cluster = Cluster()
        cluster.store, cluster.nodes = RedisStore("always"), [Node("node-1"), Node("node-2")]
        await cluster.store.start(Path(folder))
        try:
            for node in cluster.nodes:
                await cluster.store.attach(node)
            yield cluster
        finally:
            await cluster.store.stop()


async def answers(port: int, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            return await command(port, "PING") == "PONG"
    except OSError:
        return False


async def reachable(store: RedisStore, seconds: float) -> list[bool]:
    return list(await asyncio.gather(*(answers(link.port, seconds) for link in store.links)))


async def strike(cluster: Cluster, kind: type[Fault]) -> None:
    store = cluster.store
    await command(store.primary.port, "SET", "before", "1")
    assert await command(store.primary.port, "WAIT", "1", "80000") == "1", "expected a replica that has come up"
    fault = kind(cluster, random.Random(1))
    await fault.start()
    assert fault.may_lose == (kind in (FlushEngine, KillEngine, PromoteReplica))
    during = await reachable(store, SILENCE)
    if kind in (KillEngine, FreezeEngine):
        assert during == [False, False], f"{kind.name}: expected no reply, found {during}"
    if kind in (CutLink, StallLink):
        assert False in during, f"{kind.name}: expected a link without a reply, found {during}"
    if kind is PromoteReplica:
        await command(store.primary.port, "SET", "late", "1")
    await fault.stop()
    after = await reachable(store, PATIENCE)
    assert after == [True, True], f"{kind.name}: expected replies, found {after}"
    kept = await command(store.links[0].port, "EXISTS", "before")
    assert kept == ("0" if kind is FlushEngine else "1"), f"{kind.name}: expected what was written before, found {kept}"
    if kind is PromoteReplica:
        assert await command(store.links[0].port, "EXISTS", "late") == "0", "expected a replica that is behind"
    disturbed = [each.active for node in cluster.nodes for each in node.upstream if isinstance(each, Disturbance)]
    assert not any(disturbed), f"{kind.name}: a disturbance has not ended"


async def strike_all() -> None:
    async with redis_cluster() as cluster:
        # Twice: a promotion leaves everything as it was, the other way round.
        for kind in FAULTS * 2:
            await strike(cluster, kind)


def test_each_fault_of_redis_comes_and_goes():
    assert all(issubclass(kind, (EngineFault, LinkFault)) for kind in FAULTS)
    asyncio.run(strike_all())


if __name__ == "__main__":
    test_each_fault_of_redis_comes_and_goes()
    print(f"{len(FAULTS)} faults, twice: no fault")
