"""Clients that publish in the room, each message with a number."""

import asyncio
import json
import time
from collections import deque
from urllib.parse import quote

from websockets.asyncio.client import connect

from .events import Acknowledged, Posted
from .http import HTTPError, request
from .node import Node
from .observer import FAILURES, Observer
from .ways import StatusError


class Publisher:
    """Posts with a key, and again at any node, until it is acknowledged or has waited too long."""

    def __init__(self, name: str, room: str, observer: Observer, rate: float, gives_up_after: float = 30):
        self.name, self.room, self.observer, self.rate = name, room, observer, rate
        # Whether a message that it has given up is there is not known.
        self.gives_up_after = gives_up_after
        self.rng = observer.random(name)
        self.number = 0
        self.turn = asyncio.Lock()
        # The last messages that are acknowledged, with their keys.
        self.acknowledged: deque[tuple[str, str]] = deque(maxlen=50)

    async def publish(self) -> None:
        while True:
            await asyncio.sleep(self.rng.expovariate(self.rate))
            async with self.turn:
                await self.post()

    async def finish(self) -> None:
        """Waits for the post under way, so that it is judged, and lets no other begin."""
        await self.turn.acquire()

    async def post(self) -> tuple[str, str] | None:
        """Returns the message and its position, once it is acknowledged."""
        self.number += 1
        text, key = f"{self.name} {self.number}", f"{self.name}-{self.number}"
        end = time.monotonic() + self.gives_up_after
        position = None
        while position is None and time.monotonic() < end:
            position = await self.attempt(text, key, self.observer.cluster.any_node(self.rng))
            if position is None:
                await asyncio.sleep(self.rng.uniform(0.05, 0.3))
        self.observer.counts["posts acknowledged" if position else "posts given up"] += 1
        if position:
            self.acknowledged.append((text, key))
        if self.acknowledged and self.rng.random() < 0.1:
            # Its answer may have been lost, now or some time ago.
            await self.attempt(*self.rng.choice(self.acknowledged), self.observer.cluster.any_node(self.rng))
        return (text, position) if position else None

    async def attempt(self, text: str, key: str, node: Node) -> str | None:
        self.observer.tell(Posted(text, key))
        started = time.monotonic()
        # Some answers are lost: the client does not know what came of it.
        limit = self.rng.uniform(0, 0.02) if self.rng.random() < 0.1 else None
        try:
            async with asyncio.timeout(limit), self.observer.patience(node):
                position = await self.send(text, key, node)
        except TimeoutError:
            if limit is None:
                self.observer.tell_silence(self.name, node, f"POST {key}", started)
        except FAILURES as error:
            self.observer.counts["posts that failed"] += 1
            self.observer.tell_failure(self.name, node, f"POST {key}", error, started)
        else:
            self.observer.tell(Acknowledged(text, key, position))
            return position
        return None

    async def send(self, text: str, key: str, node: Node) -> str:
        url = f"{node.address}/chaos/{self.room}?name={quote(self.name)}"
        fields = {"Content-Type": "application/json", "Idempotency-Key": key}
        async with request(url, "POST", fields, json.dumps(text).encode()) as response:
            body = await response.body()
            if response.status != 201:
                raise StatusError(response.status, body, response.fields)
            return json.loads(body)["id"]


class SocketPublisher(Publisher):
    """Publishes by a socket, where nothing acknowledges: each message may be there once, or not."""

    async def publish(self) -> None:
        while True:
            node = self.observer.cluster.any_node(self.rng)
            started = time.monotonic()
            try:
                async with asyncio.timeout(self.rng.expovariate(1 / 4)):
                    await self.connect(node)
            except TimeoutError:
                pass
            except FAILURES as error:
                self.observer.tell_failure(self.name, node, "socket", error, started)
                await asyncio.sleep(self.rng.uniform(0.05, 0.3))

    async def connect(self, node: Node) -> None:
        # Without a name, so that it is nobody who is here.
        url = f"{node.address}/chaos/{self.room}".replace("http:", "ws:", 1)
        connection = await connect(url, open_timeout=None, close_timeout=1, ping_interval=None)
        try:
            # Neither ends by itself; what ends one ends the other.
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.speak(connection))
                tasks.create_task(self.listen(connection))
        except* FAILURES as errors:
            failure = errors.exceptions[0]
        finally:
            connection.transport.abort()
        raise failure

    async def speak(self, connection) -> None:
        while True:
            await asyncio.sleep(self.rng.expovariate(self.rate))
            self.number += 1
            text = f"{self.name} {self.number}"
            self.observer.tell(Posted(text, None))
            await connection.send(json.dumps(text))
            self.observer.counts["messages by socket"] += 1

    async def listen(self, connection) -> None:
        """Takes what comes, of which the readers are the judges."""
        async for text in connection:
            self.observer.counts["error items"] += "error" in json.loads(text)
        raise HTTPError(f"the socket was closed with {connection.close_code}")
