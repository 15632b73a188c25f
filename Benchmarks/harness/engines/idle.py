"""What a room that nobody reads on a node costs that node, while it is busy on another.

One node has a client that posts, and one that reads; the other has neither. Its CPU time is compared with that of a
silent while, and its memory with that before.
"""

import time
from statistics import median

from ..rooms.subscribers import BENCH, BYTES
from ..rooms.turns import take_turns
from .start import redis_url

NAME = "idle"
RATE, SECONDS = 1000, 6
FORGOTTEN = 75  # seconds after its last reader the other node has no copy of the room: a minute, and a check
TITLE = f"A node without readers, beside one with {RATE:,} posts a second in a room that both have had readers of"
SILENT, BUSY = "nobody posts", f"{RATE:,} posts a second"
TICK = 0.01  # seconds of the system's CPU clock


def measure(start, _, rounds):
    """The share of a core in percent, and KiB more of resident memory."""
    with start.redis() as redis, start.nodes(2, redis_url(redis)) as (here, there):
        with start.subscribers(there, post_to=here) as reader:
            reader.open("socket", 1)
            reader.publish_steadily(1, RATE, BENCH, BYTES)
        time.sleep(FORGOTTEN)
        with start.subscribers(here) as load:
            load.open("socket", 1)

            def measure_once(case):
                used, resident = there.cpu_seconds(), there.resident_kib()
                if case == BUSY:
                    load.publish_steadily(SECONDS, RATE, BENCH, BYTES)
                else:
                    time.sleep(SECONDS)
                return (there.cpu_seconds() - used) / SECONDS * 100, there.resident_kib() - resident
            return take_turns([SILENT, BUSY], rounds, measure_once)


def render(rows):
    lines = ["| on the other node | % of a core | every round | KiB more | target |", "|---|---:|---|---:|---|"]
    silent = median(cpu for cpu, _ in rows[SILENT])
    for case, found in rows.items():
        cpu, memory = (median(values) for values in zip(*found))
        goal = "–"
        if case == BUSY:
            # A tick of the system's clock is the least that it can tell.
            goal = f"no more than silence: {'reached' if cpu - silent <= TICK / SECONDS * 100 * 2 else '**missed**'}"
        every = ", ".join(f"{one:.2f}" for one, _ in found)
        lines.append(f"| {case} | {cpu:.2f} | {every} | {memory:.0f} | {goal} |")
    return "\n".join(lines)
