"""A stop with many sockets open: who gets which close, and when."""

import resource
import selectors
import signal
import socket
import time
from collections import Counter
from dataclasses import dataclass, field

from .client import ACCEPT, KEY
from .frames import BINARY, CLOSE, PING, Unexpected, close_frame, frame, parse
from .server import Server

DEADLINE = 10.0  # of the server
SLACK = 20.0  # for a busy machine, and for the process to end
PACE, PAUSE = 256, 0.02  # so many closes at a time, and the seconds to the next ones
SLOT = 0.02  # seconds, of the histogram
PIPE_FULL = 5 << 20  # more than two sockets hold of an echo that nobody reads
FULL_PIPES = 50


def raise_file_limit(connections: int) -> None:
    """The server inherits it: both hold a descriptor for every connection."""
    needed = connections + connections // 10 + 200
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise SystemExit(f"expected {needed} open files to be allowed (ulimit -Hn), found {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@dataclass
class Member:
    """A client that has opened its socket and waits."""

    socket: socket.socket
    answers: bool
    received: bytearray = field(default_factory=bytearray)
    closes: list[bytes] = field(default_factory=list)  # payloads
    has_ended: bool = False


@dataclass
class Stopping:
    server: Server
    connections: int
    rude: int  # so many never answer a close, and so many more do not even read
    closes: list[float] = field(default_factory=list)  # when each came, after the first
    members: list[Member] = field(default_factory=list)
    faults: Counter = field(default_factory=Counter)
    seconds: float = 0

    def run(self) -> list[str]:
        self.members = [Member(self.open(number), answers=number >= self.rude)
                        for number in range(self.connections + self.rude)]
        silent = [self.open(number, receive_buffer=4096) for number in range(self.rude)]
        for client in silent[:2 * FULL_PIPES:2]:
            self.fill(client)
        started, _ = self.server.state()
        total = len(self.members) + len(silent)
        if started != total:
            self.faults[f"expected {total} handlers started, found {started}"] += 1
        self.stop()
        found = [f"{count} times: {fault}" for fault, count in self.faults.items()]
        if self.spread < self.least_spread:
            found.append(f"expected closes over at least {self.least_spread:.2f} s, found {self.spread:.2f} s")
        if self.server.process.poll() is None:
            return found + [f"server: still there {self.seconds:.1f} s after SIGTERM"]
        return found + self.server.faults_when_stopped()

    @property
    def least_spread(self) -> float:
        """Half of what the server's pace gives: the first close may be seen late, and the last not. Of few closes, all may."""
        return 0 if len(self.members) < 10_000 else (len(self.members) // PACE - 1) * PAUSE / 2

    @property
    def spread(self) -> float:
        return self.closes[-1] if self.closes else 0

    def open(self, number: int, receive_buffer: int | None = None) -> socket.socket:
        client = socket.socket()
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.bind((f"127.0.0.{1 + number // 5000}", 0))
        client.connect(("127.0.0.1", self.server.port))
        path = "/room" if number % 2 else "/echo"
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.server.port}\r\nUpgrade: websocket\r\n"
                       f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                       f"Sec-WebSocket-Key: {KEY.decode()}\r\n\r\n".encode())
        head = client.recv(4096)
        if not head.startswith(b"HTTP/1.1 101 ") or ACCEPT not in head or not head.endswith(b"\r\n\r\n"):
            raise Unexpected(f"expected a handshake's answer, found {head!r}")
        client.setblocking(False)
        return client

    def fill(self, client: socket.socket) -> None:
        """Has so much echoed that the server cannot send its close frame."""
        client.setblocking(True)
        client.sendall(frame(BINARY, bytes(PIPE_FULL)))
        client.setblocking(False)

    def stop(self) -> None:
        """Tells the server to stop, and does each member's part until the process is gone."""
        first = 0.0
        with selectors.DefaultSelector() as selector:
            for member in self.members:
                selector.register(member.socket, selectors.EVENT_READ, member)
            start = time.monotonic()
            self.server.process.send_signal(signal.SIGTERM)
            while self.server.process.poll() is None and time.monotonic() < start + DEADLINE + SLACK:
                for key, _ in selector.select(timeout=SLOT):
                    seen = len(key.data.closes)
                    self.advance(key.data)
                    if len(key.data.closes) > seen:
                        now = time.monotonic()
                        first = first or now
                        self.closes.append(now - first)
                    if key.data.has_ended:
                        selector.unregister(key.data.socket)
                        key.data.socket.close()
            self.seconds = time.monotonic() - start
            for key in list(selector.get_map().values()):
                self.advance(key.data)
        for member in self.members:
            self.judge(member)

    def advance(self, member: Member) -> None:
        """Reads what has come, and answers a close."""
        try:
            part = member.socket.recv(4096)
            member.received += part
            member.has_ended = not part
            while found := parse(member.received):
                del member.received[:found.size]
                if found.opcode == CLOSE:
                    member.closes.append(found.payload)
                    if member.answers and len(member.closes) == 1:
                        member.socket.sendall(close_frame(1001))
                elif found.opcode != PING:
                    self.faults[f"expected a close, {found.summary()}"] += 1
        except BlockingIOError:
            pass
        except (OSError, Unexpected) as error:
            # Whoever does not answer is cut off in the end.
            member.has_ended = True
            if member.answers:
                self.faults[f"{type(error).__name__}: {error}"] += 1

    def judge(self, member: Member) -> None:
        if len(member.closes) != 1:
            self.faults[f"expected one close frame, found {len(member.closes)}"] += 1
        for payload in member.closes:
            if payload[:2] != (1001).to_bytes(2, "big") or len(payload) == 2:
                self.faults[f"expected 1001 with a reason, found {payload!r}"] += 1
        if member.answers and (not member.has_ended or member.received):
            self.faults[f"expected the end behind the close, found {bytes(member.received)!r}"] += 1


def histogram(closes: list[float]) -> str:
    """How many closes came in each slot."""
    slots = Counter(int(moment / SLOT) for moment in closes)
    lines = [f"  {slot * SLOT:5.2f} s  {count:5}  {'#' * (count * 50 // max(slots.values()))}"
             for slot, count in sorted(slots.items())]
    return "\n".join(lines)
