"""One of the servers under test, as clients and faults see it."""

import asyncio
import os
import re
import signal
import time
from pathlib import Path

from .clock import Clock
from .disturbance import Disturbance
from .http import HTTPError, request

# Seconds for a start and a stop on a busy machine; the server itself allows 10 for a stop.
PATIENCE = 90


class NodeError(Exception):
    pass


class Node:
    """An address, with what excuses it from answering there."""

    def __init__(self, name: str, address: str = ""):
        self.name, self.address = name, address
        # That of the node itself excuses silence; those of its engine and of the way to that excuse only a refusal.
        self.disturbance = Disturbance()
        self.upstream: list[Disturbance | Clock] = []
        self.clock = Clock(self.ask)

    async def ask(self) -> None:
        """Returns once it has answered something that is no business of a room's."""
        async with request(f"{self.address}/state") as response:
            await response.body()
        if response.status != 200:
            raise HTTPError(f"expected 200, found {response.status}")

    @property
    def is_disturbed(self) -> bool:
        return self.excuses_silence(time.monotonic())

    def excuses_silence(self, since: float) -> bool:
        return self.disturbance.was_active(since, self.clock)

    def excuses_refusal(self, since: float) -> bool:
        """Whether a fault explains one, or a process that the machine held up while another one waited for it."""
        return self.excuses_silence(since) or any(
            each.was_active(since, self.clock) for each in [self.clock, *self.upstream])


class ServerNode(Node):
    """The TestServer program, whose port stays the same over restarts."""

    def __init__(self, name: str, binary: str, store: str, logs: Path, environment: dict[str, str] | None = None):
        super().__init__(name)
        self.binary, self.log = binary, logs / f"{name}.log"
        self.environment = os.environ | {"STORE": store} | (environment or {})
        self.port = 0

    async def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                self.binary, str(self.port), env=self.environment, stdout=asyncio.subprocess.PIPE, stderr=log)
        async with asyncio.timeout(PATIENCE):
            line = (await self.process.stdout.readline()).decode()
        address = re.search(r"http://[^\s/]+:(\d+)", line)
        if not address:
            raise NodeError(f"{self.name}: expected the server's address, found {line!r}; its log is {self.log}")
        self.address, self.port = address[0], int(address[1])
        self.clock.start()
        # Somebody has to read on, or the server would wait.
        self.output = asyncio.create_task(self.process.stdout.read())

    @property
    def has_ended(self) -> bool:
        return self.process.returncode is not None

    async def kill(self) -> None:
        if not self.has_ended:
            self.process.kill()
        await self.process.wait()

    async def terminate(self) -> None:
        """Stops it as an administrator would."""
        if not self.has_ended:
            self.process.terminate()
        try:
            async with asyncio.timeout(PATIENCE):
                await self.process.wait()
        except TimeoutError:
            raise NodeError(f"{self.name} did not end after SIGTERM; its log is {self.log}") from None

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)
