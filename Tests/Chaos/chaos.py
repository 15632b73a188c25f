"""Breaks real processes under clients of all ways, and looks at what each of them read.

    Tests/Chaos/run .build/debug/TestServer --store redis --nodes 3 --seconds 60
    Tests/Chaos/run .build/debug/TestServer --store sqlite --seconds 60 --faults kill-node,restart-node

It fails with the law that was broken. See README.md.
"""

import argparse
import asyncio
import random
import sys
import tempfile
from pathlib import Path

from harness.checker import Checker
from harness.cluster import ServerCluster
from harness.faults import FAULTS, faults_for
from harness.law import LAWS
from harness.mutations import MUTATIONS, Mutation
from harness.observer import Observer
from harness.report import summary, verdict, write_traces
from harness.stores import STORES, RedisStore
from harness.trial import Trial
from harness.ways import WAYS

# Seconds after which a mutation is not found, however slow the machine is, and the posts in which it has its chance.
MUTATION_LIMIT, MUTATION_POSTS = 600, 200


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("server", metavar="SERVER_BINARY")
    parser.add_argument("--store", choices=STORES, default="memory")
    parser.add_argument("--sync", choices=["everysec", "always"], default="everysec", help="appendfsync of Redis")
    parser.add_argument("--nodes", type=int, help="1 for memory and sqlite, 3 for redis, unless given")
    parser.add_argument("--seconds", type=float, default=60,
                        help="of faults, or more until each has come once; the quiet end comes after them")
    parser.add_argument("--seed", type=int, default=None, help="another one draws other faults; printed, if not given")
    parser.add_argument("--faults", help="names with commas between, or none; all for the store, unless given: "
                                         + ", ".join(FAULTS))
    parser.add_argument("--ways", help="names with commas between: " + ", ".join(WAYS))
    parser.add_argument("--readers", type=int, default=10)
    parser.add_argument("--publishers", type=int, default=4)
    parser.add_argument("--rate", type=float, default=5, help="messages a second of each publisher")
    parser.add_argument("--limit", type=float, default=5,
                        help="seconds in which each request is answered, by the clock of the node")
    parser.add_argument("--stall-limit", type=float, default=5,
                        help="seconds for which the machine may hold up a node, more where it has other work")
    parser.add_argument("--lossless", action="store_true", help="the store claims to lose nothing: no fault explains a gap")
    parser.add_argument("--mutations", action="store_true",
                        help="instead run the server once with each fault that is built into it, which must be found")
    parser.add_argument("--at-once", type=int, default=1, help="how many mutations run at the same time")
    options = parser.parse_args()
    options.seed = options.seed if options.seed is not None else random.randrange(1_000_000)
    options.nodes = options.nodes or (3 if options.store == "redis" else 1)
    options.faults = chosen(parser, options.faults, faults_for(STORES[options.store]()), FAULTS)
    options.ways = chosen(parser, options.ways, list(WAYS), WAYS)
    return options


def chosen(parser: argparse.ArgumentParser, names: str | None, default: list[str], known: dict) -> list[str]:
    names = default if names is None else [name for name in names.split(",") if name not in ("", "none")]
    for name in names:
        if name not in known:
            parser.error(f"expected {', '.join(known)}, found {name}")
    return names


async def run(options: argparse.Namespace, folder: Path, mutation: Mutation | None = None) -> Observer:
    store = RedisStore(options.sync) if options.store == "redis" else STORES[options.store]()
    environment = {"CHAOS_MUTATION": mutation.name} if mutation else {}
    faults, sought = (mutation.faults, mutation.laws) if mutation else (options.faults, tuple(LAWS))
    if options.lossless:
        environment["CHAOS_LOSSLESS"] = "1"
    async with ServerCluster(options.server, store, options.nodes, folder, environment) as cluster:
        observer = Observer(cluster, Checker(), options.seed, options.limit, options.stall_limit,
                            say if mutation is None else lambda line: None)
        trial = Trial(observer, options.seconds, [FAULTS[name] for name in faults], options.readers,
                      options.publishers, options.rate, options.ways, options.lossless, sought,
                      posts=MUTATION_POSTS if mutation else 0)
        try:
            await trial.run()
        finally:
            write_traces(observer, folder)
    return observer


def say(line: str) -> None:
    print(line, flush=True)


def run_once(options: argparse.Namespace) -> bool:
    """Runs the server as it is; returns whether it broke no law."""
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    observer = asyncio.run(run(options, folder))
    say(summary(observer))
    broken = verdict(observer, folder)
    say(broken or "no broken law")
    return not broken


async def run_mutations(options: argparse.Namespace) -> bool:
    """Runs the server with each of its mutations; returns whether each was found."""
    turns = asyncio.Semaphore(options.at_once)

    async def is_found(mutation: Mutation) -> bool:
        async with turns:
            folder = Path(tempfile.mkdtemp(prefix="chaos-"))
            try:
                async with asyncio.timeout(MUTATION_LIMIT):
                    broken = mutation.found_in((await run(options, folder, mutation)).checker.found)
            except TimeoutError:
                broken = None
        say(f"{mutation.name}: {mutation.explanation}\n  {f'found: {broken}' if broken else f'NOT FOUND: see {folder}'}")
        return broken is not None

    return all(await asyncio.gather(*(is_found(each) for each in MUTATIONS.values() if each.is_in_server)))


def main() -> int:
    options = parse()
    tried = "each mutation" if options.mutations else f"faults: {', '.join(options.faults) or 'none'}"
    say(f"{options.store}, {options.nodes} nodes, {options.seconds:g} s, seed {options.seed}, {tried}")
    is_right = asyncio.run(run_mutations(options)) if options.mutations else run_once(options)
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main())
