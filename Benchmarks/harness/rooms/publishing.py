"""What publishing in a room takes the code that does it, while nobody waits for the deliveries.

A route of the server publishes a burst and notes how long each call took, by the clock. On the connection's event loop
nothing else runs meanwhile. On another thread, deliveries do, and the server has one core for both: there the median
says what a call takes, and the mean how long the code is held up.
"""

from statistics import median

from .turns import take_turns, verdict

NAME = "publishing"
TITLE = "Publishing in a room, as the code that publishes sees it"
MEMBERS = 10_000
BURST, BURSTS = 200, 5
PLACES = {"on the event loop": f"/rooms/burst?count={BURST}",
          "on another thread": f"/rooms/burst?count={BURST}&from=outside"}
AT_MOST = 50


def measure(start, _, rounds):
    """Microseconds: the median of all calls, the mean, the longest; and the server's CPU time for a delivery."""
    def measure_once(place):
        with start() as (_, subscribers):
            subscribers.open("socket", MEMBERS)
            bursts = [subscribers.publish(0, PLACES[place], each=BURST) for _ in range(BURSTS)]
        answers = [burst["answer"] for burst in bursts]
        return (median(answer["median"] for answer in answers) / 1e3,
                sum(answer["total"] for answer in answers) / BURSTS / BURST / 1e3,
                max(answer["largest"] for answer in answers) / 1e3,
                sum(burst["cpu_s"] for burst in bursts) / sum(burst["deliveries"] for burst in bursts) * 1e6)
    return take_turns(PLACES, rounds, measure_once)


def render(rows):
    lines = [f"| publishing {BURST} messages for {MEMBERS:,} members | µs of a call, median | mean | longest "
             "| µs of CPU for a delivery | target |", "|---|---:|---:|---:|---:|---|"]
    for place, found in rows.items():
        half, mean, longest, cost = (median(values) for values in zip(*found))
        lines.append(f"| {place} | {half:.2f} | {mean:.2f} | {longest:.0f} | {cost:.3f} | "
                     f"less than {AT_MOST}: {verdict(half, AT_MOST)} |")
    return "\n".join(lines)
