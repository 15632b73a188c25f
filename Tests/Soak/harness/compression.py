"""Compressed messages (RFC 7692), and data that only looks like them."""

import zlib

from .client import Client
from .faults import LIMIT, expect_refusal
from .frames import BINARY, CONTINUATION, RSV1, TEXT, Deflate, Unexpected, frame
from .kinds import Visit, close_cleanly, kind, open_socket

OFFER = "permessage-deflate"
# A raw deflate stream that nothing can follow: its first block has the type that does not exist (RFC 1951 §3.2.3).
CORRUPT = b"\x07\xff\xff\xff\xff"


def zeros(count: int) -> bytes:
    compressor = zlib.compressobj(9, wbits=-15)
    return (compressor.compress(bytes(count)) + compressor.flush(zlib.Z_SYNC_FLUSH))[:-4]


BOMB = zeros(LIMIT + 1)


async def open_compressed(client: Client, path: str, offer: str = OFFER) -> None:
    fields = await open_socket(client, path, sec_websocket_extensions=offer)
    if not fields.get(b"sec-websocket-extensions", b"").startswith(OFFER.encode()):
        raise Unexpected(f"expected {OFFER} to be agreed on, found {fields}")


async def expect_echoes(client: Client, visit: Visit, count: int, keeps_window: bool, window_bits: int = 15) -> None:
    deflate = Deflate(window_bits)
    for _ in range(count):
        message = visit.text(visit.random.choice([600, 2000, 20_000]))
        await client.send(frame(TEXT, deflate.compress(message), reserved=RSV1))
        found = await client.message()
        payload = deflate.decompress(found.payload) if found.is_compressed else found.payload
        if found.opcode != TEXT or payload != message:
            raise Unexpected(f"expected {message[:20]!r}, {found.summary()}")
        if not found.is_compressed or len(found.payload) > len(message):
            raise Unexpected(f"expected a compressed echo of {len(message)} bytes, found {len(found.payload)}")
        if not keeps_window:
            deflate = Deflate(window_bits)


@kind(30)
async def compressed_echo(visit: Visit) -> None:
    async with visit.connect() as client:
        await open_compressed(client, "/echo")
        await expect_echoes(client, visit, 3, keeps_window=False)
        await close_cleanly(client)


@kind(20)
async def compressed_echo_with_takeover(visit: Visit) -> None:
    async with visit.connect() as client:
        await open_compressed(client, "/takeover")
        await expect_echoes(client, visit, 5, keeps_window=True)
        await close_cleanly(client)


@kind(20)
async def reset_with_windows_kept(visit: Visit) -> None:
    async with visit.connect() as client:
        await open_compressed(client, "/takeover")
        await expect_echoes(client, visit, 2, keeps_window=True)
        client.reset()


@kind(10)
async def small_window(visit: Visit) -> None:
    async with visit.connect() as client:
        await open_compressed(client, "/takeover", f"{OFFER}; server_max_window_bits=9; client_max_window_bits=9")
        await expect_echoes(client, visit, 3, keeps_window=True, window_bits=9)
        await close_cleanly(client)


@kind(10)
async def offer_with_an_unknown_parameter(visit: Visit) -> None:
    """RFC 7692 §7.1: such an offer must be declined; the socket opens without compression."""
    async with visit.connect() as client:
        fields = await open_socket(client, sec_websocket_extensions=f"{OFFER}; sparkle=9")
        if b"sec-websocket-extensions" in fields:
            raise Unexpected(f"expected the offer to be declined, found {fields}")
        await client.send(frame(TEXT, b"plain"))
        await client.expect(TEXT, b"plain")
        await close_cleanly(client)


@kind(20)
async def corrupt_deflate_data(visit: Visit) -> None:
    await expect_refusal(visit, 1007, frame(BINARY, CORRUPT, reserved=RSV1),
                         path=visit.random.choice(["/echo", "/takeover"]), sec_websocket_extensions=OFFER)


@kind(10)
async def corrupt_deflate_data_after_good(visit: Visit) -> None:
    async with visit.connect() as client:
        await open_compressed(client, "/takeover")
        await expect_echoes(client, visit, 1, keeps_window=True)
        await client.send(frame(TEXT, CORRUPT, reserved=RSV1))
        await client.expect_close(1007)


@kind(10)
async def compressed_text_that_is_not_utf8(visit: Visit) -> None:
    await expect_refusal(visit, 1007, frame(TEXT, Deflate().compress(visit.text(500) + b"\xff"), reserved=RSV1),
                         sec_websocket_extensions=OFFER)


@kind(3)
async def zip_bomb(visit: Visit) -> None:
    """16 KiB that become one byte more than is allowed."""
    await expect_refusal(visit, 1009, frame(BINARY, BOMB, reserved=RSV1),
                         path=visit.random.choice(["/echo", "/takeover"]), sec_websocket_extensions=OFFER)


@kind(2)
async def reset_in_a_zip_bomb(visit: Visit) -> None:
    """Most of it is inflated by then, and none of it complete."""
    async with visit.connect() as client:
        await open_compressed(client, "/takeover")
        await client.send(frame(BINARY, BOMB[:len(BOMB) // 2], reserved=RSV1, announced=len(BOMB)))
        client.reset()


@kind(10)
async def reset_in_a_compressed_message(visit: Visit) -> None:
    async with visit.connect() as client:
        await open_compressed(client, visit.random.choice(["/echo", "/takeover"]))
        compressed = Deflate().compress(visit.text(20_000))
        half = len(compressed) // 2
        await client.send(frame(TEXT, compressed[:half], final=False, reserved=RSV1),
                          frame(CONTINUATION, compressed[half:-9], final=False))
        client.reset()
