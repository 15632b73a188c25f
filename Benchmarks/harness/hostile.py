"""What hostile and slow clients, and busy handlers, cost the others: how long ordinary requests take beside them and
without them.

Ordinary clients ask at a steady rate, each on a connection of its own, and note how long every answer took. Meanwhile
nothing else happens, or one attack, in turns. The attackers share a core with the ordinary clients, who go first there if
the system allows it (sched(7)): what is measured is the server, not how busy the attackers are.
"""

import asyncio
import contextlib
import multiprocessing
import os
import socket
import struct
import sys
import time
from dataclasses import dataclass
from statistics import median

CLIENTS, RATE = 8, 400  # ordinary clients, and their requests per second together
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"
DOWNLOAD = b"GET /static/1m.html HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def connect(port, receive_buffer=0):
    loop, plain = asyncio.get_running_loop(), socket.socket()
    if receive_buffer:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    plain.setblocking(False)
    await loop.sock_connect(plain, ("127.0.0.1", port))
    return plain


async def keep_up(port, count, attack):
    """So many attackers at a time; one that is cut off begins anew."""
    async def one(number):
        await asyncio.sleep(number / count)
        while True:
            plain = None
            try:
                plain = await connect(port, 4096 if attack is slow_reader else 0)
                await attack(asyncio.get_running_loop(), plain)
            except OSError:
                await asyncio.sleep(0.1)
            finally:
                if plain:
                    plain.close()
    await asyncio.gather(*(one(number) for number in range(count)))


async def trickle(loop, plain, start):
    """A byte a second, until the server has enough."""
    await loop.sock_sendall(plain, start)
    while True:
        await asyncio.sleep(1)
        await loop.sock_sendall(plain, b"x")


