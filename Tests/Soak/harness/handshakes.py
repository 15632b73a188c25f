"""Handshakes that are refused, broken, or in a hurry (RFC 6455 §4.2, RFC 9112)."""

import asyncio

from .client import Client
from .frames import TEXT, Unexpected, frame
from .kinds import Visit, close_cleanly, kind, open_socket


@kind(15)
async def garbage(visit: Visit) -> None:
    async with visit.connect() as client:
        await client.send(visit.random.choice([
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + visit.random.randbytes(500),  # TLS
            b"SSH-2.0-OpenSSH_9.2p1\r\n\r\n", b"\0" * 100 + b"\r\n\r\n", b"GET\r\n\r\n",
            b"GET /echo HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            visit.random.randbytes(300) + b"\r\n\r\n",
        ]))
        client.finish_sending()
        await client.expect_status(400)
        await client.expect_end()


@kind(10)
async def random_bytes_and_reset(visit: Visit) -> None:
    async with visit.connect() as client:
        await client.send(visit.random.randbytes(visit.random.randrange(1, 2000)))
        client.reset()


@kind(20)
async def foreign_origin(visit: Visit) -> None:
    async with visit.connect() as client:
        await client.send(client.request("/echo", origin="http://elsewhere.example"))
        await client.expect_status(403)


@kind(15)
async def wrong_version(visit: Visit) -> None:
    """RFC 6455 §4.4: the answer says which version is understood."""
    async with visit.connect() as client:
        await client.send(client.request("/echo", sec_websocket_version=visit.random.choice(["0", "8", "12", "14"])))
        fields = await client.expect_status(426)
        if fields.get(b"sec-websocket-version") != b"13":
            raise Unexpected(f"expected Sec-WebSocket-Version: 13, found {fields}")


@kind(10)
async def key_missing_or_short(visit: Visit) -> None:
    async with visit.connect() as client:
        await client.send(visit.random.choice([client.request("/echo", without="sec-websocket-key"),
                                               client.request("/echo", sec_websocket_key="c2hvcnQ=")]))
        await client.expect_status(400)


@kind(10)
async def header_too_large(visit: Visit) -> None:
    async with visit.connect() as client:
        await client.send(client.request("/echo", x_large="x" * 17_000))
        await client.expect_status(431)


@kind(15)
async def refused_and_then_accepted(visit: Visit) -> None:
    """A refusal is an ordinary answer: the connection goes on."""
    async with visit.connect() as client:
        await client.send(client.request("/echo", origin="http://elsewhere.example"))
        await client.expect_status(403)
        await client.send(client.request("/nowhere"))
        await client.expect_status(404)
        await open_socket(client)
        await close_cleanly(client)


@kind(10)
async def http_before_the_handshake(visit: Visit) -> None:
    async with visit.connect() as client:
        await client.send(client.request("/state", without="upgrade", connection="keep-alive"))
        await client.expect_status(200)
        await open_socket(client, origin=f"http://127.0.0.1:{client.port}")
        await close_cleanly(client)


@kind(20)
async def frames_right_behind_the_handshake(visit: Visit) -> None:
    async with visit.connect() as client:
        messages = [visit.text(length) for length in (3, 300, 30)]
        await client.send(client.request("/echo"), *(frame(TEXT, message) for message in messages))
        await client.expect_status(101)
        for message in messages:
            await client.expect(TEXT, message)
        await close_cleanly(client)


@kind(5)
async def fault_right_behind_the_handshake(visit: Visit) -> None:
    async with visit.connect() as client:
        await client.send(client.request("/echo"), frame(TEXT, b"\xff"))
        await client.expect_status(101)
        await client.expect_close(1007)


@kind(10)
async def handshake_and_frame_in_pieces(visit: Visit) -> None:
    async with visit.connect() as client:
        await send_in_pieces(client, client.request("/echo"), 60)
        await client.expect_status(101)
        message = visit.text(50)
        await send_in_pieces(client, frame(TEXT, message), 7)
        await client.expect(TEXT, message)
        await close_cleanly(client)


async def send_in_pieces(client: Client, data: bytes, size: int) -> None:
    for start in range(0, len(data), size):
        await client.send(data[start:start + size])
        # Other visits' turn, and the server's.
        await asyncio.sleep(0)
