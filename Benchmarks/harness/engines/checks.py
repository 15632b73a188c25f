"""What it costs a node to compare the ends of 10,000 rooms with Redis, which it does each 5 seconds.

Each room has a socket, and nobody posts. The node does this on the event loop that it has for Redis, whose thread's CPU
time is taken: it renews the node's lease, too. The sockets are on another loop.
"""

import time
from contextlib import ExitStack
from statistics import median

from ..rooms.turns import verdict
from .start import redis_url

NAME = "checks"
ROOMS, SECONDS = 10_000, 30
TITLE = f"{ROOMS:,} silent rooms, each with a reader, whose ends a node compares each 5 seconds"
THREAD = "NIO-SGLTN"
AT_MOST = 1


def measure(start, _, rounds):
    """Percent of a core of the node's loop for Redis, of all of the node, and of Redis."""
    with ExitStack() as stack:
        redis = stack.enter_context(start.redis())
        (node,) = stack.enter_context(start.nodes(1, redis_url(redis)))
        stack.enter_context(start.subscribers(node)).open("socket", ROOMS, "/rooms/many/%d", ROOMS)
        clocks = {"the node's loop for Redis": lambda: node.thread_seconds(THREAD),
                  "the node, with pings of its sockets": node.cpu_seconds, "redis-server": redis.cpu_seconds}
        found = {case: [] for case in clocks}
        for _ in range(rounds):
            before = {case: clock() for case, clock in clocks.items()}
            time.sleep(SECONDS)
            for case, clock in clocks.items():
                found[case].append((clock() - before[case]) / SECONDS * 100)
        return found


def render(rows):
    lines = ["| process | % of a core | every round | target |", "|---|---:|---|---|"]
    for index, (case, found) in enumerate(rows.items()):
        goal = "–" if index else f"at most {AT_MOST}%: {verdict(median(found), AT_MOST)}"
        lines.append(f"| {case} | {median(found):.2f} | {', '.join(f'{one:.2f}' for one in found)} | {goal} |")
    return "\n".join(lines)
