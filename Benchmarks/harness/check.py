"""Checks that a server answers correctly, before anything is timed."""

import base64
import hashlib
import http.client
import os
import socket

from .measurement import Measurement


class WrongAnswer(Exception):
    pass


def check(measurement: Measurement, port: int, headers: dict[str, str]) -> None:
    if measurement.kind == "http":
        check_http(measurement, port, headers)
    elif measurement.kind == "fanout":
        with WebSocketClient(port, measurement.path) as one, WebSocketClient(port, measurement.path) as other:
            # The second handshake is answered before its handler has joined: an echo to itself shows that it did.
            other.expect_echo(b"joined")
            one.send(b"x" * 64)
            other.expect(b"x" * 64)
    else:
        with WebSocketClient(port, measurement.path) as client:
            client.expect_echo(b"x" * 64)


def check_http(measurement: Measurement, port: int, headers: dict[str, str]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    for _ in range(2):  # twice on one connection: keep-alive must work
        connection.request("GET", measurement.path, headers=headers)
        response = connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise WrongAnswer(f"expected status 200, found {response.status}")
        if body != measurement.body:
            raise WrongAnswer(f"expected the body {measurement.body[:40]!r}, found {body[:40]!r}")
    connection.close()


class WebSocketClient:
    """Just enough of RFC 6455 for short messages."""

    GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 §1.3

    def __init__(self, port: int, path: str):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self.file = self.socket.makefile("rb")
        key = base64.b64encode(os.urandom(16))
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key.decode()}\r\n\r\n".encode())
        status = self.file.readline()
        accept = base64.b64encode(hashlib.sha1(key + self.GUID).digest())
        fields = list(iter(self.file.readline, b"\r\n")) if status else []
        if b" 101 " not in status or not any(accept in field for field in fields):
            raise WrongAnswer(f"expected 101 with Sec-WebSocket-Accept, found {status!r}")

    def __enter__(self) -> "WebSocketClient":
        return self

    def __exit__(self, *_) -> None:
        self.file.close()
        self.socket.close()

    def send(self, message: bytes) -> None:
        # RFC 6455 §5.3: a client masks; the zero mask leaves the bytes as they are.
        self.socket.sendall(bytes([0x81, 0x80 | len(message), 0, 0, 0, 0]) + message)

    def expect(self, message: bytes) -> None:
        head = self.file.read(2)
        found = self.file.read(head[1]) if len(head) == 2 else b""
        if head[:1] != b"\x81" or found != message:
            raise WrongAnswer(f"expected the text frame {message[:20]!r}, found {head + found[:20]!r}")

    def expect_echo(self, message: bytes) -> None:
        self.send(message)
        self.expect(message)
