"""The model of one reader: what it must be told next, after what it was told."""

import json
from typing import NamedTuple

from .law import BrokenLaw
from .log import Content, SeenLog
from .position import Gap, Position


class Skip(NamedTuple):
    """Offsets that a reader went past without an item."""

    start: Position
    end: Position
    index: int

    def holds(self, place: Position) -> bool:
        return place.epoch in (self.start.epoch, self.end.epoch) and self.start.offset < place.offset < self.end.offset


class Subscriber:
    def __init__(self, name: str, log: SeenLog, history: int):
        self.name, self.log, self.history = name, log, history
        self.position: Position | None = None
        self.begin: Position | None = None
        # The messages that it has, by the number of gaps over epochs that it had been told before.
        self.messages: dict[str, int] = {}
        self.epochs: list[str] = []
        self.gaps: list[Gap] = []
        self.crossings = 0
        self.skips: list[Skip] = []
        self.trace: list[str] = []

    def note(self, line: str) -> None:
        self.trace.append(line)

    def broken(self, law: str, explanation: str, index: int | None = None) -> BrokenLaw:
        index = len(self.trace) - 1 if index is None else index
        return BrokenLaw(law, f"{self.name}: {explanation}", self.name, index)

    def take(self, item: dict, may_have_lost: bool) -> None:
        self.note(json.dumps(item))
        if "error" in item or "id" not in item:
            return
        place = self.read(item["id"])
        if "gap" in item:
            self.take_gap(Gap(self.read(item["gap"]["from"]), self.read(item["gap"]["to"])), place, may_have_lost)
        elif content := content_of(item):
            self.take_entry(content, place, may_have_lost)
        else:
            self.move(place, place.offset + 1)

    def read(self, text: str) -> Position:
        try:
            place = Position.parse(text)
        except ValueError as error:
            raise self.broken("answer", str(error)) from None
        return place

    # MARK: Moving on

    def enter(self, place: Position) -> None:
        """Makes it the position."""
        self.log.note_epoch(place)
        if self.begin is None:
            self.begin = place
        if not self.epochs or self.epochs[-1] != place.epoch:
            if place.epoch in self.epochs:
                raise self.broken("epochs", f"{place} after {self.position}: the epoch had ended for this reader")
            self.epochs.append(place.epoch)
        self.position = place

    def move(self, place: Position, next_offset: int) -> None:
        """Goes on to a place without a gap; the entries up to `next_offset` were skipped."""
        last = self.position
        if last is not None:
            if last.epoch != place.epoch and last.line != place.line:
                raise self.broken("gap", f"{place} after {last}, which is of another log, and no gap between them")
            if place.offset < last.offset:
                raise self.broken("order", f"{place} after {last}")
            if next_offset > last.offset + 1:
                self.skips.append(Skip(last, Position(next_offset, place.epoch), len(self.trace) - 1))
        self.enter(place)

    def take_entry(self, content: Content, place: Position, may_have_lost: bool) -> None:
        last = self.position
        if last is not None and last.line == place.line and place.offset <= last.offset:
            raise self.broken("once" if self.log.entries.get(place) == content else "order", f"{place} after {last}")
        if last is None:
            # A reader that asked for no history gets what came after its beginning, which it was not told.
            self.begin = Position(place.offset - 1, place.epoch)
        self.move(place, place.offset)
        try:
            self.log.note(place, content, may_have_lost)
        except BrokenLaw as broken:
            raise self.broken(broken.law, broken.explanation) from None
        if content[0] == "message":
            self.take_message(content[1], place)

    def take_message(self, text: str, place: Position) -> None:
        # After a loss that it was told, what it had read may be published again.
        if self.messages.get(text) == self.crossings:
            raise self.broken("once", f"{text!r} again at {place}, and nothing was lost between them")
        self.messages[text] = self.crossings

    def take_gap(self, gap: Gap, place: Position, may_have_lost: bool) -> None:
        last = self.position
        if gap.end != place:
            raise self.broken("gap", f"{gap} with the id {place}")
        if last is not None and gap.start != last and (gap.start.offset, gap.start.line) != (last.offset, last.line):
            raise self.broken("gap", f"{gap} after {last}")
        # Over epochs it may go back: what it had read at the end of its epoch is lost.
        if not gap.crosses_epochs and gap.end.offset < gap.start.offset:
            raise self.broken("order", f"{gap}")
        if gap.start == gap.end:
            raise self.broken("gap", f"{gap}, in which nothing is")
        if not may_have_lost and not self.is_trimmed(gap):
            raise self.broken("gap", f"{gap}, which nothing that happened explains")
        self.log.note_epoch(gap.start)
        self.gaps.append(gap)
        self.crossings += gap.crosses_epochs
        self.enter(place)

    def is_trimmed(self, gap: Gap) -> bool:
        """Whether the history's limit may explain the gap: as far as is known, with a margin for what is not yet."""
        return (not gap.crosses_epochs
                and self.log.newest.get(gap.end.epoch, 0) - gap.start.offset >= self.history - self.history // 4)

    # MARK: The end

    def check_complete(self, acknowledged: dict[str, Position], is_at_end: bool) -> None:
        """Raises where a message is missing: any, or before its position if it has not read up to the end."""
        rank = self.log.rank
        for text, place in acknowledged.items():
            if not (is_at_end or self.has_passed(place)):
                continue
            if text in self.messages or self.is_before(text, place) or any(gap.covers(place, rank) for gap in self.gaps):
                continue
            skip = next((skip for skip in self.skips if skip.holds(place)), None)
            raise self.broken("complete", f"{text!r}, acknowledged at {place}, never came and no gap covers it",
                              skip and skip.index)
        for skip in self.skips:
            if place := next((place for place in self.log.entries if skip.holds(place)), None):
                raise self.broken("complete", f"{self.log.entries[place]} at {place} was skipped", skip.index)

    def has_passed(self, place: Position) -> bool:
        return (self.position is not None and self.position.epoch == place.epoch
                and self.position.offset >= place.offset)

    def is_before(self, text: str, acknowledged: Position) -> bool:
        """Whether a message is before the reader's beginning, where it was acknowledged and wherever it was seen."""
        begin, rank = self.begin, self.log.rank
        return begin is None or all(
            rank[place.epoch] < rank[begin.epoch] or (place.line == begin.line and place.offset <= begin.offset)
            for place in [acknowledged, *self.log.places.get(text, [])])


def content_of(item: dict) -> Content | None:
    if "data" in item:
        return "message", item["data"]
    return next(((kind, item[kind]) for kind in ("joined", "left") if kind in item), None)
