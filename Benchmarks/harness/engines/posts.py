"""Acknowledged posts of 256 writers in one process, beside what the engine's server allows.

For SQLite that is a thread that commits as many rows at a time, without rooms; for Redis it is `redis-benchmark`, which
sends the same script with the same arguments.
"""

import re
import shlex
import subprocess
from statistics import median

from ..rooms.turns import take_turns
from .start import redis_url

NAME = "posts"
TITLE = "Acknowledged posts of 256 writers"
WRITERS = 256
FULL, FULL_FLOOR, NORMAL, EVERYSEC, EVALSHA = (
    "SQLite, FULL", "rows of SQLite, FULL", "SQLite, NORMAL", "Redis, everysec", "redis-benchmark -P 16 EVALSHA")
AT_LEAST = {FULL: 20_000, EVERYSEC: 40_000}
FLOOR, P99_AT_MOST = 0.5, 50


def measure(start, seconds, rounds):
    """Posts a second, and the milliseconds of a post: the median and the 99th percentile."""
    def measure_once(case):
        if case in (EVERYSEC, EVALSHA):
            with start.redis() as redis:
                if case == EVERYSEC:
                    return figures(start.engine("posts", redis_url(redis), WRITERS, int(seconds) or 1))
                return script_rate(start, redis, seconds), None, None
        with start.file() as path:
            scheme = {FULL: "sqlite", FULL_FLOOR: "floor", NORMAL: "sqlite-normal"}[case]
            return figures(start.engine("posts", f"{scheme}:{path}", WRITERS, int(seconds) or 1))
    return take_turns([FULL, FULL_FLOOR, NORMAL, EVERYSEC, EVALSHA], rounds, measure_once)


def figures(answer):
    return answer["rate"], answer["median_ms"], answer["p99_ms"]


def script_rate(start, redis, seconds):
    """Sends a post as Carafe sends it, as the server's MONITOR showed it."""
    monitor = subprocess.Popen(["redis-cli", "-p", str(redis.port), "monitor"], stdout=subprocess.PIPE, text=True)
    monitor.stdout.readline()
    start.engine("post", redis_url(redis))
    post = next(words for words in map(command, monitor.stdout) if words[:1] == ["EVALSHA"] and len(words) == 12)
    monitor.kill()
    monitor.wait()
    monitor.stdout.close()
    # An argument cannot have a zero byte, so that the entry has other bytes for its kind and flags.
    words = [word.replace("\0", "\x02") for word in post]
    rate = 0
    for count in (5000, None):
        # The first is a measurement of how many are enough.
        count = count or int(rate * seconds)
        done = subprocess.run(["redis-benchmark", "-p", str(redis.port), "-P", "16", "-c", "16", "-n", str(count), "--csv",
                               *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
        rate = float(done.stdout.splitlines()[-1].split('","')[1].strip('"'))
    return rate


def command(line):
    """The words of a line of MONITOR."""
    text = line[line.find("]") + 2:]
    return [re.sub(r"\\x(..)", lambda code: chr(int(code[1], 16)), word) for word in shlex.split(text)]


def render(rows):
    lines = ["| writers in one process | posts a second | every round | median, ms | p99, ms | of the floor below it | target |",
             "|---|---:|---|---:|---:|---:|---|"]
    floors = {FULL: FULL_FLOOR, NORMAL: FULL_FLOOR, EVERYSEC: EVALSHA}
    for case, found in rows.items():
        rate = median(figure[0] for figure in found)
        half, p99 = (None, None) if case == EVALSHA else (median(figure[index] for figure in found) for index in (1, 2))
        goals, part = [], "–"
        if case in floors:
            share = median(one[0] / other[0] for one, other in zip(found, rows[floors[case]]))
            part = f"{share:.2f}"
        if case in AT_LEAST:
            is_reached = rate >= AT_LEAST[case]
            goals.append(f"at least {AT_LEAST[case]:,}: {'reached' if is_reached else '**missed**'}")
        if case == FULL:
            goals.append(f"p99 at most {P99_AT_MOST}: {'reached' if p99 <= P99_AT_MOST else '**missed**'}")
        if case == EVERYSEC:
            goals.append(f"at least {FLOOR} of EVALSHA: {'reached' if share >= FLOOR else '**missed**'}")
        every = ", ".join(f"{figure[0]:,.0f}" for figure in found)
        times = "– | –" if half is None else f"{half:.2f} | {p99:.2f}"
        lines.append(f"| {case} | {rate:,.0f} | {every} | {times} | {part} | {'; '.join(goals) or '–'} |")
    return "\n".join(lines)
