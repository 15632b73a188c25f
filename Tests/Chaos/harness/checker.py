"""The one judge: it is fed with what clients saw, and finds the law that was broken."""

from functools import partial, singledispatchmethod

from .events import (Acknowledged, AtEnd, Closed, Event, Hung, MayLose, Opened, Posted, Present, Read, Refused,
                     Stuck)
from .law import BrokenLaw
from .log import SeenLog
from .position import Position
from .subscriber import Subscriber


class Checker:
    def __init__(self, history: int = 500):
        self.history = history
        self.log = SeenLog()
        self.readers: dict[str, Subscriber] = {}
        self.posted: dict[str, str | None] = {}
        self.acknowledged: dict[str, Position] = {}
        # By key: the position, and how many epochs were known when the message was first sent.
        self.keys: dict[str, Position] = {}
        self.epochs_before: dict[str, set[str]] = {}
        self.ended: set[str] = set()
        self.losses: list[str] = []
        self.found: list[BrokenLaw] = []

    @property
    def broken(self) -> BrokenLaw | None:
        return self.found[0] if self.found else None

    def take(self, event: Event) -> None:
        try:
            self.judge(event)
        except BrokenLaw as broken:
            self.found.append(broken)

    def finish(self) -> BrokenLaw | None:
        """Judges what only the end shows: returns the first broken law of all."""
        for check in [self.log.check_presence,
                      *(partial(reader.check_complete, self.acknowledged, name in self.ended)
                        for name, reader in self.readers.items())]:
            try:
                check()
            except BrokenLaw as broken:
                self.found.append(broken)
        return self.broken

    def reader(self, name: str) -> Subscriber:
        if name not in self.readers:
            self.readers[name] = Subscriber(name, self.log, self.history)
        return self.readers[name]

    # MARK: Each event

    @singledispatchmethod
    def judge(self, event: Event) -> None:
        raise TypeError(f"expected an event, found {event!r}")

    @judge.register
    def _(self, event: Opened) -> None:
        self.reader(event.reader).note(f"-- {event.way} at {event.node}")

    @judge.register
    def _(self, event: Closed) -> None:
        self.reader(event.reader).note(f"-- ended: {event.reason}")

    @judge.register
    def _(self, event: Read) -> None:
        reader = self.reader(event.reader)
        reader.take(event.item, bool(self.losses))
        if "data" in event.item and event.item["data"] not in self.posted:
            raise reader.broken("data", f"{event.item['data']!r} at {event.item['id']}, which nobody posted")

    @judge.register
    def _(self, event: Posted) -> None:
        if event.text not in self.posted:
            self.posted[event.text] = event.key
            # All but the newest have ended: what is sent from now on is not acknowledged there.
            newest = max(self.log.rank, key=self.log.rank.__getitem__, default=None)
            self.epochs_before[event.text] = set(self.log.rank) - {newest}

    @judge.register
    def _(self, event: Acknowledged) -> None:
        try:
            place = Position.parse(event.position)
        except ValueError as error:
            raise BrokenLaw("answer", f"{event.text!r}: {error}") from None
        known = self.keys.get(event.key)
        is_known = known is not None and (known.offset, known.line) == (place.offset, place.line)
        if known is not None and not is_known and (known.epoch == place.epoch or not self.losses):
            raise BrokenLaw("keys", f"{event.key}, which was at {known}, is at {place}")
        if place.epoch in self.epochs_before.get(event.text, ()):
            raise BrokenLaw("epochs", f"{event.text!r} was acknowledged at {place}, whose epoch had ended before")
        self.keys[event.key] = place
        self.acknowledged[event.text] = place
        self.log.note(place, ("message", event.text), bool(self.losses))

    @judge.register
    def _(self, event: MayLose) -> None:
        self.losses.append(event.reason)

    @judge.register
    def _(self, event: Hung) -> None:
        raise BrokenLaw("answer", f"{event.client}: no answer to {event.request} in {event.seconds:.1f} s")

    @judge.register
    def _(self, event: Refused) -> None:
        raise BrokenLaw("answer", f"{event.client}: {event.answer}")

    @judge.register
    def _(self, event: Present) -> None:
        if sorted(event.found) != sorted(event.expected):
            raise BrokenLaw("presence", f"{event.node} says that {sorted(event.found)} are here, "
                                        f"connected are {sorted(event.expected)}")

    @judge.register
    def _(self, event: AtEnd) -> None:
        self.ended.add(event.reader)

    @judge.register
    def _(self, event: Stuck) -> None:
        reader = self.reader(event.reader)
        raise reader.broken("end", f"is at {reader.position}, and {event.expected} does not come")