async def slow_head(loop, plain):
    await trickle(loop, plain, b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ")


async def slow_body(loop, plain):
    await trickle(loop, plain, POST)


async def slow_reader(loop, plain):
    """Asks for megabytes and takes a few bytes a second."""
    await loop.sock_sendall(plain, DOWNLOAD * 8)
    while await loop.sock_recv(plain, 16):
        await asyncio.sleep(1)


async def idle(loop, plain):
    while await loop.sock_recv(plain, 16):
        pass


async def endless_head(loop, plain):
    await loop.sock_sendall(plain, b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 4000)
    while await loop.sock_recv(plain, 4096):
        pass
    await asyncio.sleep(0.2)


async def broken(loop, plain):
    await loop.sock_sendall(plain, b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n")
    while await loop.sock_recv(plain, 4096):
        pass
    await asyncio.sleep(0.2)


async def reset(loop, plain):
    """In the middle of a response."""
    await loop.sock_sendall(plain, DOWNLOAD)
    await loop.sock_recv(plain, 4096)
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    plain.close()
    await asyncio.sleep(0.2)


async def half_close(loop, plain):
    await loop.sock_sendall(plain, REQUEST)
    plain.shutdown(socket.SHUT_WR)
    while await loop.sock_recv(plain, 4096):
        pass
    await asyncio.sleep(0.2)


def reading(request, size=1 << 20, pause=0):
    """A client that asks once, and reads as fast as it can, or slowly."""
    async def read(loop, plain):
        await loop.sock_sendall(plain, request)
        while await loop.sock_recv(plain, size):
            await asyncio.sleep(pause)
    return read


def get(path, *fields):
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: localhost", *fields, "", ""]).encode()


MESSAGES = get("/turns/messages", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
# Handlers with much to do, one of each: the law is that a median of 20 ms and a worst answer of 100 ms are not exceeded.
BUSY = {
    "a stream of 10,000,000 rows, a write each": [(reading(get("/turns/rows/10000000")), 1)],
    "a stream that computes 10 ms a row": [(reading(get("/turns/slow/1000")), 1)],
    "a file of 1 GiB": [(reading(get("/static/1g.bin")), 1)],
    "a JSON answer of 10 MiB": [(reading(get("/turns/json")), 1)],
    "a WebSocket handler that sends in a loop": [(reading(MESSAGES), 1)],
    "the same, to a slow reader": [(reading(MESSAGES, 4096, 0.1), 1)],
    "1,000 pipelined requests": [(reading(REQUEST * 1000), 1)],
    "gzip of 100 MiB": [(reading(get("/gzip/turns/text", "Accept-Encoding: gzip")), 1)],
    "gzip of 10,000,000 rows": [(reading(get("/gzip/turns/rows/10000000", "Accept-Encoding: gzip")), 1)],
}
MEDIAN_LIMIT, WORST_LIMIT = 20, 100  # milliseconds

ATTACKS = {
    "nothing else": [],
    "2,000 slow heads": [(slow_head, 2000)],
    "1,000 slow bodies": [(slow_body, 1000)],
    "500 slow readers of 8 MiB": [(slow_reader, 500)],
    "4,000 idle connections": [(idle, 4000)],
    "endless heads, 100 a second": [(endless_head, 20)],
    "broken requests, 100 a second": [(broken, 20)],
    "resets in a response, 100 a second": [(reset, 20)],
    "half-closed clients, 100 a second": [(half_close, 20)],
}
ATTACKS["all of it"] = [attack for attacks in list(ATTACKS.values()) for attack in attacks]
ATTACKS |= BUSY


def attack(name, port):
    async def main():
        await asyncio.gather(*(keep_up(port, count, kind) for kind, count in ATTACKS[name]))
    asyncio.run(main())


@contextlib.contextmanager
def going_first():
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except PermissionError:
        print("warning: without the right to go first, the times are also those of busy attackers", file=sys.stderr)
    try:
        yield
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def ordinary(port, seconds):
    """The times of all answers, in milliseconds."""
    clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(CLIENTS)]
    for client in clients:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    times, start = [], time.perf_counter()
    for number in range(int(seconds * RATE)):
        time.sleep(max(0, start + number / RATE - time.perf_counter()))
        asked = time.perf_counter()
        clients[number % CLIENTS].sendall(REQUEST)
        answer = clients[number % CLIENTS].recv(65536)
        times.append((time.perf_counter() - asked) * 1000)
        assert answer.endswith(b"Hello, World!"), answer
    for client in clients:
        client.close()
    return times


@dataclass
class Row:
    half: float  # milliseconds: the median
    p99: float
    worst: float
    resident: float  # MiB of the server afterwards


def resident(pid):
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * 4096 / (1 << 20)


def measure(port, pid, seconds, rounds):
    """The rows of each attack, in turns."""
    rows = {name: [] for name in ATTACKS}
    for turn in range(rounds):
        for name in list(ATTACKS) if turn % 2 == 0 else list(ATTACKS)[::-1]:
            attacker = multiprocessing.get_context("fork").Process(target=attack, args=(name, port), daemon=True)
            attacker.start()
            # The attackers arrive within a second.
            time.sleep(2)
            with going_first():
                times = sorted(ordinary(port, seconds))
            rows[name].append(Row(median(times), times[len(times) * 99 // 100], times[-1], resident(pid)))
            attacker.kill()
            attacker.join()
    return rows


def render(rows):
    usual = median(row.p99 for row in rows["nothing else"])
    lines = [f"| {RATE} ordinary requests a second, beside | median, ms | p99, ms | p99 / p99 beside nothing | worst, ms | memory of the server, MiB |",
             "|---|---:|---:|---:|---:|---:|"]
    for name, found in rows.items():
        p99 = median(row.p99 for row in found)
        half, worst = median(row.half for row in found), max(row.worst for row in found)
        broken = " **past the limit**" if name in BUSY and (half > MEDIAN_LIMIT or worst > WORST_LIMIT) else ""
        lines.append(f"| {name}{broken} | {half:.2f} | {p99:.2f} | {p99 / usual:.2f} | {worst:.2f} | "
                     f"{max(row.resident for row in found):.0f} |")
    return "\n".join(lines)
