"""The measurements, the servers that take part in each, and the targets for Carafe."""

from dataclasses import dataclass, field, replace
from typing import Optional


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
    deflate: bool = False  # WebSocket: with permessage-deflate
    times: dict[str, float] = field(default_factory=dict)  # target: at least this many times that server
    within: dict[str, float] = field(default_factory=dict)  # target: at most this many times that one's CPU
    at_most: Optional[float] = None  # target: no more than this

    def is_websocket(self) -> bool:
        return self.kind != "http"

    def is_of_files(self) -> bool:
        return self.path.startswith("/static/")


HTTP_TARGET = {"hummingbird": 1.8, "nio": 1.0}
HTTP_SERVERS = ["carafe", "hummingbird", "nio"]
WEBSOCKET_SERVERS = ["carafe", "nio", "picows", "gevent", "ws"]
DEFLATE_SERVERS = ["carafe", "picows", "ws"]
# Beside Hummingbird, nginx as Debian configures it, but without a log.
FILE_SERVERS = HTTP_SERVERS + ["nginx"]
FILE_TARGET = {"hummingbird": 1.0, "nginx": 0.5}
LINE = b"<p>A line of the file of some kibibytes of text.</p>\n"
FILES = {f"{name}.html": (LINE * (size // len(LINE) + 1))[:size]
         for name, size in {"1k": 1 << 10, "10k": 10 << 10, "1m": 1 << 20}.items()}
SIZES = {"64": 64, "1k": 1 << 10, "16k": 16 << 10, "1m": 1 << 20}
SIZE_NAMES = {64: "64 bytes", 1 << 10: "1 KiB", 16 << 10: "16 KiB", 1 << 20: "1 MiB"}


def static(name: str, size: str) -> Measurement:
    return Measurement(f"static-{name}", f"GET a file of {size}", "http", FILE_SERVERS, f"/static/{name}.html", 64,
                       body=FILES[f"{name}.html"], times=FILE_TARGET)


def websocket(kind: str, key: str, title: str, deflate: bool, **rest) -> Measurement:
    return Measurement(f"{key}-deflate" if deflate else key, f"{title}, compressed" if deflate else title, kind,
                       DEFLATE_SERVERS if deflate else WEBSOCKET_SERVERS, deflate=deflate, **rest)


def echo(size: str, deflate: bool = False, **target) -> Measurement:
    return websocket("echo", f"echo-{size}", f"Echo, {SIZE_NAMES[SIZES[size]]}, 64 connections", deflate,
                     path="/echo", connections=64, payload=SIZES[size], **target)


def fanout(members: int, size: str, deflate: bool = False, **target) -> Measurement:
    found = websocket("fanout", f"fanout-{members}-{size}", f"{SIZE_NAMES[SIZES[size]]} to {members:,} members", deflate,
                      path="/room", connections=members, payload=SIZES[size], **target)
    # The same server without a room's log, to see what that is worth.
    return found if deflate else replace(found, servers=found.servers + ["queues"])


def idle(deflate: bool = False, **target) -> Measurement:
    return websocket("idle", "idle", "KiB per idle WebSocket, 5,000 open", deflate, path="/echo", connections=5000,
                     unit="KiB", payload=0, **target)


# Servers that compress send short messages as they are, so a compressed fan-out has 1 KiB.
MEASUREMENTS = [
    Measurement("hello", "GET / “Hello, World!”", "http", HTTP_SERVERS + ["stripped", "socket", "limit"], "/", 64,
                body=b"Hello, World!", times=HTTP_TARGET),
    Measurement("parameter", "GET /users/<int:id>", "http", HTTP_SERVERS + ["stripped"], "/users/1234567", 64,
                body=b"user 1234567", times=HTTP_TARGET),
    static("1k", "1 KiB"),
    static("10k", "10 KiB"),
    static("1m", "1 MiB"),
    echo("64", times={"nio": 1.15}),
    echo("1k"),
    echo("16k"),
    echo("1m"),
    echo("64", deflate=True),
    echo("1k", deflate=True),
    echo("16k", deflate=True),
    echo("1m", deflate=True),
    fanout(500, "64", times={"nio": 8}),
    fanout(5000, "64", times={"nio": 8}),
    fanout(500, "1k", times={"nio": 4}),
    fanout(500, "1k", deflate=True, within={"fanout-500-1k": 1.3}),
    fanout(5000, "1k", times={"nio": 4}),
    fanout(5000, "1k", deflate=True, within={"fanout-5000-1k": 1.3}),
    idle(at_most=8),
    idle(deflate=True),
]
KINDS = list(dict.fromkeys(measurement.kind for measurement in MEASUREMENTS))
