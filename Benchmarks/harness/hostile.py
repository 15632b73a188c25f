"""What hostile and slow clients, and busy handlers, cost the others: how long ordinary requests take beside them and
without them.

Ordinary clients ask in turns at a steady pace, each on a connection of its own, and note how long every answer took.
Meanwhile nothing else happens, or one attack. The attackers share a core with the ordinary clients, who go first
there if the system allows it (sched(7)): what is measured is the server, not how busy the attackers are.
"""

import asyncio
import contextlib
import multiprocessing
import os
import socket
import ssl
import struct
import sys
import time
from dataclasses import dataclass
from statistics import median

from .load import LoadError
from .server import Server

CLIENTS, RATE = 8, 400  # ordinary clients, and their requests per second together, the next when one is answered
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


@dataclass(frozen=True)
class Streams:
    """100 streams of one HTTP/2 connection, all of which ask for the same; one that ends is followed by the next."""
    path: str
    fields: tuple[str, ...] = ()

    def run(self, port):
        """Becomes h2load, which is killed as this process would be."""
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, sys.stdout.fileno())
        fields = [f"--header={field}" for field in self.fields]
        os.execvp("h2load", ["h2load", "--clients=1", "--max-concurrent-streams=100", "--requests=100000000",
                             "--window-bits=30", "--connection-window-bits=30", *fields,
                             f"https://127.0.0.1:{port}{self.path}"])


def get(path, *fields):
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: localhost", *fields, "", ""]).encode()


def once(path, *fields):
    """A request on a connection of its own, so that its end is seen and the next can follow."""
    return get(path, "Connection: close", *fields)


