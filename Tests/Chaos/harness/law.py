"""The laws of a room, and one that was broken."""

LAWS = {
    "order": "a reader sees offsets rise",
    "data": "a position has the same content for every reader",
    "once": "no message comes twice to a reader, and none is twice in the log",
    "complete": "each acknowledged message came to each reader, or a gap that covers it was told",
    "keys": "a key is at one position",
    "gap": "a gap begins where the reader is, and something may be missing in it",
    "epochs": "an epoch that has ended does not come back",
    "presence": "joined and left alternate, and at the end those are here who are connected",
    "answer": "each request is answered in time, and with a status that its cause explains",
    "end": "each connected reader gets the last message",
}


class BrokenLaw(Exception):
    """`reader` and `index` say where it shows: the number of the event among those of the reader."""

    def __init__(self, law: str, explanation: str, reader: str | None = None, index: int | None = None):
        assert law in LAWS
        super().__init__(f"{law} ({LAWS[law]}): {explanation}")
        self.law, self.explanation, self.reader, self.index = law, explanation, reader, index
