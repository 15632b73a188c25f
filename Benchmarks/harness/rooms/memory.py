"""What a subscriber costs in memory, by each way of reading a room's route: before it has heard anything, and after."""

from statistics import median

from .turns import take_turns, verdict

NAME = "memory"
TITLE = "Memory of a subscriber"
WAYS = ["socket", "events", "iframe", "poll"]
COUNT = 5000
MESSAGES_HEARD = 20
AT_MOST = 12


def measure(start, _, rounds):
    """KiB of the server's resident memory, of one among many."""
    def measure_once(way):
        with start() as (server, subscribers):
            before = server.resident_kib()
            subscribers.open(way, COUNT)
            server.wait_until_idle()
            fresh = server.resident_kib() - before
            # A poll is over with the first message: that it is heard by all shows that all were waiting.
            for _ in range(1 if way == "poll" else MESSAGES_HEARD):
                subscribers.publish(0)
            server.wait_until_idle()
            return fresh / COUNT, (server.resident_kib() - before) / COUNT
    return take_turns(WAYS, rounds, measure_once)


def render(rows):
    lines = [f"| way | KiB of one of {COUNT:,} subscribers | after it heard {MESSAGES_HEARD} messages | target |",
             "|---|---:|---:|---|"]
    for way, found in rows.items():
        fresh, later = (median(values) for values in zip(*found))
        lines.append(f"| {way} | {fresh:.2f} | {'–' if way == 'poll' else f'{later:.2f}'} | "
                     f"at most {AT_MOST}: {verdict(fresh, AT_MOST)} |")
    return "\n".join(lines)
