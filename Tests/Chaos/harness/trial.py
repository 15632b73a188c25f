"""One run: clients and faults for a while, then a quiet end at which everything must be right."""

import asyncio
import contextlib
import time
from typing import AsyncIterator, Coroutine

from .events import AtEnd, MayLose, Present, Stuck
from .faults import Fault, last
from .observer import FAILURES, Observer
from .publisher import Publisher, SocketPublisher
from .reader import Reader
from .ways import WAYS, Door, read_once

ROOM = "tea"
# Messages at the end, each of which all who are connected must get.
FINAL_MESSAGES = 3
# Seconds in which a member who is gone leaves: PresenceOptions of the room under test, and the lease of a node.
GRACE, LEASE = 2, 15


class Trial:
    def __init__(self, observer: Observer, seconds: float, faults: list[type[Fault]], readers: int = 10, publishers: int = 4,
                 rate: float = 5, ways: list[str] | None = None, is_lossless: bool = False):
        self.observer, self.seconds, self.faults = observer, seconds, faults
        # Whether the store claims that no fault loses anything: then none explains a gap.
        self.is_lossless = is_lossless
        ways = ways or list(WAYS)
        # Two readers share a name: it is here as long as one of them is.
        self.readers = [Reader(f"reader-{number}", f"member-{max(number, 1)}", ROOM, observer, ways)
                        for number in range(readers)]
        self.publishers = [Publisher(f"publisher-{number}", ROOM, observer, rate) for number in range(publishers)]
        if "socket" in ways:
            self.publishers += [SocketPublisher(f"speaker-{number}", ROOM, observer, rate) for number in range(2)]
        self.editor = Publisher("end", ROOM, observer, rate)
        self.ways = ways
        self.rng = observer.random("faults")

    @property
    def nodes(self):
        return self.observer.cluster.nodes

    async def run(self) -> None:
        """Returns at the end, or as soon as a law is broken."""
        async with running(self.observer.patience.watch()):
            await self.unless_broken(self.disturb())
            await self.unless_broken(self.settle())
        self.observer.checker.finish()

    async def unless_broken(self, work: Coroutine) -> None:
        async def until_broken() -> None:
            while not self.observer.checker.broken:
                await asyncio.sleep(0.05)

        if self.observer.checker.broken:
            return work.close()
        tasks = [asyncio.create_task(work), asyncio.create_task(until_broken())]
        done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        for task in done:
            task.result()

    # MARK: The disturbed part

    async def disturb(self) -> None:
        async with running(*(reader.roam() for reader in self.readers),
                           *(publisher.publish() for publisher in self.publishers)):
            await self.play_faults(time.monotonic() + self.seconds)

    async def play_faults(self, end: float) -> None:
        begun = time.monotonic()
        while (left := end - time.monotonic()) > 0:
            await asyncio.sleep(min(left, self.rng.uniform(0.5, 5)))
            if not self.faults or time.monotonic() >= end:
                continue
            fault = self.rng.choice(self.faults)(self.observer.cluster, self.rng)
            if fault.may_lose and not self.is_lossless:
                self.observer.tell(MayLose(fault.name))
            self.observer.counts["faults"] += 1
            since = time.monotonic() - begun
            target = await fault.start()
            try:
                await last(fault)
            finally:
                # What stands still or is gone would keep the run from its end.
                await fault.stop()
            seconds = time.monotonic() - begun - since
            self.observer.say(f"  {since:6.1f} s  {fault.name:15} {target}, {seconds:.1f} s")

    # MARK: The quiet end

    async def settle(self) -> None:
        """Everybody is connected and stays so, gets the last messages, and is here; then half of them leave."""
        stay, leave = self.readers[::2], self.readers[1::2]
        async with running(*map(self.hold, stay)):
            async with running(*map(self.hold, leave)):
                await self.all_connected()
                for _ in range(FINAL_MESSAGES):
                    await self.final_message()
                for reader in self.readers:
                    self.observer.tell(AtEnd(reader.name))
                await self.check_presence(self.readers)
            await self.check_presence(stay)

    def hold(self, reader: Reader) -> Coroutine:
        number = self.readers.index(reader)
        # Each way at each node, as far as there are readers.
        way = self.ways[number % len(self.ways)]
        return reader.hold(self.nodes[(number + number // len(self.ways)) % len(self.nodes)], way)

    async def all_connected(self) -> None:
        await self.each("a connection", *(reader.is_connected.wait() for reader in self.readers))

    async def final_message(self) -> None:
        posted = await self.editor.post()
        if posted:
            await self.each(repr(posted[0]), *(reader.come_to(*posted) for reader in self.readers))

    async def each(self, expected: str, *waits: Coroutine) -> None:
        """Waits for all readers; those for whom it does not come in time are stuck."""
        tasks = [asyncio.create_task(wait) for wait in waits]
        await asyncio.wait(tasks, timeout=4 * self.observer.patience.limit)
        for reader, task in zip(self.readers, tasks):
            if not task.done():
                task.cancel()
                self.observer.tell(Stuck(reader.name, expected))

    async def check_presence(self, readers: list[Reader]) -> None:
        expected = tuple(sorted({reader.member for reader in readers}))
        end = time.monotonic() + GRACE + LEASE + self.observer.patience.limit
        for node in self.nodes:
            while (found := await self.here(node)) != expected and time.monotonic() < end:
                await asyncio.sleep(0.2)
            self.observer.tell(Present(node.name, found, expected))

    async def here(self, node) -> tuple[str, ...]:
        door = Door(node.address, ROOM, None, lambda: None)
        with contextlib.suppress(*FAILURES):
            async for item in read_once(door, here=1):
                if "here" in item:
                    return tuple(sorted(item["here"]))
        return ()


@contextlib.asynccontextmanager
async def running(*work: Coroutine) -> AsyncIterator[None]:
    """Has tasks run inside, and ends them on the way out; an error of one of them is an error here."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(each) for each in work]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
