"""What rooms cost in engines that outlive the process: a file of SQLite, and a Redis that several nodes share.

Each section has a file: `measure(start, seconds, rounds)` gives its figures, `render` their table. `start.py` starts
Redis, and nodes that share a store. Redis has everything that the guide asks for: an append-only file, synced each
second.
"""

from . import checks, fanout, idle, latency, posts
from .start import Start as Start

SECTIONS = {f"engines-{section.NAME}": section for section in (posts, latency, fanout, idle, checks)}


def report(names, start, seconds, rounds):
    parts = []
    for name, section in SECTIONS.items():
        if name in names:
            parts.append(f"{section.TITLE}:\n\n{section.render(section.measure(start, seconds, rounds))}")
    return "\n\n".join(parts)
