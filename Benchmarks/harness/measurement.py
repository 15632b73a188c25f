"""The measurements, the servers that take part in each, and the targets for Carafe."""

from dataclasses import dataclass, field
from typing import Callable, Optional

NAMES = {"carafe": "Carafe", "hummingbird": "Hummingbird", "nio": "bare NIO", "stripped": "stripped NIO",
         "limit": "limit.c"}
PRODUCTS = {"carafe": "CarafeBench", "hummingbird": "HummingbirdBench", "nio": "NIOBench", "stripped": "NIOBench"}

# The targets for WebSockets were set on a machine where limit.c gives this many requests per CPU second.
REFERENCE_LIMIT = 150_000


@dataclass
class Measurement:
    key: str
    title: str
    kind: str  # "http", "echo", "fanout" or "idle"
    servers: list[str]
    path: str
    connections: int
    unit: str = "per CPU second"
    body: Optional[bytes] = None  # http: the answer expected
    payload: int = 64  # WebSocket: bytes in a message
    times: dict[str, float] = field(default_factory=dict)  # target: at least this many times that server
    reference: Optional[float] = None  # target: at least this where limit.c gives REFERENCE_LIMIT
    at_most: Optional[float] = None  # target: no more than this

    def is_websocket(self) -> bool:
        return self.kind != "http"


HTTP_TARGET = {"hummingbird": 1.8, "nio": 1.0}
HTTP_SERVERS = ["carafe", "hummingbird", "nio"]
FILE_NAME = "page.html"
FILE_BYTES = (b"<p>Ten kibibytes of text.</p>\n" * 400)[: 10 * 1024]

MEASUREMENTS = [
    Measurement("hello", "GET / “Hello, World!”", "http", HTTP_SERVERS + ["stripped", "limit"], "/", 64,
                body=b"Hello, World!", times=HTTP_TARGET),
    Measurement("parameter", "GET /users/<int:id>", "http", HTTP_SERVERS + ["stripped"], "/users/1234567", 64,
                body=b"user 1234567", times=HTTP_TARGET),
    Measurement("static", "GET a file of 10 KiB", "http", HTTP_SERVERS, f"/static/{FILE_NAME}", 64,
                body=FILE_BYTES, times=HTTP_TARGET),
    Measurement("echo", "WebSocket echo, 64 bytes, 64 connections", "echo", ["carafe", "nio"], "/echo", 64,
                reference=60_000),
    Measurement("fanout", "Fan-out, 64 bytes to 500 members", "fanout", ["carafe", "nio"], "/room", 500,
                reference=600_000),
    Measurement("idle", "KiB per idle WebSocket, 5,000 open", "idle", ["carafe", "nio"], "/echo", 5000,
                unit="KiB", payload=0, at_most=10),
]


def command(server: str, measurement: Measurement, port: int, folder: str, binary: Callable[[str], str]) -> list[str]:
    """The command line of a server. A peer gets only what this measurement asks of it; Carafe carries everything."""
    if server == "limit":
        return [binary("limit"), str(port)]
    program = binary(PRODUCTS[server])
    if server == "nio":
        return [program, "websocket", str(port)] if measurement.is_websocket() else [program, "http", str(port), folder]
    if server == "stripped":
        return [program, "stripped", str(port)]
    if server == "hummingbird" and measurement.key != "static":
        return [program, str(port)]
    return [program, str(port), folder]
