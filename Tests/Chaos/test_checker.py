#!/usr/bin/env python3
"""The checker on hand-made lists of events: it finds each law that is broken, and nothing where none is.

By pytest, or by itself: Tests/Chaos/test_checker.py
"""

import sys

sys.dont_write_bytecode = True

from harness.checker import Checker  # noqa: E402
from harness.events import (Acknowledged, AtEnd, Event, Hung, MayLose, Posted, Present, Read, Refused,  # noqa: E402
                            Stuck)
from harness.law import LAWS  # noqa: E402

# Two logs; that of B2 goes on with the log of B after a restart.
A, B, C = (digit * 16 for digit in "abc")
B2 = "2" * 16 + B


def law_of(*events: Event, history: int = 500) -> str | None:
    checker = Checker(history)
    for event in events:
        checker.take(event)
    broken = checker.finish()
    return broken and broken.law


def at(offset: int, epoch: str = A, reader: str = "ann") -> Read:
    return Read(reader, {"id": f"{offset}-{epoch}"})


def message(offset: int, text: str, epoch: str = A, reader: str = "ann") -> Read:
    return Read(reader, {"id": f"{offset}-{epoch}", "data": text})


def change(offset: int, kind: str, name: str, reader: str = "ann") -> Read:
    return Read(reader, {"id": f"{offset}-{A}", kind: name})


def gap(start: int, end: int, epoch: str = A, to: str | None = None, reader: str = "ann") -> Read:
    end_text = f"{end}-{to or epoch}"
    return Read(reader, {"id": end_text, "gap": {"from": f"{start}-{epoch}", "to": end_text}})


def posted(*texts: str) -> list[Event]:
    return [Posted(text, f"key-{text}") for text in texts]


def acknowledged(offset: int, text: str, epoch: str = A) -> Acknowledged:
    return Acknowledged(text, f"key-{text}", f"{offset}-{epoch}")


LOSS = MayLose("a fault")
SAID = posted("one", "two", "three")
END = AtEnd("ann")
BOTH = [END, AtEnd("bob")]

RIGHT = {
    "nothing": [],
    "a log that is read": [*SAID, at(0), message(1, "one"), acknowledged(1, "one"), message(2, "two"), END],
    "a position that comes again": [at(0), at(0), at(0), END],
    "an acknowledgement before the reader's beginning": [*SAID, acknowledged(1, "one"), at(1), END],
    "a reader that has not come to the end": [*SAID, at(0), acknowledged(1, "one")],
    "a key that is acknowledged twice": [*SAID, acknowledged(1, "one"), acknowledged(1, "one")],
    "a gap of what the history has dropped": [
        *SAID, at(0), at(9, reader="bob"), acknowledged(1, "one"), acknowledged(2, "two"), gap(0, 2), END],
    "a restart that goes on with the log": [
        *SAID, at(0, B), message(1, "one", B), at(1, B2), message(2, "two", B2), acknowledged(1, "one", B), END],
    "a message that has the epoch of the restart": [
        *SAID, at(0, B), acknowledged(1, "one", B), at(0, B2), message(1, "one", B2), acknowledged(1, "one", B2), END],
    "a lost log": [
        *SAID, at(0), message(1, "one"), acknowledged(2, "two"), LOSS, gap(1, 0, A, B), message(1, "three", B), END],
    "a message that was lost and published again": [
        *SAID, at(0), message(1, "one"), LOSS, gap(1, 0, A, B), message(1, "one", B), acknowledged(1, "one", B), END],
    "a lost tail that was told": [
        *SAID, at(0, B), message(1, "one", B), message(2, "two", B), acknowledged(2, "two", B), LOSS,
        gap(2, 1, B, B2), message(2, "three", B2), acknowledged(2, "three", B2), END],
    "a lost tail whose reader crosses the break": [
        *SAID, at(0, B), LOSS, acknowledged(1, "one", B), acknowledged(2, "two", B), message(1, "one", B2),
        gap(1, 2, B2), message(3, "three", B2), acknowledged(3, "three", B2), END],
    "an epoch of its line that the reader never saw, which began before its position": [
        *SAID, at(9, B), LOSS, at(0, B, "bob"), acknowledged(1, "one", B2), at(0, C, "eve"), gap(9, 0, B, C), END],
    "a lost tail before the reader's beginning": [
        *SAID, LOSS, acknowledged(5, "one", B), at(2, B2), message(3, "two", B2), acknowledged(3, "two", B2), END],
    "an epoch that the reader never saw": [
        *SAID, at(0), LOSS, acknowledged(1, "one", B), at(0, C, "bob"), gap(0, 0, A, C), END],
    "a member that comes and goes": [
        at(0), change(1, "joined", "eve"), change(2, "left", "eve"), change(3, "joined", "eve"), END],
    "names that are here": [Present("node", ("ann", "bob"), ("bob", "ann"))],
    "an error item": [at(0), Read("ann", {"error": "Service Unavailable"}), END],
}

