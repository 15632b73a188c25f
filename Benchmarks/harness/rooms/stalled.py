"""What members that never read cost the others, and the server's memory.

They come first, with small receive buffers, and the room is filled until they are nearly as far behind as may be. Then
come those who read, and messages at a steady rate, far below what the server can do; how long each took from the post
to each reader is noted. The same without those who stall, in turns.
"""

import contextlib
from dataclasses import dataclass
from statistics import median

from ..machine import undisturbed
from ..server import ServerError
from .turns import take_turns, verdict

NAME = "stalled"
READERS, STALLED = 9000, 1000
BYTES, RATE, SECONDS = 4096, 3, 15
RECEIVE_BUFFER = 4096
# Messages of 4 KiB that nearly fill `WebSocketOptions.outboundLimit`, 4 MiB, beyond what the sockets take.
FILLING = 1012
TITLE = f"{READERS:,} members that read {RATE} messages of 4 KiB a second, beside {STALLED:,} that never read"
CASES = {"nobody": ("socket", 0, "/rooms/bench"),
         "sockets, which are closed with 1013": ("socket", STALLED, "/rooms/bench"),
         "sockets in a room that skips": ("socket", STALLED, "/rooms/skip"),
         "streams of server-sent events": ("events", STALLED, "/rooms/bench")}
TIMES = 1.2
MIB_MORE = 4 + 64


@dataclass
class Row:
    half: float  # milliseconds
    p99: float
    longest: float
    mib: float  # of resident memory at its peak
    left: int  # of those who stall
    load: float  # cores that the server used


def measure(start, *rest):
    rounds = rest[-1]
    def measure_once(case):
        way, count, path = CASES[case]
        with start() as (server, subscribers):
            # A message for nobody: from here on the publisher is among the open files.
            subscribers.publish(0, path)
            before = server.descriptors()
            if count:
                subscribers.stall(way, count, path, RECEIVE_BUFFER)
            subscribers.fill(FILLING, path, BYTES)
            subscribers.open("socket", READERS, path)
            found = subscribers.publish_steadily(SECONDS, RATE, path, BYTES)
            left = still_there(server, before + READERS) if count else 0
            return Row(found["p50_us"] / 1e3, found["p99_us"] / 1e3, found["max_us"] / 1e3,
                       server.peak_kib() / 1024, left, found["cpu_s"] / SECONDS)
    return take_turns(CASES, rounds, lambda case: undisturbed(lambda: measure_once(case)))


def still_there(server, others):
    """Whom the server closes is gone after `ConnectionLimits.closeTimeout`, 5 seconds, since it takes no part."""
    with contextlib.suppress(ServerError):
        server.wait_for_descriptors(others, seconds=6)
    return server.descriptors() - others


def render(rows):
    usual = median(row.p99 for row in rows["nobody"])
    memory = median(row.mib for row in rows["nobody"])
    lines = ["| who stalls | median, ms | p99, ms | every round | longest, ms | p99 / p99 beside nobody "
             "| left at the end | memory at its peak, MiB | more than beside nobody | cores | target |",
             "|---|---:|---:|---|---:|---:|---:|---:|---:|---:|---|"]
    for case, found in rows.items():
        half, p99, longest = (median(getattr(row, name) for row in found) for name in ("half", "p99", "longest"))
        mib, load = max(row.mib for row in found), median(row.load for row in found)
        goal = "–"
        if case != "nobody":
            goal = (f"p99 at most {TIMES}x: {verdict(p99 / usual, TIMES)}; "
                    f"at most {MIB_MORE} MiB more: {verdict(mib - memory, MIB_MORE)}")
        every = ", ".join(f"{row.p99:.1f}" for row in found)
        left = ", ".join(f"{row.left:,}" for row in found)
        lines.append(f"| {case} | {half:.1f} | {p99:.1f} | {every} | {longest:.1f} | {p99 / usual:.2f} | {left} "
                     f"| {mib:.0f} | {mib - memory:.0f} | {load:.2f} | {goal} |")
    return "\n".join(lines)
