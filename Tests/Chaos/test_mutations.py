#!/usr/bin/env python3
"""The whole harness on a fake server: a right one breaks no law, and each of its mutations is found.

    .build/peer-test/bin/python Tests/Chaos/test_mutations.py [NAME...]
"""

import asyncio
import sys

sys.dont_write_bytecode = True

from harness.checker import Checker  # noqa: E402
from harness.fake_cluster import FakeCluster, FlushFake, RestartFake  # noqa: E402
from harness.mutations import MUTATIONS  # noqa: E402
from harness.observer import Observer  # noqa: E402
from harness.patience import Patience  # noqa: E402
from harness.trial import Trial  # noqa: E402

WAYS = ["events", "poll", "long poll"]
NODES, SECONDS, SEED = 3, 12, 1


async def run(mutation: str | None) -> Observer:
    async with FakeCluster(NODES, mutation, SEED) as cluster:
        # It is in this process and has no reason to be slow.
        observer = Observer(cluster, Checker(), Patience(2), SEED)
        await Trial(observer, SECONDS, [FlushFake, RestartFake], readers=6, ways=WAYS).run()
        return observer


async def law_found(mutation: str | None) -> str | None:
    broken = (await run(mutation)).checker.broken
    print(f"  {mutation or 'no mutation':22} {broken or 'no broken law'}", flush=True)
    return broken and broken.law


async def laws_found(names: list[str]) -> list[str | None]:
    return await asyncio.gather(*map(law_found, names))


def test_a_right_server_breaks_no_law():
    assert asyncio.run(law_found(None)) is None


def test_each_mutation_is_found(names=tuple(MUTATIONS)):
    for name, found in zip(names, asyncio.run(laws_found(names))):
        assert found in MUTATIONS[name].laws, f"{name}: expected one of {MUTATIONS[name].laws}, found {found}"


if __name__ == "__main__":
    test_a_right_server_breaks_no_law()
    test_each_mutation_is_found(tuple(sys.argv[1:]) or tuple(MUTATIONS))
