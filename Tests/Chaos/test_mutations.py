#!/usr/bin/env python3
"""The whole harness on a fake server: a right one breaks no law, and each of its mutations is found.

    .build/peer-test/bin/python Tests/Chaos/test_mutations.py [NAME...]
"""

import asyncio
import sys

sys.dont_write_bytecode = True

from harness.checker import Checker  # noqa: E402
from harness.fake_cluster import FakeCluster, FlushFake, RestartFake  # noqa: E402
from harness.law import LAWS, BrokenLaw  # noqa: E402
from harness.mutations import MUTATIONS, Mutation  # noqa: E402
from harness.observer import Observer  # noqa: E402
from harness.trial import Trial  # noqa: E402

WAYS = ["events", "poll", "long poll"]
NODES, SECONDS, SEED = 3, 8, 1
# It is in this process: whatever holds it up holds up its clock.
LIMIT, STALL_LIMIT = 2, 60


async def run(mutation: Mutation | None) -> Observer:
    async with FakeCluster(NODES, mutation and mutation.name, SEED) as cluster:
        observer = Observer(cluster, Checker(), SEED, LIMIT, STALL_LIMIT)
        sought = mutation.laws if mutation else tuple(LAWS)
        await Trial(observer, SECONDS, [FlushFake, RestartFake], readers=6, ways=WAYS, sought=sought, lease=0, posts=200).run()
        return observer


async def found(mutation: Mutation) -> BrokenLaw | None:
    broken = mutation.found_in((await run(mutation)).checker.found)
    print(f"  {mutation.name:22} {broken or 'no broken law of its own'}", flush=True)
    return broken


async def all_found(mutations: list[Mutation]) -> list[BrokenLaw | None]:
    return await asyncio.gather(*map(found, mutations))


def test_a_right_server_breaks_no_law():
    broken = asyncio.run(run(None)).checker.broken
    print(f"  {'no mutation':22} {broken or 'no broken law'}", flush=True)
    assert broken is None


def test_each_mutation_is_found(names=tuple(MUTATIONS)):
    mutations = [MUTATIONS[name] for name in names]
    for mutation, broken in zip(mutations, asyncio.run(all_found(mutations))):
        assert broken, f"{mutation.name}: expected one of {mutation.laws}"


if __name__ == "__main__":
    test_a_right_server_breaks_no_law()
    test_each_mutation_is_found(tuple(sys.argv[1:]) or tuple(MUTATIONS))
