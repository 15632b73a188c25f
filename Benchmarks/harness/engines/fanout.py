"""What a delivery costs the nodes that share an engine, each message posted alone.

The CPU time is that of the nodes, both of them; an engine's server is not counted.
"""

from contextlib import ExitStack
from statistics import median

from ..rooms.turns import microseconds, ratio, spread, take_slices, verdict
from .start import redis_url

NAME = "fanout"
MEMBERS = 5000
TITLE = f"A delivery to {MEMBERS:,} sockets on each node"
MEMORY, REDIS, FILE = "memory, one process", "Redis, two nodes", "SQLite, two processes"
AT_MOST = 1.15


def measure(start, seconds, rounds):
    with ExitStack() as stack:
        redis = stack.enter_context(start.redis(start.load_pin))
        stores = {MEMORY: (1, None), REDIS: (2, redis_url(redis)),
                  FILE: (2, f"sqlite:{stack.enter_context(start.file())}")}
        loads = {}
        for case, (count, store) in stores.items():
            nodes = stack.enter_context(start.nodes(count, store))
            loads[case] = stack.enter_context(start.subscribers(*nodes))
            loads[case].open("socket", MEMBERS * count)
        return take_slices(loads, seconds, rounds, lambda _, load, length: microseconds(load.publish(length)))


def render(rows):
    lines = ["| rooms in | µs of CPU for a delivery | half of the turns | of memory's | target |", "|---|---:|---:|---:|---|"]
    for case, found in rows.items():
        times = ratio(found, rows[MEMORY])
        goal = f"at most {AT_MOST}x: {verdict(times, AT_MOST)}" if case == REDIS else "–"
        lines.append(f"| {case} | {median(found):.2f} | {spread(found)} | {times:.2f} | {goal} |")
    return "\n".join(lines)
