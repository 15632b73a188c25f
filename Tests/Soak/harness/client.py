"""A client on a raw socket: it does nothing by itself, so that each of its bytes can be wrong or missing."""

import asyncio
import base64
import hashlib
import socket
import struct
from typing import Callable

from .frames import CLOSE, PING, Frame, Unexpected, close_frame, parse

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 §1.3
KEY = b"dGhlIHNhbXBsZSBub25jZQ=="  # The example of RFC 6455 §1.3; any key does here.
ACCEPT = base64.b64encode(hashlib.sha1(KEY + GUID).digest())
IP_BIND_ADDRESS_NO_PORT = 24  # ip(7): the port is chosen at connect, when the other side is known.

Head = tuple[int, dict[bytes, bytes]]


class Client:
    """Use it in an `async with` statement, which closes the socket, but sends nothing."""

    def __init__(self, port: int, source: str = "127.0.0.1", receive_buffer: int | None = None):
        self.port = port
        self.loop = asyncio.get_running_loop()
        self.socket = socket.socket()
        self.socket.setblocking(False)
        # One address has too few ports for the sockets that linger in TIME_WAIT.
        self.socket.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
        self.socket.bind((source, 0))
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.received = bytearray()
        self.on_frame: Callable[[Frame], None] | None = None

    async def __aenter__(self) -> "Client":
        await self.loop.sock_connect(self.socket, ("127.0.0.1", self.port))
        return self

    async def __aexit__(self, *_) -> None:
        self.socket.close()

    # Bytes

    async def send(self, *parts: bytes) -> None:
        await self.loop.sock_sendall(self.socket, b"".join(parts))

    async def receive(self) -> bool:
        """Waits for more bytes; false at the end."""
        part = await self.loop.sock_recv(self.socket, 1 << 18)
        self.received += part
        return bool(part)

    def take(self, count: int) -> bytes:
        part = bytes(memoryview(self.received)[:count])
        del self.received[:count]
        return part

    def reset(self) -> None:
        """Closes with a RST and forgets what is on its way (socket(7), SO_LINGER)."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def finish_sending(self) -> None:
        self.socket.shutdown(socket.SHUT_WR)

    # HTTP

    def request(self, path: str, *, method: str = "GET", without: str = "", **fields: str) -> bytes:
        """A handshake, with other fields or without one; `sec_websocket_version="12"` sets a field."""
        head = {"host": f"127.0.0.1:{self.port}", "upgrade": "websocket", "connection": "Upgrade",
                "sec-websocket-version": "13", "sec-websocket-key": KEY.decode()}
        head |= {name.replace("_", "-"): value for name, value in fields.items()}
        head.pop(without, None)
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items()), "", ""]
        return "\r\n".join(lines).encode()

    async def head(self) -> Head:
        """The next response's status and fields; its body, if it has a length, is thrown away."""
        while (end := self.received.find(b"\r\n\r\n")) < 0:
            if not await self.receive():
                raise Unexpected(f"expected a response, found the end after {bytes(self.received[:80])!r}")
        status, *lines = self.take(end + 4).split(b"\r\n")[:-2]
        fields = {name.lower(): value.strip() for name, value in (line.split(b":", 1) for line in lines)}
        length = int(fields.get(b"content-length", b"0"))
        while len(self.received) < length:
            if not await self.receive():
                raise Unexpected(f"expected a body of {length} bytes, found {len(self.received)}")
        self.take(length)
        return int(status.split()[1]), fields

    async def expect_status(self, *expected: int) -> dict[bytes, bytes]:
        status, fields = await self.head()
        if status not in expected:
            raise Unexpected(f"expected status {expected}, found {status}")
        if status == 101 and fields.get(b"sec-websocket-accept") != ACCEPT:
            raise Unexpected(f"expected {ACCEPT!r} as Sec-WebSocket-Accept, found {fields}")
        return fields

    # WebSocket

    async def frame(self) -> Frame | None:
        """The next frame; None at the end."""
        while not (frame := parse(self.received)):
            if not await self.receive():
                if self.received:
                    raise Unexpected(f"expected a whole frame, found the end after {len(self.received)} bytes of it")
                return None
        del self.received[:frame.size]
        if self.on_frame:
            self.on_frame(frame)
        return frame

    async def message(self) -> Frame:
        """The next frame that is not a ping; messages of TestServer are not fragmented."""
        while frame := await self.frame():
            if frame.opcode != PING:
                return frame
        raise Unexpected("expected a message, found the end")

    async def expect(self, opcode: int, payload: bytes) -> None:
        found = await self.message()
        if (found.opcode, found.payload) != (opcode, payload):
            raise Unexpected(f"expected opcode {opcode} and {payload[:20]!r}, {found.summary()}")

    async def expect_close(self, code: int | None, after_messages: bool = False, answer: bool = False) -> None:
        """The server's close frame and then the end: nothing follows (RFC 6455 §5.5.1)."""
        found = await self.message()
        while after_messages and found.opcode != CLOSE:
            found = await self.message()
        expected = b"" if code is None else code.to_bytes(2, "big")
        if found.opcode != CLOSE or found.payload[:2] != expected:
            raise Unexpected(f"expected a close with {code}, {found.summary()}")
        if answer:
            await self.send(close_frame(code))
        await self.expect_end()

    async def expect_end(self) -> None:
        if self.received or await self.receive():
            raise Unexpected(f"expected the end, found {bytes(self.received[:20])!r}")

    async def wait_for_end(self) -> None:
        """Reads whatever comes; a reset is an end too, where bytes of ours were not read any more."""
        try:
            while await self.receive():
                self.received.clear()
        except ConnectionError:
            pass
