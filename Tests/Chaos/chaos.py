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
from harness.mutations import MUTATIONS
from harness.observer import Observer
from harness.patience import Patience
from harness.report import summary, verdict, write_traces
from harness.stores import STORES, RedisStore
from harness.trial import Trial
from harness.ways import WAYS


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("server", metavar="SERVER_BINARY")
    parser.add_argument("--store", choices=STORES, default="memory")
    parser.add_argument("--sync", choices=["everysec", "always"], default="everysec", help="appendfsync of Redis")
    parser.add_argument("--nodes", type=int, help="1 for memory and sqlite, 3 for redis, unless given")
    parser.add_argument("--seconds", type=float, default=60, help="of faults; the quiet end comes after them")
    parser.add_argument("--seed", type=int, default=None, help="another one draws other faults; printed, if not given")
    parser.add_argument("--faults", help="names with commas between, or none; all for the store, unless given: "
                                         + ", ".join(FAULTS))
    parser.add_argument("--ways", help="names with commas between: " + ", ".join(WAYS))
    parser.add_argument("--readers", type=int, default=10)
    parser.add_argument("--publishers", type=int, default=4)
    parser.add_argument("--rate", type=float, default=5, help="messages a second of each publisher")
    parser.add_argument("--patience", type=float, default=5, help="seconds in which each request is answered")
    parser.add_argument("--lossless", action="store_true", help="the store claims to lose nothing: no fault explains a gap")
    parser.add_argument("--mutations", action="store_true",
                        help="instead run the server once with each fault that is built into it, which must be found")
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


async def run(options: argparse.Namespace, folder: Path, mutation: str | None) -> Observer:
    store = RedisStore(options.sync) if options.store == "redis" else STORES[options.store]()
    environment = {"CHAOS_MUTATION": mutation} if mutation else {}
    if options.lossless:
        environment["CHAOS_LOSSLESS"] = "1"
    async with ServerCluster(options.server, store, options.nodes, folder, environment) as cluster:
        observer = Observer(cluster, Checker(), Patience(options.patience), options.seed, say)
        trial = Trial(observer, options.seconds, [FAULTS[name] for name in options.faults], options.readers,
                      options.publishers, options.rate, options.ways, options.lossless)
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
    observer = asyncio.run(run(options, folder, None))
    say(summary(observer))
    broken = verdict(observer, folder)
    say(broken or "no broken law")
    return not broken


def run_mutations(options: argparse.Namespace) -> bool:
    """Runs the server with each of its mutations; returns whether each was found."""
    all_found = True
    for mutation in MUTATIONS.values():
        if not mutation.is_in_server:
            continue
        say(f"{mutation.name}: {mutation.explanation}")
        options.faults = list(mutation.faults)
        broken = asyncio.run(run(options, Path(tempfile.mkdtemp(prefix="chaos-")), mutation.name)).checker.broken
        is_found = broken is not None and broken.law in mutation.laws
        say(f"  {'found' if is_found else 'NOT FOUND'}: {broken or 'no broken law'}")
        all_found &= is_found
    return all_found


def main() -> int:
    options = parse()
    say(f"{options.store}, {options.nodes} nodes, {options.seconds:g} s, seed {options.seed}, "
        f"faults: {', '.join(options.faults) or 'none'}")
    is_right = run_mutations(options) if options.mutations else run_once(options)
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main())
