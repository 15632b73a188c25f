"""What a delivery costs the server in a room's route, by each way of reading it, and what a subscriber costs who hears
nothing.

Each message is posted alone and awaited, so that nothing is gained from bursts; the figures compare ways and sizes with
each other, not with the fan-out of `wsload`.
"""

import asyncio
import base64
import socket
import time
from dataclasses import dataclass
from statistics import median

from .server import Server

PATH = "/rooms/bench"
MESSAGE = b'{"text":"' + b"x" * 45 + b'"}'  # 56 bytes of JSON

UPGRADE = ("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
           f"Sec-WebSocket-Key: {base64.b64encode(bytes(16)).decode()}\r\n")
WAYS = {"socket": (PATH, UPGRADE), "events": (PATH, "Accept: text/event-stream\r\n"),
        "iframe": (PATH + "?stream=iframe", "")}
SIZES = [100, 1000, 5000]


class Subscriber(asyncio.Protocol):
    """Counts how often the message comes."""

    def __init__(self, room):
        self.room, self.seen = room, 0
        self.opened = asyncio.get_running_loop().create_future()

    def data_received(self, data):
        if not self.opened.done():
            self.opened.set_result(None)
        # A message may be cut in two by TCP on its way; at this length and rate none was.
        self.room.heard += data.count(b"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")
        if self.room.heard >= self.room.awaited and self.room.done and not self.room.done.done():
            self.room.done.set_result(None)


class Room:
    def __init__(self, port):
        self.port, self.heard, self.awaited, self.done, self.transports = port, 0, 0, None, []

    async def open(self, way, count):
        path, fields = WAYS[way]
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n{fields}\r\n".encode()
        for start in range(0, count, 100):
            opened = []
            for _ in range(min(100, count - start)):
                transport, subscriber = await asyncio.get_running_loop().create_connection(
                    lambda: Subscriber(self), "127.0.0.1", self.port)
                transport.write(request)
                self.transports.append(transport)
                opened.append(subscriber.opened)
            await asyncio.gather(*opened)

    async def publish(self, reader, writer):
        self.awaited += len(self.transports)
        self.done = asyncio.get_running_loop().create_future()
        writer.write(f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nContent-Length: {len(MESSAGE)}\r\n\r\n"
                     .encode() + MESSAGE)
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.wait_for(self.done, 30)

    def close(self):
        for transport in self.transports:
            transport.abort()


@dataclass
class Row:
    microseconds: float  # of the server's CPU time, for a delivery
    kib: float  # of resident memory, for a subscriber who has heard nothing yet


def resident(pid):
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * 4


async def measure_once(server: Server, way: str, count: int, seconds: float) -> Row:
    warm = Room(server.port)
    await warm.open(way, 20)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for _ in range(50):
        await warm.publish(reader, writer)
    warm.close()
    before = resident(server.pid)
    room = Room(server.port)
    await room.open(way, count)
    await asyncio.sleep(0.2)
    kib = (resident(server.pid) - before) / count
    start, cpu = time.monotonic(), server.cpu_seconds()
    while time.monotonic() - start < seconds:
        await room.publish(reader, writer)
    spent = server.cpu_seconds() - cpu
    room.close()
    writer.close()
    return Row(spent / room.heard * 1e6, kib)


def measure(start_server, seconds, rounds):
    rows = {(way, count): [] for count in SIZES for way in WAYS}
    for _ in range(rounds):
        for way, count in rows:
            with start_server() as server:
                rows[way, count].append(asyncio.run(measure_once(server, way, count, seconds)))
    return rows


def render(rows):
    lines = ["| a room's route | subscribers | µs of CPU for a delivery | of a socket's | KiB of a subscriber |",
             "|---|---:|---:|---:|---:|"]
    for (way, count), found in rows.items():
        cost = median(row.microseconds for row in found)
        socket_cost = median(row.microseconds for row in rows["socket", count])
        lines.append(f"| {way} | {count:,} | {cost:.2f} | {cost / socket_cost:.2f} | "
                     f"{median(row.kib for row in found):.1f} |")
    return "\n".join(lines)
