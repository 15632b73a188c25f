"""What rooms cost the server: a delivery, a subscriber, the code that publishes, many rooms, members that do not read.

Each section has a file: `measure(start, seconds, rounds)` gives its figures, `render` their table. `start()` is a fresh
server with a load beside it (`start.py`). Figures are of the server's CPU time, which it does not share with the load.
"""

from . import deliveries, many, memory, publishing, stalled
from .start import Start as Start

SECTIONS = {f"rooms-{section.NAME}": section for section in (deliveries, memory, publishing, many, stalled)}


def report(names, start, seconds, rounds):
    parts = []
    for name, section in SECTIONS.items():
        if name in names:
            parts.append(f"{section.TITLE}:\n\n{section.render(section.measure(start, seconds, rounds))}")
    return "\n\n".join(parts)
