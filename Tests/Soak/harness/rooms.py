"""Members of a room, and those who do not keep up with it."""

import asyncio
import contextlib
from typing import Iterator

from .client import Client
from .frames import BINARY, CLOSE, TEXT, Frame, Unexpected, close_frame, frame
from .kinds import Visit, close_cleanly, kind, open_socket

STEP = 128 << 10
# 12 MiB: a room keeps 4 MiB for a member who does not read, hands on 1 MiB at a time, and the server's socket holds up to
# 4 MiB (tcp_wmem).
STEPS = 96
# Of a slow reader. Without a bound of its own the system lets this grow to 6 MiB and more (tcp_rmem): it could hold a
# whole flood, and nobody would be slow.
TIGHT = 64 << 10
# What a member who reads takes in a turn of this program.
ROOMY = 2 * STEP
# How far a flood is ahead of those who read, in steps: 2 MiB, half of what the room allows them. A server that is held up
# would else be right to drop some.
AHEAD = 16
one_at_a_time = asyncio.Lock()


class Flood:
    """The steps of all floods, and up to which of them those who read have come."""

    def __init__(self) -> None:
        self.step = 0
        self.readers: dict[Client, int] = {}
        self.moved = asyncio.Event()

    @contextlib.contextmanager
    def heard_by(self, client: Client) -> Iterator[None]:
        """Meanwhile no flood runs away from this client."""
        client.on_frame = lambda found: self.note(client, found)
        self.readers[client] = self.step
        try:
            yield
        finally:
            client.on_frame = None
            del self.readers[client]
            self.moved.set()

    def note(self, client: Client, found: Frame) -> None:
        if len(found.payload) == STEP:
            self.readers[client] = int.from_bytes(found.payload[:8], "big")
            self.moved.set()

    async def next(self) -> bytes:
        """The message of the next step, as soon as nobody who reads is too far behind."""
        while self.readers and self.step - min(self.readers.values()) >= AHEAD:
            self.moved.clear()
            await self.moved.wait()
        self.step += 1
        return frame(BINARY, self.step.to_bytes(8, "big") + bytes(STEP - 8))


the_flood = Flood()


async def speak(client: Client, message: bytes) -> None:
    """Sends a message to the room, and waits until it comes back among those of others."""
    await client.send(frame(TEXT, message))
    while (found := await client.message()).payload != message:
        if found.opcode == CLOSE:
            raise Unexpected(f"expected {message!r} from the room, {found.summary()}")


async def flood(client: Client, steps: int) -> None:
    """Sends to the room, and takes each message itself before the next."""
    for _ in range(steps):
        await client.send(await the_flood.next())
        while len((await client.message()).payload) != STEP:
            pass


async def was_dropped(client: Client) -> bool:
    """Reads up to its close with 1013, or to the end of a whole flood: no message of which may be missing else."""
    floods = 0
    while floods < STEPS:
        found = await client.message()
        if found.opcode == CLOSE:
            if found.payload[:2] != (1013).to_bytes(2, "big"):
                raise Unexpected(f"expected a close with 1013, {found.summary()}")
            await client.send(close_frame(1013))
            await client.expect_end()
            return True
        floods += len(found.payload) == STEP
    return False


@kind(30)
async def member(visit: Visit) -> None:
    async with visit.connect(ROOMY) as client:
        with the_flood.heard_by(client):
            await open_socket(client, "/room")
            for number in range(3):
                await speak(client, b"message %d of %d" % (number, visit.number))
            await close_cleanly(client, after_messages=True)


@kind(10)
async def member_resets(visit: Visit) -> None:
    async with visit.connect(ROOMY) as client:
        with the_flood.heard_by(client):
            await open_socket(client, "/room")
            await speak(client, b"message of %d" % visit.number)
            client.reset()


@kind(10)
async def member_leaves_while_others_send(visit: Visit) -> None:
    async with visit.connect() as client:
        await open_socket(client, "/room")
        await client.send(frame(TEXT, b"never read") * 20)


@kind(1)
async def slow_reader_is_dropped(visit: Visit) -> None:
    """It reads nothing while another one floods: 1013, and nobody else notices."""
    async with one_at_a_time, visit.connect(TIGHT) as slow, visit.connect(ROOMY) as other:
        await open_socket(slow, "/room")
        await open_socket(other, "/room")
        # While its event loop is held up, what is sent becomes one burst, and who takes that is not behind.
        for _ in range(5):
            await flood(other, STEPS)
            if await was_dropped(slow):
                break
        else:
            raise Unexpected("expected a close with 1013 after one of 5 floods, found every message")
        await close_cleanly(other, after_messages=True)


@kind(1)
async def slow_reader_resets(visit: Visit) -> None:
    async with one_at_a_time, visit.connect(4096) as slow, visit.connect(ROOMY) as other:
        await open_socket(slow, "/room")
        await open_socket(other, "/room")
        await flood(other, STEPS // 4)
        slow.reset()
        await close_cleanly(other, after_messages=True)
