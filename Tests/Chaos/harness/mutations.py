"""Faults that are built into a server, by name, each of which a run must find.

The fake server of the self-test has them all. TestServer gets the name in CHAOS_MUTATION and has those that
`Tests/Server/ChaosMutation.swift` lists.
"""

from typing import NamedTuple

from .law import BrokenLaw


class Mutation(NamedTuple):
    name: str
    explanation: str
    # The laws of which at least one must be found broken.
    laws: tuple[str, ...]
    # Whether TestServer has it, and the faults of Redis without which it does nothing there.
    is_in_server: bool = False
    faults: tuple[str, ...] = ()

    def found_in(self, broken: list[BrokenLaw]) -> BrokenLaw | None:
        """Returns the first broken law that is its own, whatever others were broken before."""
        return next((each for each in broken if each.law in self.laws), None)


MUTATIONS = {mutation.name: mutation for mutation in (
    Mutation("dropped-hint", "a hint is dropped, and no node compares heads", ("end", "complete"),
             is_in_server=True),
    Mutation("unfilled-hint", "a hint is dropped, and the next is taken without those between", ("complete", "end")),
    Mutation("doubled-delivery", "an entry is delivered twice", ("once",), is_in_server=True),
    Mutation("swapped-delivery", "two entries are delivered in the wrong order", ("order", "once")),
    Mutation("kept-epoch", "an emptied engine goes on in the epoch it had",
             ("order", "once", "data", "gap", "keys", "complete", "epochs"), is_in_server=True, faults=("flush-engine",)),
    Mutation("silent-loss", "an emptied engine has another epoch, and readers are told no gap", ("gap",),
             is_in_server=True, faults=("flush-engine",)),
    Mutation("lost-tail", "an engine restarts without its last entries, and tells nobody",
             ("order", "once", "data", "complete", "gap")),
    Mutation("forgotten-key", "a key is forgotten at once", ("keys", "once"), is_in_server=True),
    Mutation("early-acknowledgement", "a post is acknowledged, and not always appended",
             ("complete", "data", "order", "once", "epochs"), is_in_server=True),
    Mutation("forgotten-departure", "a member whose last connection ends stays", ("presence",),
             is_in_server=True),
    Mutation("doubled-arrival", "each connection of a member is a change", ("presence",)),
    Mutation("swallowed-request", "some requests have no answer", ("answer",), is_in_server=True),
)}
