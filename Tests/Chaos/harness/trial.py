"""One run: clients and faults for a while, then a quiet end at which everything must be right."""

import asyncio
import contextlib
import time
from typing import AsyncIterator, Coroutine

from .events import AtEnd, Hung, MayLose, Present, Stuck
from .faults import Fault, last
from .law import LAWS
from .node import Node
from .observer import FAILURES, Observer
from .publisher import Publisher, SocketPublisher
from .reader import Reader
from .watch import watch
from .ways import WAYS, Door, read_once

ROOM = "tea"
# Messages at the end, each of which all who are connected must get.
FINAL_MESSAGES = 10
# Seconds in which the last messages are posted; in which a member who is gone leaves: PresenceOptions of the room under test, and the lease of a node.
LAST_POST, GRACE, LEASE = 120, 2, 15


class Trial:
    def __init__(self, observer: Observer, seconds: float, faults: list[type[Fault]], readers: int = 10, publishers: int = 4,
                 rate: float = 5, ways: list[str] | None = None, is_lossless: bool = False,
                 sought: tuple[str, ...] = tuple(LAWS), lease: float = LEASE,
                 posts: int = 0):
        self.observer, self.seconds, self.faults = observer, seconds, faults
        # Those that are left of a round in which each comes once, and those that have not come yet.
        self.round, self.missing = [], set(faults)
        # The laws of which a broken one ends the run.
        self.sought = sought
        self.lease = lease
        # How many are acknowledged at least before the quiet end, however slow the machine is.
        self.posts = posts
        # Whether the store claims that no fault loses anything: then none explains a gap.
        self.is_lossless = is_lossless
        ways = ways or list(WAYS)
        # Two readers share a name: it is here as long as one of them is.
        self.readers = [Reader(f"reader-{number}", f"member-{max(number, 1)}", ROOM, observer, ways)
                        for number in range(readers)]
        self.publishers = [Publisher(f"publisher-{number}", ROOM, observer, rate) for number in range(publishers)]
        if "socket" in ways:
            self.publishers += [SocketPublisher(f"speaker-{number}", ROOM, observer, rate) for number in range(2)]
        self.editor = Publisher("end", ROOM, observer, rate, LAST_POST)
        self.ways = ways
        self.rng = observer.random("faults")

    @property
    def nodes(self) -> list[Node]:
        return self.observer.cluster.nodes

    async def run(self) -> None:
        """Returns at the end, or as soon as one of the sought laws is broken."""
        async with running(watch(self.observer)):
            await self.unless_broken(self.disturb())
            await self.unless_broken(self.settle())
        self.observer.counts["stalls of nodes"] = sum(node.clock.stall_count for node in self.nodes)
        self.observer.checker.finish()

    async def unless_broken(self, work: Coroutine) -> None:
        async def until_broken() -> None:
            while not self.is_over:
                await asyncio.sleep(0.05)

        if self.is_over:
            return work.close()
        tasks = [asyncio.create_task(work), asyncio.create_task(until_broken())]
        done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        for task in done:
            task.result()

    @property
    def is_over(self) -> bool:
        return any(broken.law in self.sought for broken in self.observer.checker.found)

    # MARK: The disturbed part

    async def disturb(self) -> None:
        async with running(*(reader.roam() for reader in self.readers),
                           *(publisher.publish() for publisher in self.publishers)):
            await self.play_faults(time.monotonic() + self.seconds)
            await asyncio.gather(*(publisher.finish() for publisher in self.publishers))

    async def play_faults(self, end: float) -> None:
        """Lets one come after the other up to a time, and each once and all posts however long that takes."""
        begun = time.monotonic()
        while self.missing or time.monotonic() < end or self.observer.counts["posts acknowledged"] < self.posts:
            await asyncio.sleep(self.rng.uniform(0.5, 5))
            if not self.faults:
                continue
            fault = self.drawn()(self.observer.cluster, self.rng)
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

    def drawn(self) -> type[Fault]:
        self.round = self.round or self.rng.sample(self.faults, len(self.faults))
        kind = self.round.pop()
        self.missing.discard(kind)
        return kind

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
        return reader.hold(self.node_of(reader), self.ways[self.readers.index(reader) % len(self.ways)])

    def node_of(self, reader: Reader) -> Node:
        """Each way is at each node, as far as there are readers."""
        number = self.readers.index(reader)
        return self.nodes[(number + number // len(self.ways)) % len(self.nodes)]

    async def all_connected(self) -> None:
        await self.each("a connection", *(reader.is_connected.wait() for reader in self.readers))

    async def final_message(self) -> None:
        if posted := await self.editor.post():
            await self.each(repr(posted[0]), *(reader.come_to(*posted) for reader in self.readers))
        else:
            self.observer.tell(Hung(self.editor.name, "a POST at any node", LAST_POST))

    async def each(self, expected: str, *waits: Coroutine) -> None:
        """Waits for all readers; those for whom it does not come in the time of their node are stuck."""
        async def within_limit(reader: Reader, wait: Coroutine) -> None:
            try:
                async with self.node_of(reader).clock.limit(4 * self.observer.limit):
                    await wait
            except TimeoutError:
                self.observer.tell(Stuck(reader.name, expected))

        await asyncio.gather(*map(within_limit, self.readers, waits))

    async def check_presence(self, readers: list[Reader]) -> None:
        expected = tuple(sorted({reader.member for reader in readers}))
        begun, seconds = time.monotonic(), GRACE + self.lease + self.observer.limit
        for node in self.nodes:
            # Any node may be the one that finds a member gone: each has its time.
            while ((found := await self.here(node)) != expected
                   and any(other.clock.since(begun) < seconds for other in self.nodes)):
                await asyncio.sleep(0.2)
            self.observer.tell(Present(node.name, found, expected))

    async def here(self, node: Node) -> tuple[str, ...]:
        door = Door(node.address, ROOM, None, lambda: None)
        with contextlib.suppress(*FAILURES):
            async with self.observer.patience(node):
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