WRONG = {
    "an offset that goes back": ("order", [*SAID, at(2), message(1, "one")]),
    "a position that goes back": ("order", [at(2), at(1)]),
    "a gap that goes back": ("order", [LOSS, at(5), gap(5, 2)]),
    "a restart that goes back": ("order", [LOSS, at(5, B), at(3, B2)]),
    "another content for another reader": (
        "data", [*SAID, at(0), message(1, "one"), at(0, reader="bob"), message(1, "two", reader="bob")]),
    "another content than was acknowledged": ("data", [*SAID, at(0), message(1, "one"), acknowledged(1, "two")]),
    "a message that nobody posted": ("data", [at(0), message(1, "one")]),
    "an item that comes twice": ("once", [*SAID, at(0), message(1, "one"), message(1, "one")]),
    "a message at two offsets": ("once", [*SAID, at(0), message(1, "one"), message(2, "one")]),
    "a message at two offsets, seen by two readers": (
        "once", [*SAID, at(0), message(1, "one"), at(1, reader="bob"), message(2, "one", reader="bob")]),
    "a message in two logs without a loss": (
        "once", [*SAID, message(1, "one"), message(1, "one", B, "bob")]),
    "an acknowledged message that never comes": ("complete", [*SAID, at(0), acknowledged(1, "one"), END]),
    "an acknowledged message that was skipped": (
        "complete", [*SAID, at(0), acknowledged(1, "one"), message(2, "two"), END]),
    "an acknowledged message after the gap": (
        "complete", [*SAID, LOSS, at(0), gap(0, 2), acknowledged(1, "one"), acknowledged(3, "two"), END]),
    "an acknowledged message before the gap over epochs": (
        "complete", [*SAID, LOSS, at(0), acknowledged(1, "one"), message(2, "two"), gap(2, 0, A, B), END]),
    "an acknowledged message after a gap over epochs": (
        "complete", [*SAID, LOSS, at(0), gap(0, 0, A, B), acknowledged(1, "one", B), END]),
    "a lost tail in one line of epochs": (
        "complete", [*SAID, LOSS, at(0, B), acknowledged(1, "one", B), message(2, "two", B2), END]),
    "an acknowledged message that a reader went past before it left": (
        "complete", [*SAID, at(0), acknowledged(1, "one"), message(2, "two")]),
    "a break that is after the lost tail": (
        "complete", [*SAID, at(0, B), LOSS, acknowledged(1, "one", B), message(1, "two", B2), gap(1, 2, B2), END]),
    "a message that was skipped and another reader got": (
        "complete", [*SAID, at(0), message(1, "one"), at(0, reader="bob"), message(2, "two", reader="bob"), *BOTH]),
    "a change that a position skips": (
        "complete", [at(0), change(1, "joined", "eve"), at(0, reader="bob"), at(1, reader="bob"), *BOTH]),
    "a key at two positions": ("keys", [*SAID, acknowledged(1, "one"), acknowledged(2, "one")]),
    "a key in two logs without a loss": ("keys", [*SAID, acknowledged(1, "one"), acknowledged(1, "one", B)]),
    "a key at two positions after a loss": ("keys", [*SAID, LOSS, acknowledged(1, "one"), acknowledged(2, "one")]),
    "another log and no gap": ("gap", [LOSS, at(3), at(0, B)]),
    "another log and a message without a gap": ("gap", [*SAID, LOSS, at(3), message(4, "one", B)]),
    "a gap that begins elsewhere": ("gap", [LOSS, at(3), gap(4, 9)]),
    "a gap without anything in it": ("gap", [LOSS, at(3), gap(3, 3)]),
    "a gap whose id is not its end": (
        "gap", [LOSS, at(3), Read("ann", {"id": f"5-{A}", "gap": {"from": f"3-{A}", "to": f"9-{A}"}})]),
    "a gap without a reason": ("gap", [at(3), gap(3, 9)]),
    "a lost log that nothing explains": ("gap", [at(3), gap(3, 0, A, B)]),
    "an epoch that comes back": ("epochs", [LOSS, at(3), gap(3, 0, A, B), gap(0, 4, B, A)]),
    "an acknowledgement in an epoch that had ended": (
        "epochs", [LOSS, at(3), gap(3, 0, A, B), *SAID, acknowledged(4, "one")]),
    "a name that joins twice": (
        "presence", [at(0), change(1, "joined", "eve"), change(2, "joined", "eve"), END]),
    "a name that is not here": ("presence", [Present("node", ("ann",), ("ann", "bob"))]),
    "a name that has left and is here": ("presence", [Present("node", ("ann", "bob"), ("ann",))]),
    "a request without an answer": ("answer", [Hung("ann", "GET /chaos/tea", 6)]),
    "a status that nothing explains": ("answer", [Refused("ann", "500")]),
    "a position that cannot be read": ("answer", [Read("ann", {"id": "12"})]),
    "a reader that is left behind": ("end", [at(3), Stuck("ann", "'end 1'")]),
}


def test_what_is_right_breaks_no_law():
    for name, events in RIGHT.items():
        found = law_of(*events, history=8)
        assert found is None, f"{name}: expected no broken law, found {found}"


def test_each_broken_law_is_found():
    for name, (law, events) in WRONG.items():
        found = law_of(*events, history=500)
        assert found == law, f"{name}: expected {law}, found {found}"


def test_each_law_has_a_list_that_breaks_it():
    assert {law for law, _ in WRONG.values()} == set(LAWS)


if __name__ == "__main__":
    tests = [test for name, test in list(globals().items()) if name.startswith("test_")]
    for test in tests:
        test()
    print(f"{len(RIGHT)} right and {len(WRONG)} wrong lists of events: no fault")
