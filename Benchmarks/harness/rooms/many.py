"""What a delivery costs with more and more rooms.

The members stay as many; they are spread over the rooms. Code of the server publishes once in each room, so that each
member hears one message, and all have heard it before the next. With one member in a room each delivery thus has a
publication for itself, which in one room all members share; it makes the message's JSON, too. What publishing took is
measured where it is done, and the target is for the rest, which is what deliveries cost: an entry's bytes and its turn
in the event loop among it. Whether rooms that say nothing cost the others anything is a case of its own.
"""

from contextlib import ExitStack
from statistics import median

from .subscribers import BENCH
from .turns import microseconds, ratio, spread, take_slices, verdict

NAME = "many"
TITLE = "A delivery with many rooms"
MEMBERS = 10_000
ROOMS = [1, 100, 10_000]
WAYS = ["socket", "events"]
TALKING, SILENT = 1000, 9000  # members of one room, and other rooms of one member each
ALONE, BESIDE = ("socket", "alone"), ("socket", "beside silent rooms")
AT_MOST = 1.5


def measure(start, seconds, rounds):
    """Microseconds for a delivery, and those of the publishing code."""
    with ExitStack() as stack:
        loads = {}
        for way in WAYS:
            for count in ROOMS:
                _, loads[way, count] = stack.enter_context(start())
                loads[way, count].open(way, MEMBERS, "/rooms/many/%d", count)
        for case in (ALONE, BESIDE):
            server, loads[case] = stack.enter_context(start())
            loads[case].open("socket", TALKING)
            if case == BESIDE:
                stack.enter_context(start.subscribers(server)).open("socket", SILENT, "/rooms/many/%d", SILENT)
        return take_slices(loads, seconds, rounds, publish)


def publish(case, load, length):
    if case in (ALONE, BESIDE):
        return microseconds(load.publish(length)), 0
    found = load.publish(length, f"/rooms/each?count={case[1]}")
    return microseconds(found), found["answer"]["total"] / MEMBERS / 1e3


def render(rows):
    lines = ["| way | rooms | members of each | µs of CPU for a delivery | half of the turns | of which publishing "
             "| of that with one room | without publishing | target |", "|---|---:|---|---:|---:|---:|---:|---:|---|"]
    costs = {case: [cost for cost, _ in found] for case, found in rows.items()}
    rest = {case: [cost - publishing for cost, publishing in found] for case, found in rows.items()}
    for case, found in rows.items():
        way, rooms = case
        is_spread = case not in (ALONE, BESIDE)
        base = (way, 1) if is_spread else ALONE
        times, others = ratio(costs[case], costs[base]), ratio(rest[case], rest[base])
        goal = f"at most {AT_MOST}x: {verdict(others, AT_MOST)}" if case not in ((way, 1), ALONE) else "–"
        members = f"{MEMBERS // rooms:,}" if is_spread else f"{TALKING:,}"
        members += "; the others 1, silent" if case == BESIDE else ""
        count = rooms if is_spread else 1 + SILENT if case == BESIDE else 1
        publishing = f"{median(value for _, value in found):.2f}" if is_spread else "–"
        lines.append(f"| {way} | {count:,} | {members} | {median(costs[case]):.2f} | {spread(costs[case])} "
                     f"| {publishing} | {times:.2f} | {others:.2f} | {goal} |")
    return "\n".join(lines)
