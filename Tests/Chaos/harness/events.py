"""What the checker is fed with: values, in the order in which they happened."""

from typing import NamedTuple


class Posted(NamedTuple):
    """A publisher sends a message, for the first time or again. `key` is None on a socket."""

    text: str
    key: str | None


class Acknowledged(NamedTuple):
    """A publisher was told that a message is in the log."""

    text: str
    key: str
    position: str


class Opened(NamedTuple):
    """A reader begins to read by a way at a node."""

    reader: str
    way: str
    node: str


class Read(NamedTuple):
    """A reader got an item of the room's wire format."""

    reader: str
    item: dict


class Closed(NamedTuple):
    """A reader's connection ended, by itself or not."""

    reader: str
    reason: str


class MayLose(NamedTuple):
    """A fault after which the engine may have lost acknowledged entries: readers may be told a gap from now on."""

    reason: str


class Hung(NamedTuple):
    """A request to a node that nothing disturbs had no answer in its time."""

    client: str
    request: str
    seconds: float


class Refused(NamedTuple):
    """A correct request got an answer that no fault explains."""

    client: str
    answer: str


class Present(NamedTuple):
    """At the quiet end: the names that a node says are here, and those of the connections that are open."""

    node: str
    found: tuple[str, ...]
    expected: tuple[str, ...]


class AtEnd(NamedTuple):
    """A reader has read up to the end of the log, after the last message was acknowledged."""

    reader: str


class Stuck(NamedTuple):
    """A reader is connected to a healthy node and does not get the last message."""

    reader: str
    expected: str


Event = Posted | Acknowledged | Opened | Read | Closed | MayLose | Hung | Refused | Present | AtEnd | Stuck
