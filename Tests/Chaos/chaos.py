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
    parser.add_argument("--mutation", help="a fault built into the server, which must be found: see mutations.py")
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


async def run(options: argparse.Namespace, folder: Path) -> Observer:
    store = RedisStore(options.sync) if options.store == "redis" else STORES[options.store]()
    environment = {"CHAOS_MUTATION": options.mutation} if options.mutation else {}
    async with ServerCluster(options.server, store, options.nodes, folder, environment) as cluster:
        observer = Observer(cluster, Checker(), Patience(options.patience), options.seed)
        trial = Trial(observer, options.seconds, [FAULTS[name] for name in options.faults], options.readers,
                      options.publishers, options.rate, options.ways)
        try:
            await trial.run()
        finally:
            write_traces(observer, folder)
    return observer


def main() -> int:
    options = parse()
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    print(f"{options.store}, {options.nodes} nodes, {options.seconds:g} s, seed {options.seed}, "
          f"faults: {', '.join(options.faults) or 'none'}", flush=True)
    observer = asyncio.run(run(options, folder))
    print(summary(observer))
    broken = verdict(observer, folder)
    print(broken or "no broken law")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
