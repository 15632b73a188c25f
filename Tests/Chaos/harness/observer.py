"""What all clients of a run share: the nodes, the checker, and a way to tell it what went wrong."""

import asyncio
import contextlib
import random
import time
from collections import Counter
from typing import AsyncIterator, Callable

from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from .checker import Checker
from .cluster import Cluster
from .events import Event, Hung, Refused
from .http import HTTPError
from .node import Node
from .ways import StatusError

# What a client sees of a server that is away, or of a connection that ends.
FAILURES = (OSError, EOFError, HTTPError, StatusError, WebSocketException)


class Observer:
    def __init__(self, cluster: Cluster, checker: Checker, seed: int, limit: float = 5, stall_limit: float = 5,
                 say: Callable[[str], None] = lambda line: None):
        self.cluster, self.checker, self.seed, self.say = cluster, checker, seed, say
        # Seconds of a node in which it answers a request, and those for which the machine may hold a node up.
        self.limit, self.stall_limit = limit, stall_limit
        self.counts: Counter[str] = Counter()

    def random(self, name: str) -> random.Random:
        """A source of choices that depends on the seed and a name only."""
        return random.Random(f"{self.seed} {name}")

    def tell(self, event: Event) -> None:
        self.checker.take(event)

    def tell_failure(self, client: str, node: Node, request: str, error: Exception, since: float) -> None:
        """Tells of an answer, or the end of a connection, unless a fault explains it."""
        status = status_of(error)
        if isinstance(error, StatusError) and status == 503 and "retry-after" not in error.fields:
            self.tell(Refused(client, f"{request} at {node.name}: expected Retry-After with {error}"))
        # A server ends a request whose head is late with 408.
        if status is not None and status < 500 and status not in (408, 429):
            is_excused = False
        elif status is not None or isinstance(error, (HTTPError, ConnectionClosed)):
            # A node that finds another log in its engine ends the connections of its members: they are admitted again.
            is_excused = node.excuses_refusal(since)
        else:
            is_excused = node.excuses_silence(since)
        if not is_excused:
            self.tell(Refused(client, f"{request} at {node.name}: {error or repr(error)}, and nothing disturbs that"))

    @contextlib.asynccontextmanager
    async def patience(self, node: Node, more: float = 0) -> AsyncIterator[None]:
        """Raises TimeoutError when a node has had its time, or a client has waited twice as long by its own clock."""
        seconds = self.limit + more
        async with asyncio.timeout(2 * seconds), node.clock.limit(seconds):
            yield

    def tell_silence(self, client: str, node: Node, request: str, since: float, more: float = 0) -> None:
        """Tells of a request without an answer, if the node has had its time: else the client has only gone on."""
        self.counts["timeouts"] += 1
        seconds = node.clock.since(since)
        if seconds >= self.limit + more and not node.excuses_silence(since):
            self.tell(Hung(client, f"{request} at {node.name}", seconds))


def status_of(error: Exception) -> int | None:
    match error:
        case StatusError(): return error.status
        case InvalidStatus(): return error.response.status_code
    return None
