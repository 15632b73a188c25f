"""What a delivery costs in a room's route by each way of reading it, with more and more subscribers.

Each message is posted alone and awaited, so that nothing is gained from bursts; the post is counted in. The figures
compare ways and sizes with each other, not with the fan-out of `wsload`. Beside them stands what the system takes for
the sends alone, from a loop in C: the more sockets there are, the fewer of them are in the processor's caches, and that
is in each figure.
"""

from contextlib import ExitStack
from statistics import mean, median

from .turns import microseconds, ratio, spread, take_slices, verdict

NAME = "deliveries"
TITLE = "A delivery in a room's route, each message posted alone"
FLOOR = "send in C"
WAYS = ["socket", "events", "iframe"]
SIZES = [100, 1000, 5000, 10_000]
TIMES_SOCKET, TIMES_FEWEST = 1.3, 1.5


def measure(start, seconds, rounds):
    with ExitStack() as stack:
        loads = {}
        for count in SIZES:
            for way in [FLOOR, *WAYS]:
                _, loads[way, count] = stack.enter_context(start.floor() if way == FLOOR else start())
                loads[way, count].open("socket" if way == FLOOR else way, count)
        return take_slices(loads, seconds, rounds, publish)


def publish(_, load, length):
    """Microseconds, and those of it that the system spent."""
    found = load.publish(length)
    return microseconds(found), found["system_s"] / found["deliveries"] * 1e6


def render(rows):
    lines = ["| way | subscribers | µs of CPU for a delivery | half of the turns | the system's of it | above the floor "
             "| of a socket's | of that for the fewest | above the floor, the same | target |",
             "|---|---:|---:|---:|---:|---:|---:|---:|---:|---|"]
    costs = {case: [cost for cost, _ in found] for case, found in rows.items()}
    above = {(way, count): median(a - b for a, b in zip(found, costs[FLOOR, count]))
             for (way, count), found in costs.items()}
    for (way, count), found in costs.items():
        of_socket = ratio(found, costs["socket", count])
        of_fewest = ratio(found, costs[way, SIZES[0]])
        system = mean(cost for _, cost in rows[way, count])
        goals = []
        if way in WAYS and count > SIZES[0]:
            goals.append(f"at most {TIMES_FEWEST}x the fewest's: {verdict(of_fewest, TIMES_FEWEST)}")
        if way == "events":
            goals.append(f"at most {TIMES_SOCKET}x a socket's: {verdict(of_socket, TIMES_SOCKET)}")
        own, own_of_fewest = "–", "–"
        if way in WAYS:
            own, own_of_fewest = f"{above[way, count]:.2f}", f"{above[way, count] / above[way, SIZES[0]]:.2f}"
        lines.append(f"| {way} | {count:,} | {median(found):.2f} | {spread(found)} | {system:.2f} | {own} "
                     f"| {of_socket:.2f} | {of_fewest:.2f} | {own_of_fewest} | {'; '.join(goals) or '–'} |")
    return "\n".join(lines)
