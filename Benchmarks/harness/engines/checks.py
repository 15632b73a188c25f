"""What it costs a node to compare the ends of 10,000 rooms with Redis, which it does each 5 seconds.

Each room has a socket, and nobody posts. The same sockets in memory are the rest of what an idle node does: they are
pinged, for example.
"""

import time
from contextlib import ExitStack
from statistics import median

from ..rooms.turns import verdict
from .start import redis_url

NAME = "checks"
ROOMS, SECONDS = 10_000, 30
TITLE = f"{ROOMS:,} silent rooms, each with a reader, whose ends a node compares each 5 seconds"
MEMORY, REDIS = "memory", "Redis"
AT_MOST = 1


def measure(start, _, rounds):
    """Percent of a core of the node, and of Redis."""
    with ExitStack() as stack:
        redis = stack.enter_context(start.redis())
        (memory,) = stack.enter_context(start.nodes(1, None))
        (shared,) = stack.enter_context(start.nodes(1, redis_url(redis)))
        for node in (memory, shared):
            stack.enter_context(start.subscribers(node)).open("socket", ROOMS, "/rooms/many/%d", ROOMS)
        servers = {MEMORY: memory, REDIS: shared, "redis-server": redis}
        found = {case: [] for case in servers}
        for _ in range(rounds):
            before = {case: server.cpu_seconds() for case, server in servers.items()}
            time.sleep(SECONDS)
            for case, server in servers.items():
                found[case].append((server.cpu_seconds() - before[case]) / SECONDS * 100)
        return found


def render(rows):
    more = median(shared - memory for shared, memory in zip(rows[REDIS], rows[MEMORY]))
    lines = ["| process | % of a core | every round |", "|---|---:|---|"]
    for case, found in rows.items():
        lines.append(f"| {case} | {median(found):.2f} | {', '.join(f'{one:.2f}' for one in found)} |")
    lines += ["", f"The comparison: {more:.2f}% of a core; at most {AT_MOST}%: {verdict(more, AT_MOST)}."]
    return "\n".join(lines)