MESSAGES = get("/turns/messages", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
GZIP = "Accept-Encoding: gzip"
# Handlers with much to do, one of each; over TLS, a hundred. The law is that a median of 20 ms and a worst answer of
# 100 ms are not exceeded, from the arrival of the request that they answer on.
BUSY = {
    "a stream of 10,000,000 rows, a write each": [(reading(once("/turns/rows/10000000")), 1)],
    "a stream that computes 10 ms a row": [(reading(once("/turns/slow/1000")), 1)],
    "a file of 1 GiB": [(reading(once("/static/1g.bin")), 1)],
    "a JSON answer of 10 MiB": [(reading(once("/turns/json")), 1)],
    "a JSON answer of 10 MiB that is encoded for each": [(reading(once("/turns/entries")), 1)],
    "a WebSocket handler that sends in a loop": [(reading(MESSAGES), 1)],
    "the same, to a slow reader": [(reading(MESSAGES, 4096, 0.1), 1)],
    "1,000 pipelined requests": [(reading(REQUEST * 999 + once("/")), 1)],
    "gzip of 100 MiB": [(reading(once("/gzip/turns/text", GZIP)), 1)],
    "gzip of 10,000,000 rows": [(reading(once("/gzip/turns/rows/10000000", GZIP)), 1)],
    "HTTP/2: 100 streams of 10,000,000 rows": Streams("/turns/rows/10000000"),
    "HTTP/2: 100 streams that compute 10 ms a row": Streams("/turns/slow/1000"),
    "HTTP/2: 100 streams that compute 10 ms and end": Streams("/turns/slow/1"),
    "HTTP/2: 100 files of 1 GiB": Streams("/static/1g.bin"),
    "HTTP/2: 100 JSON answers of 10 MiB": Streams("/turns/json"),
    "HTTP/2: 100 streams of gzip of 10,000,000 rows": Streams("/gzip/turns/rows/10000000", (GZIP,)),
}
MEDIAN_LIMIT, WORST_LIMIT = 20, 100  # milliseconds

ATTACKS = {
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
NOTHING, NOTHING_OVER_TLS = "nothing else", "nothing else, over TLS"
LOADS = {NOTHING: [], NOTHING_OVER_TLS: []} | ATTACKS | BUSY
SECTIONS = {"attacks": [NOTHING, *ATTACKS], "busy": [NOTHING, NOTHING_OVER_TLS, *BUSY]}


def attack(name, port):
    async def main():
        await asyncio.gather(*(keep_up(port, count, kind) for kind, count in LOADS[name]), asyncio.Event().wait())
    load = LOADS[name]
    if isinstance(load, Streams):
        load.run(port)
    asyncio.run(main())


def is_over_tls(name):
    return name == NOTHING_OVER_TLS or isinstance(LOADS[name], Streams)


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


def open_clients(port, over_tls):
    clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(CLIENTS)]
    for client in clients:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if not over_tls:
        return clients
    # The certificate is signed by nobody.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return [context.wrap_socket(client) for client in clients]


def ordinary(clients, seconds):
    """The times of all answers, in milliseconds."""
    times, due = [], time.perf_counter()
    end = due + seconds
    while due < end:
        time.sleep(max(0, due - time.perf_counter()))
        client, asked = clients[len(times) % CLIENTS], time.perf_counter()
        client.sendall(REQUEST)
        answer = client.recv(65536)
        assert answer.endswith(b"Hello, World!"), answer
        answered = time.perf_counter()
        times.append((answered - asked) * 1000)
        due += 1 / RATE
        if answered > due:
            # Not made up for: requests at once after a long wait would all meet the same free moment.
            due = answered + 1 / RATE
    return times


@dataclass
class Row:
    half: float  # milliseconds: the median
    p99: float
    worst: float
    cores: float  # used by the server meanwhile
    resident: float  # MiB of the server afterwards


def measure(sections, plain: Server, secure: Server, seconds, rounds):
    """The rows of each load, in turns."""
    names = list(dict.fromkeys(name for section in sections for name in SECTIONS[section]))
    rows = {name: [] for name in names}
    for turn in range(rounds):
        for name in names if turn % 2 == 0 else names[::-1]:
            rows[name].append(measure_once(name, secure if is_over_tls(name) else plain, seconds))
    return rows


def measure_once(name, server, seconds):
    clients = open_clients(server.port, is_over_tls(name))
    attacker = multiprocessing.get_context("fork").Process(target=attack, args=(name, server.port), daemon=True)
    attacker.start()
    try:
        # The many arrive within a second. Those of BUSY are a few, whose arrival is measured too.
        if name not in BUSY:
            time.sleep(2)
        used, start = server.cpu_seconds(), time.perf_counter()
        with going_first():
            times = sorted(ordinary(clients, seconds))
        cores = (server.cpu_seconds() - used) / (time.perf_counter() - start)
        if not attacker.is_alive():
            raise LoadError(f"“{name}” ended before the measurement")
        return Row(median(times), times[len(times) * 99 // 100], times[-1], cores, server.resident_kib() / 1024)
    finally:
        attacker.kill()
        attacker.join()
        for client in clients:
            client.close()


def render(rows):
    lines = [f"| up to {RATE} ordinary requests a second, beside | median, ms | p99, ms | p99 / p99 beside nothing "
             "| worst, ms | cores of the server | memory of the server, MiB |", "|---|---:|---:|---:|---:|---:|---:|"]
    for name, found in rows.items():
        control = rows[NOTHING_OVER_TLS if is_over_tls(name) else NOTHING]
        p99, usual = (median(row.p99 for row in some) for some in (found, control))
        half, worst = median(row.half for row in found), max(row.worst for row in found)
        broken = " **past the limit**" if name in BUSY and (half > MEDIAN_LIMIT or worst > WORST_LIMIT) else ""
        lines.append(f"| {name}{broken} | {half:.2f} | {p99:.2f} | {p99 / usual:.2f} | {worst:.2f} | "
                     f"{median(row.cores for row in found):.2f} | {max(row.resident for row in found):.0f} |")
    return "\n".join(lines)
