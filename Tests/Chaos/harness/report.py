"""What a run says at its end, and what it leaves in its folder."""

from pathlib import Path

from .observer import Observer

EVENTS_SHOWN = 20


def write_traces(observer: Observer, folder: Path) -> None:
    for reader in observer.checker.readers.values():
        (folder / f"{reader.name}.trace").write_text("\n".join(reader.trace) + "\n")


def summary(observer: Observer) -> str:
    """The counts as a table, by name."""
    names = sorted(observer.counts)
    width = max(map(len, names), default=0)
    return "\n".join(f"  {name:{width}}  {observer.counts[name]:9,}" for name in names)


def verdict(observer: Observer, folder: Path) -> str:
    """The first broken law, with what its reader saw before; empty without one."""
    broken = observer.checker.broken
    if broken is None:
        return ""
    lines = [f"broken law: {broken}"]
    if broken.reader is not None and broken.index is not None:
        trace = observer.checker.readers[broken.reader].trace
        first = max(0, broken.index + 1 - EVENTS_SHOWN)
        lines += [f"the events of {broken.reader} up to there, from number {first + 1}:",
                  *(f"  {line}" for line in trace[first:broken.index + 1])]
    return "\n".join([*lines, f"logs and traces: {folder}"])
