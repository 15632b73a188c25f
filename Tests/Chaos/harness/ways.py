"""The five ways to read a room, each an endless generator of items in the wire format of a socket."""

import asyncio
import json
import re
from typing import AsyncIterator, Callable
from urllib.parse import urlencode

from websockets.asyncio.client import connect

from .http import HTTPError, request

# Seconds that a long poll waits, and that a poll sleeps.
LONG_POLL = 5
POLL_EVERY = 0.2


class StatusError(Exception):
    def __init__(self, status: int, body: bytes, fields: dict[str, str]):
        super().__init__(f"status {status}: {body.decode(errors='replace')[:200]}")
        self.status, self.fields = status, fields


class Door:
    """A room at one node, as one reader comes to it."""

    def __init__(self, address: str, room: str, name: str | None, position: Callable[[], str | None],
                 last: int | None = None):
        self.address, self.room, self.name, self.position, self.last = address, room, name, position, last

    def url(self, **parameters: str | int) -> str:
        query = {**({"name": self.name} if self.name else {}), **parameters}
        if (position := self.position()) is not None:
            query["after"] = position
        elif self.last is not None:
            query["last"] = self.last
        return f"{self.address}/chaos/{self.room}" + (f"?{urlencode(query)}" if query else "")


# What a way yields while it waits with nothing to tell: only a wait for more than that is silence.
IDLE: dict = {}


async def read_once(door: Door, **parameters: int) -> AsyncIterator[dict]:
    async with request(door.url(**parameters), fields={"Accept": "application/json"}) as response:
        body = await response.body()
        if response.status == 204:
            yield IDLE
            return
        if response.status != 200:
            raise StatusError(response.status, body, response.fields)
    answer = json.loads(body)
    if gap := answer.get("gap"):
        yield {"id": gap["to"], "gap": gap}
    if "here" in answer:
        yield {"here": answer["here"]}
    for item in answer["entries"]:
        yield item
    yield {"id": answer["position"]}


async def poll(door: Door) -> AsyncIterator[dict]:
    while True:
        async for item in read_once(door):
            yield item
        await asyncio.sleep(POLL_EVERY)


async def long_poll(door: Door) -> AsyncIterator[dict]:
    async for item in read_once(door, here=1):
        yield item
    while True:
        async for item in read_once(door, wait=LONG_POLL):
            yield item


async def events(door: Door) -> AsyncIterator[dict]:
    """Server-sent events (WHATWG HTML §9.2), of which the server sends one field a line."""
    async with request(door.url(), fields={"Accept": "text/event-stream"}) as response:
        await expect_stream(response, "text/event-stream")
        waiting = b""
        async for piece in response.pieces():
            waiting += piece
            while b"\n\n" in waiting:
                event, waiting = waiting.split(b"\n\n", 1)
                if item := item_of_event(event.decode()):
                    yield item
    raise HTTPError("the stream ended")


def item_of_event(event: str) -> dict | None:
    fields = dict(line.split(": ", 1) for line in event.split("\n") if line and not line.startswith(":"))
    data = fields.get("data", "")
    place = {"id": fields["id"]} if "id" in fields else {}
    match fields.get("event", "message"):
        case "message": return {**place, "data": json.loads(data)}
        case "gap": return {**place, "gap": json.loads(data)}
        case "presence": return {**place, **json.loads(data)}
        case "position": return place
    raise HTTPError(f"expected an event of a room, found {event!r}")


SCRIPT = re.compile(rb"<script>parent\.carafe\((.*?)\)</script>")


async def iframe(door: Door) -> AsyncIterator[dict]:
    async with request(door.url(stream="iframe")) as response:
        await expect_stream(response, "text/html; charset=utf-8")
        waiting = b""
        async for piece in response.pieces():
            waiting += piece
            while found := SCRIPT.search(waiting):
                waiting = waiting[found.end():]
                yield json.loads(found[1])
    raise HTTPError("the stream ended")


async def expect_stream(response, kind: str) -> None:
    if response.status != 200:
        raise StatusError(response.status, await response.body(), response.fields)
    if response.fields.get("content-type") != kind:
        raise HTTPError(f"expected {kind}, found {response.fields.get('content-type')}")


async def socket(door: Door) -> AsyncIterator[dict]:
    connection = await connect(door.url(beat=1).replace("http:", "ws:", 1), open_timeout=None, close_timeout=1,
                               ping_interval=None)
    try:
        async for text in connection:
            yield json.loads(text)
    finally:
        connection.transport.abort()
    raise HTTPError(f"the socket was closed with {connection.close_code}")


WAYS = {"socket": socket, "events": events, "long poll": long_poll, "poll": poll, "iframe": iframe}
# The longest time within which a way has something to yield: its heartbeat or its wait.
SILENCE = {"socket": 20, "events": 15, "long poll": LONG_POLL, "poll": 0, "iframe": 5}
