"""The register of kinds: each is one way to open, use and leave a connection."""

import random
from dataclasses import dataclass
from typing import Awaitable, Callable

from .client import Client
from .frames import close_frame


class Visit:
    """What a kind is given: where the server is, and its own source of chance."""

    opened = 0  # connections, over all visits

    def __init__(self, port: int, number: int, seed: int):
        self.port = port
        self.number = number
        self.random = random.Random(seed << 32 | number)

    def connect(self, receive_buffer: int | None = None) -> Client:
        Visit.opened += 1
        # One address has too few ports for the sockets that linger in TIME_WAIT.
        return Client(self.port, f"127.0.0.{1 + self.number % 200}", receive_buffer)

    def text(self, length: int) -> bytes:
        """Text that compresses about as well as JSON."""
        start = self.random.randrange(len(TEXT) - length)
        return TEXT[start:start + length]


TEXT = b"".join(b'{"number":%d,"name":"member %x"},' % (number, number * 2654435761 % 65521)
                for number in range(50_000))

Kind = Callable[[Visit], Awaitable[None]]


@dataclass
class Registered:
    run: Kind
    share: int


KINDS: list[Registered] = []
PATIENT: list[tuple[Kind, float]] = []


def kind(share: int) -> Callable[[Kind], Kind]:
    """Registers a kind that comes `share` times in each deck of about a thousand."""
    def register(run: Kind) -> Kind:
        KINDS.append(Registered(run, share))
        return run
    return register


def patient(seconds: float) -> Callable[[Kind], Kind]:
    """Registers a kind that waits so long for one of the server's times to be over."""
    def register(run: Kind) -> Kind:
        PATIENT.append((run, seconds))
        return run
    return register


async def open_socket(client: Client, path: str = "/echo", **fields: str) -> dict[bytes, bytes]:
    await client.send(client.request(path, **fields))
    return await client.expect_status(101)


async def close_cleanly(client: Client, after_messages: bool = False) -> None:
    await client.send(close_frame(1000))
    await client.expect_close(1000, after_messages)


def deck(chance: random.Random) -> list[Kind]:
    """Every kind as often as its share, shuffled: each deck costs the server the same."""
    cards = [kind.run for kind in KINDS for _ in range(kind.share)]
    chance.shuffle(cards)
    return cards
