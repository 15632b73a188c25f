"""As much of HTTP/1.1 (RFC 9112) as a reader of a room needs, so that a connection can be cut at any byte."""

import asyncio
import contextlib
from typing import AsyncIterator
from urllib.parse import urlsplit


class HTTPError(Exception):
    """The bytes of a response that are not one, or end in the middle."""


class Response:
    def __init__(self, status: int, fields: dict[str, str], reader: asyncio.StreamReader):
        self.status, self.fields, self.reader = status, fields, reader

    async def body(self) -> bytes:
        return b"".join([piece async for piece in self.pieces()])

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body as it comes; raises HTTPError where it ends too early."""
        try:
            if self.status in (204, 304):
                return
            if self.fields.get("transfer-encoding", "").lower() == "chunked":
                while size := int((await self.reader.readline()).strip() or b"?", 16):
                    yield await self.reader.readexactly(size)
                    await self.reader.readexactly(2)
            else:
                yield await self.reader.readexactly(int(self.fields["content-length"]))
        except (asyncio.IncompleteReadError, ValueError, KeyError) as error:
            raise HTTPError(f"the body ended early: {error!r}") from None


@contextlib.asynccontextmanager
async def request(url: str, method: str = "GET", fields: dict[str, str] | None = None,
                  body: bytes = b"") -> AsyncIterator[Response]:
    """Sends a request on a connection of its own; what is left of that is cut on the way out."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        head = {"Host": parts.netloc, "Connection": "close", **(fields or {})}
        if body or method == "POST":
            head["Content-Length"] = str(len(body))
        lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items())]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        await writer.drain()
        yield await read_head(reader)
    finally:
        writer.transport.abort()


async def read_head(reader: asyncio.StreamReader) -> Response:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError as error:
        raise HTTPError(f"the head ended after {error.partial!r}") from None
    status_line, *lines = head.rstrip("\r\n").split("\r\n")
    version, _, rest = status_line.partition(" ")
    if version != "HTTP/1.1" or not rest[:3].isdigit():
        raise HTTPError(f"expected a status line, found {status_line!r}")
    fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Response(int(rest[:3]), fields, reader)
