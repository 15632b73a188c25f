"""A network between a node and its engine, which a fault makes a bad one."""

import asyncio
import contextlib

from .disturbance import NEXT_LOOK, Disturbance


class Proxy:
    """Passes bytes on to a port of 127.0.0.1, which may change."""

    def __init__(self, port: int):
        self.target = port
        self.disturbance = Disturbance(aftermath=NEXT_LOOK)
        self.delay = 0.0
        self.is_cut = False
        self.flows = asyncio.Event()
        self.flows.set()
        self.writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]

    async def serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        self.writers.add(to_client)
        try:
            if self.is_cut:
                return
            engine, to_engine = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            return
        else:
            self.writers.add(to_engine)
            await asyncio.gather(self.copy(client, to_engine, to_client), self.copy(engine, to_client, to_engine))
            self.writers.discard(to_engine)
        finally:
            to_client.transport.abort()
            self.writers.discard(to_client)

    async def copy(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, back: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                await self.flows.wait()
                if self.delay:
                    await asyncio.sleep(self.delay)
                sink.write(data)
                await sink.drain()
        # Both ways end together: a half of a connection is of no use to a client of Redis.
        for writer in (sink, back):
            writer.transport.abort()

    # MARK: Faults

    def cut(self) -> None:
        """What is connected ends, and nobody gets through until `mend`."""
        self.is_cut = True
        self.end_all()

    def end_all(self) -> None:
        for writer in list(self.writers):
            writer.transport.abort()

    def stall(self) -> None:
        """Nothing passes, and nobody is told, until `mend`."""
        self.flows.clear()

    def mend(self) -> None:
        self.is_cut, self.delay = False, 0.0
        self.flows.set()

    def switch(self, port: int) -> None:
        """Leads to another port from now on."""
        self.target = port
        self.end_all()

    def stop(self) -> None:
        self.server.close()
        self.end_all()
