"""A real redis-server in a folder of its own."""

import asyncio
import contextlib
import shutil
import signal
import socket
from pathlib import Path

from .disturbance import NEXT_LOOK, Disturbance

# Seconds for a start and a reply on a busy machine.
PATIENCE = 90


class RedisError(OSError):
    pass


async def command(port: int, *words: str) -> str:
    """Sends an inline command; returns the first line of the reply, without its type."""
    async with asyncio.timeout(PATIENCE):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(" ".join(words).encode() + b"\r\n")
            line = (await reader.readline()).decode().rstrip("\r\n")
        finally:
            writer.transport.abort()
    if not line or line.startswith("-"):
        raise RedisError(f"the Redis at {port}: expected a reply to {' '.join(words)}, found {line!r}")
    return line[1:]


class Redis:
    def __init__(self, name: str, folder: Path, sync: str):
        self.name, self.folder, self.sync = name, folder, sync
        self.disturbance = Disturbance(aftermath=NEXT_LOOK)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]

    async def start(self, replica_of: int | None = None) -> None:
        """Starts it on the data of its folder, or as a replica, and returns once it answers."""
        if replica_of is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        options = {"port": self.port, "bind": "127.0.0.1", "dir": self.folder, "save": "", "appendonly": "yes",
                   "appendfsync": self.sync, "enable-debug-command": "yes", "repl-diskless-sync-delay": 0}
        if replica_of is not None:
            options["replicaof"] = f"127.0.0.1 {replica_of}"
        words = [word for name, value in options.items() for word in (f"--{name}", *(str(value).split(" ")))]
        with (self.folder.parent / f"{self.name}.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec("redis-server", *words, stdout=log, stderr=log)
        async with asyncio.timeout(PATIENCE):
            while not await self.answers():
                if self.process.returncode is not None:
                    raise RedisError(f"{self.name} ended with {self.process.returncode}; its log is {log.name}")
                await asyncio.sleep(0.05)

    async def answers(self) -> bool:
        try:
            return await self.command("PING") == "PONG"
        except OSError:
            return False

    async def command(self, *words: str) -> str:
        return await command(self.port, *words)

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    async def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()
