"""Clients that say nothing more and stay: the server's times end them."""

import asyncio

from .client import Client
from .frames import BINARY, CONTINUATION, PING, Unexpected, close_frame, frame
from .kinds import Visit, open_socket, patient


@patient(5)
async def answered_close_and_stay(visit: Visit) -> None:
    """The closing handshake is through, but the client does not close."""
    async with visit.connect() as client:
        await open_socket(client)
        await client.send(close_frame(1000))
        await client.expect_close(1000)
        await until_reset(client)


@patient(5)
async def fault_and_stay(visit: Visit) -> None:
    async with visit.connect() as client:
        await open_socket(client)
        await client.send(frame(3))
        await client.expect_close(1002)
        await until_reset(client)


@patient(10)
async def unfinished_handshake(visit: Visit) -> None:
    async with visit.connect() as client:
        await client.send(client.request("/echo")[:-2])
        await client.expect_status(408)
        await client.expect_end()


@patient(40)
async def silence(visit: Visit) -> None:
    """A ping after 20 seconds, and the end after 20 more."""
    async with visit.connect() as client:
        await open_socket(client)
        found = await client.frame()
        if not found or found.opcode != PING:
            raise Unexpected(f"expected a ping, found {found}")
        await client.wait_for_end()


@patient(60)
async def endless_message(visit: Visit) -> None:
    """A byte now and then is not silence, but a message has 60 seconds."""
    async with visit.connect() as client:
        await open_socket(client)
        await client.send(frame(BINARY, b"never ", final=False))
        trickle = asyncio.create_task(drip(client))
        try:
            await client.expect_close(1008)
        finally:
            trickle.cancel()


async def until_reset(client: Client) -> None:
    """That the server has closed its socket for good shows when something is sent to it."""
    while True:
        try:
            await client.send(frame(PING))
        except ConnectionError:
            return
        await asyncio.sleep(0.25)


async def drip(client: Client) -> None:
    while True:
        await asyncio.sleep(5)
        await client.send(frame(CONTINUATION, b".", final=False))
