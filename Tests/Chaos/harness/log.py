"""The log of a room as all readers and publishers together have seen it."""

from .law import BrokenLaw
from .position import Position

# The content of an entry: what kind it is, and the message or the name.
Content = tuple[str, str]


class SeenLog:
    def __init__(self) -> None:
        self.entries: dict[Position, Content] = {}
        self.places: dict[str, list[Position]] = {}
        # By epoch: the order in which they were first seen, and the highest offset.
        self.rank: dict[str, int] = {}
        self.newest: dict[str, int] = {}

    def note_epoch(self, place: Position) -> None:
        self.rank.setdefault(place.epoch, len(self.rank))
        self.newest[place.epoch] = max(place.offset, self.newest.get(place.epoch, 0))

    def note(self, place: Position, content: Content, may_have_lost: bool) -> None:
        self.note_epoch(place)
        known = self.entries.setdefault(place, content)
        if known != content:
            raise BrokenLaw("data", f"{content} at {place}, where somebody else saw {known}")
        if content[0] == "message":
            self.note_place(content[1], place, may_have_lost)

    def note_place(self, text: str, place: Position, may_have_lost: bool) -> None:
        """A message is at one place; a restart may give that a new epoch, and a loss lets it be published again."""
        places = self.places.setdefault(text, [])
        if place in places:
            return
        for other in places:
            is_same = other.offset == place.offset and other.line == place.line and other.epoch != place.epoch
            if not is_same and (other.epoch == place.epoch or not may_have_lost):
                raise BrokenLaw("once", f"{text!r} at {other} and at {place}")
        places.append(place)

    def check_presence(self) -> None:
        """Raises where a name joins or leaves twice in a row, as far as each entry between was seen."""
        for epoch in self.rank:
            present: dict[str, str] = {}
            last = 0
            for offset in sorted(place.offset for place in self.entries if place.epoch == epoch):
                if offset != last + 1:
                    present = {}
                last = offset
                kind, name = self.entries[Position(offset, epoch)]
                if kind == "message":
                    continue
                if present.get(name) == kind:
                    raise BrokenLaw("presence", f"{name} has {kind} twice in a row, the second time at {offset}-{epoch}")
                present[name] = kind
