"""How long a message takes from one node to a client of another, at a steady rate.

One client posts to a node and one reads a socket of the other. What counts is from the answer to the post until the
reader has the message, and the time from the post is beside it: it has the request and its answer in it.
"""

from statistics import median

from ..machine import undisturbed
from ..rooms.subscribers import BENCH, BYTES
from ..rooms.turns import take_turns, verdict
from .start import redis_url

NAME = "latency"
RATE, SECONDS = 1000, 5
TITLE = f"From an acknowledgement on one node to a socket of another, at {RATE:,} posts a second"
REDIS, FILE = "Redis", "SQLite, two processes"
MEDIAN_AT_MOST, P99_AT_MOST = 2, 10


def measure(start, _, rounds):
    """Milliseconds after the answer, the median and the 99th percentile; and the same after the post."""
    def measure_once(case):
        if case == REDIS:
            with start.redis() as redis:
                return between_nodes(redis_url(redis))
        with start.file() as path:
            return between_nodes(f"sqlite:{path}")

    def between_nodes(store):
        with start.nodes(2, store) as (here, there), start.subscribers(there, post_to=here) as load:
            load.open("socket", 1)
            load.publish_steadily(1, RATE, BENCH, BYTES)
            found = load.publish_steadily(SECONDS, RATE, BENCH, BYTES)
            return tuple(found[name] / 1e3 for name in ("answer_p50_us", "answer_p99_us", "p50_us", "p99_us"))
    return take_turns([REDIS, FILE], rounds, lambda case: undisturbed(lambda: measure_once(case)))


def render(rows):
    lines = ["| store | median after the answer, ms | p99, ms | every round's p99 | median after the post, ms | p99, ms | target |",
             "|---|---:|---:|---|---:|---:|---|"]
    for case, found in rows.items():
        half, p99, post_half, post_p99 = (median(values) for values in zip(*found))
        goal = "–"
        if case == REDIS:
            goal = (f"median at most {MEDIAN_AT_MOST}: {verdict(half, MEDIAN_AT_MOST)}; "
                    f"p99 at most {P99_AT_MOST}: {verdict(p99, P99_AT_MOST)}")
        every = ", ".join(f"{figure[1]:.2f}" for figure in found)
        lines.append(f"| {case} | {half:.2f} | {p99:.2f} | {every} | {post_half:.2f} | {post_p99:.2f} | {goal} |")
    return "\n".join(lines)
