"""Cases of a measurement, in turns."""

import sys
from statistics import median, quantiles

SLICE = 0.5  # seconds


def take_turns(cases, rounds, measure_once):
    """The figures of each case; every other round goes backwards, so that none always follows the same neighbour."""
    found = {case: [] for case in cases}
    for turn in range(rounds):
        for case in list(cases) if turn % 2 == 0 else list(cases)[::-1]:
            found[case].append(measure_once(case))
            print(f"{case!s:40} {found[case][-1]}", file=sys.stderr)
    return found


def take_slices(loads, seconds, rounds, publish):
    """Each case gets `seconds` in each of `rounds`, in slices in turns, since the machine's speed changes from one
    second to the next. `loads` are subscribers of servers that are all there; one works at a time. The first message
    of a slice brings what the server has in memory back into the caches, and is not counted.
    """
    def measure_once(case):
        publish(case, loads[case], 0)
        return publish(case, loads[case], SLICE)
    return take_turns(loads, max(1, round(rounds * seconds / SLICE)), measure_once)


def microseconds(found):
    """Of the server's CPU time, for a delivery."""
    return found["cpu_s"] / found["deliveries"] * 1e6


def ratio(one, other):
    """Of figures that were taken in the same turns."""
    return median(a / b for a, b in zip(one, other))


def spread(found):
    """Half of the figures are in between."""
    if len(found) < 4:
        return ", ".join(f"{value:.2f}" for value in found)
    low, _, high = quantiles(found, n=4)
    return f"{low:.2f} to {high:.2f}"


def verdict(found, at_most):
    return "reached" if found <= at_most else "**missed**"
