"""A node of the fake server: a copy of the engine's log, read by polls and by server-sent events."""

import asyncio
import contextlib
import json
import time
from urllib.parse import parse_qs, urlsplit

from .fake_engine import FakeEngine
from .node import Node
from .position import Position

# Seconds between two comparisons of heads.
COMPARES_EVERY = 1
# Silent seconds before the heartbeat of a stream.
BEATS_EVERY = 5


class FakeNode(Node):
    def __init__(self, name: str, engine: FakeEngine):
        super().__init__(name)
        self.engine = engine
        self.epoch, self.items = engine.epoch, []
        self.news = asyncio.Condition()

    async def start(self) -> None:
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}"
        self.engine.listeners.append(self.hear)
        self.comparing = asyncio.create_task(self.compare())
        self.clock.start()

    def stop(self) -> None:
        self.clock.stop()
        self.comparing.cancel()
        self.server.close()

    async def ask(self) -> None:
        """It is in this process, and has the time of that."""

    # MARK: The copy

    def hear(self) -> None:
        """A hint that the engine has something new."""
        if self.engine.happens("dropped-hint", 0.5):
            return
        if self.engine.happens("unfilled-hint", 0.2) and self.epoch == self.engine.epoch:
            self.items += [None] * (len(self.engine.entries) - len(self.items))
            return
        self.refresh()

    def refresh(self) -> None:
        engine = self.engine
        if self.epoch != engine.epoch or len(self.items) > len(engine.entries):
            self.epoch, self.items = engine.epoch, []
        for offset, (kind, text) in enumerate(engine.entries[len(self.items):], len(self.items) + 1):
            self.items.append({"id": str(Position(offset, self.epoch)), "data" if kind == "message" else kind: text})
        asyncio.ensure_future(self.wake())

    async def wake(self) -> None:
        async with self.news:
            self.news.notify_all()

    async def compare(self) -> None:
        while self.engine.mutation != "dropped-hint":
            await asyncio.sleep(COMPARES_EVERY)
            self.refresh()

    @property
    def head(self) -> Position:
        return Position(len(self.items), self.epoch)

    def read(self, after: Position) -> tuple[list[dict], Position]:
        """The items after a position, with the gap before them, and the position after them."""
        items = []
        if after.epoch != self.epoch:
            start = Position(0, self.epoch)
            if self.engine.mutation != "silent-loss":
                items.append({"id": str(start), "gap": {"from": str(after), "to": str(start)}})
            after = start
        new = [item for item in self.items[after.offset:] if item]
        if new and self.engine.happens("doubled-delivery", 0.02):
            new.append(new[-1])
        if len(new) > 1 and self.engine.happens("swapped-delivery", 0.2):
            new[-1], new[-2] = new[-2], new[-1]
        return items + new, max(self.head, after) if after.epoch == self.epoch else self.head

    # MARK: Requests

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        name = None
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            lines = head.split("\r\n")
            method, target, _ = lines[0].split(" ")
            fields = {key.lower(): value for key, _, value in (line.partition(": ") for line in lines[1:])}
            query = {key: values[0] for key, values in parse_qs(urlsplit(target).query).items()}
            if self.engine.happens("swallowed-request", 0.05):
                await reader.read()
            elif method == "POST":
                await self.post(await reader.readexactly(int(fields["content-length"])), fields, writer)
            else:
                name = query.get("name")
                if name:
                    self.engine.connect(name)
                after = Position.parse(query["after"]) if "after" in query else None
                if after is None or after.epoch != self.epoch or after.offset > len(self.items):
                    self.refresh()
                if "event-stream" in fields.get("accept", ""):
                    await self.stream(after, reader, writer)
                else:
                    await self.poll(after, query, writer)
        if name:
            self.engine.disconnect(name)
        writer.close()

    async def post(self, body: bytes, fields: dict[str, str], writer: asyncio.StreamWriter) -> None:
        place = self.engine.publish(json.loads(body), fields["idempotency-key"])
        await self.respond(writer, "201 Created", json.dumps({"id": str(place)}))

    async def respond(self, writer: asyncio.StreamWriter, status: str, body: str) -> None:
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        await writer.drain()

    async def poll(self, after: Position | None, query: dict[str, str], writer: asyncio.StreamWriter) -> None:
        position = after or self.head
        wait = int(query.get("wait", 0))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait or None):
                while wait and position == self.head:
                    async with self.news:
                        await self.news.wait()
        items, end = self.read(position)
        answer = {"position": str(end)}
        if items and "gap" in items[0]:
            answer["gap"] = items.pop(0)["gap"]
        if after is None or "here" in query:
            answer["here"] = sorted(self.engine.members)
        await self.respond(writer, "200 OK", json.dumps({**answer, "entries": items}))

    async def stream(self, after: Position | None, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        position = after or self.head
        if position.epoch == self.epoch:
            self.write(writer, f"id: {position}\nevent: position\ndata: {position}\n\n")
        self.write(writer, f"event: presence\ndata: {json.dumps({'here': sorted(self.engine.members)})}\n\n")
        beat_at = time.monotonic() + BEATS_EVERY
        while not (reader.at_eof() or writer.is_closing()):
            items, position = self.read(position)
            if not items and time.monotonic() > beat_at:
                items = [{"id": str(position)}]
            if items:
                beat_at = time.monotonic() + BEATS_EVERY
            for item in items:
                self.write(writer, event_of(item))
            await writer.drain()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.2), self.news:
                    await self.news.wait()

    def write(self, writer: asyncio.StreamWriter, event: str) -> None:
        data = event.encode()
        writer.write(b"%x\r\n%s\r\n" % (len(data), data))


def event_of(item: dict) -> str:
    place = f"id: {item['id']}\n"
    if "gap" in item:
        return f"{place}event: gap\ndata: {json.dumps(item['gap'])}\n\n"
    if "data" in item:
        return f"{place}data: {json.dumps(item['data'])}\n\n"
    if len(item) == 1:
        return f"{place}event: position\ndata: {item['id']}\n\n"
    return f"{place}event: presence\ndata: {json.dumps({key: item[key] for key in item if key != 'id'})}\n\n"
