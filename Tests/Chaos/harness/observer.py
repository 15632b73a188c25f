"""What all clients of a run share: the nodes, the checker, and a way to tell it what went wrong."""

import random
import time
from collections import Counter
from typing import Callable

from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from .checker import Checker
from .cluster import Cluster
from .events import Event, Hung, Refused
from .http import HTTPError
from .node import Node
from .patience import Patience
from .ways import StatusError

# What a client sees of a server that is away, or of a connection that ends.
FAILURES = (OSError, EOFError, HTTPError, StatusError, WebSocketException)


class Observer:
    def __init__(self, cluster: Cluster, checker: Checker, patience: Patience, seed: int,
                 say: Callable[[str], None] = lambda line: None):
        self.cluster, self.checker, self.patience, self.seed, self.say = cluster, checker, patience, seed, say
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
        if status is not None and status < 500 and status != 429:
            is_excused = False
        elif status is not None or isinstance(error, (HTTPError, ConnectionClosed)):
            # A node that finds another log in its engine ends the connections of its members: they are admitted again.
            is_excused = node.excuses_refusal(since)
        else:
            is_excused = node.excuses_silence(since)
        if not is_excused:
            self.tell(Refused(client, f"{request} at {node.name}: {error or repr(error)}, and nothing disturbs that"))

    def tell_silence(self, client: str, node: Node, request: str, since: float) -> None:
        self.counts["timeouts"] += 1
        if not node.excuses_silence(since):
            self.tell(Hung(client, f"{request} at {node.name}", time.monotonic() - since))


def status_of(error: Exception) -> int | None:
    match error:
        case StatusError(): return error.status
        case InvalidStatus(): return error.response.status_code
    return None
