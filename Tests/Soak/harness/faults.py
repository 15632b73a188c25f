"""Breaches of the protocol, each with the close code that answers it (RFC 6455 §7.4.1)."""

import struct

from .frames import BINARY, CONTINUATION, MASK, PING, PONG, RSV1, RSV2, RSV3, TEXT, frame
from .kinds import Visit, kind, open_socket

LIMIT = 16 << 20  # of a message, in TestServer


async def expect_refusal(visit: Visit, code: int, *frames: bytes, path: str = "/echo", **fields: str) -> None:
    async with visit.connect() as client:
        await open_socket(client, path, **fields)
        await client.send(*frames)
        await client.expect_close(code)


@kind(15)
async def unmasked_frame(visit: Visit) -> None:
    """RFC 6455 §5.1: a server must close then."""
    await expect_refusal(visit, 1002, frame(TEXT, b"bare", masked=False))


@kind(15)
async def reserved_bits(visit: Visit) -> None:
    bits = visit.random.choice([RSV2, RSV3, RSV2 | RSV3, RSV1 | RSV2])
    await expect_refusal(visit, 1002, frame(TEXT, b"reserved", reserved=bits))


@kind(10)
async def compressed_without_agreement(visit: Visit) -> None:
    await expect_refusal(visit, 1002, frame(TEXT, b"compressed?", reserved=RSV1),
                         path=visit.random.choice(["/echo", "/plain"]))


@kind(15)
async def unknown_opcode(visit: Visit) -> None:
    await expect_refusal(visit, 1002, frame(visit.random.choice([3, 4, 5, 6, 7, 11, 12, 13, 14, 15])))


@kind(15)
async def text_that_is_not_utf8(visit: Visit) -> None:
    bad = visit.random.choice([b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"cut \xe2\x82"])
    await expect_refusal(visit, 1007, frame(TEXT, visit.text(visit.random.choice([0, 300])) + bad))


@kind(10)
async def fragments_that_are_not_utf8(visit: Visit) -> None:
    """RFC 6455 §8.1; it may be refused before the message is whole."""
    await expect_refusal(visit, 1007, frame(TEXT, "κόσμε".encode() + b"\xf4", final=False),
                         frame(CONTINUATION, b"\x90\x80\x80", final=False))


@kind(15)
async def oversize_header(visit: Visit) -> None:
    """Refused from its header: nobody waits for the bytes."""
    await expect_refusal(visit, 1009, frame(BINARY, announced=LIMIT + visit.random.choice([1, 1 << 32])))


@kind(10)
async def oversize_in_fragments(visit: Visit) -> None:
    await expect_refusal(visit, 1009, frame(BINARY, b"first", final=False), frame(CONTINUATION, announced=LIMIT))


@kind(10)
async def continuation_without_a_start(visit: Visit) -> None:
    await expect_refusal(visit, 1002, frame(CONTINUATION, b"of what?"))


@kind(10)
async def message_inside_a_message(visit: Visit) -> None:
    await expect_refusal(visit, 1002, frame(TEXT, b"not yet", final=False), frame(TEXT, b"over"))


@kind(5)
async def fragmented_ping(visit: Visit) -> None:
    await expect_refusal(visit, 1002, frame(PING, final=False))


@kind(5)
async def long_ping(visit: Visit) -> None:
    await expect_refusal(visit, 1002, frame(PING, bytes(126)))


@kind(5)
async def length_in_too_many_bytes(visit: Visit) -> None:
    """RFC 6455 §5.2: the minimal number of bytes must be used."""
    long = visit.random.choice([struct.pack("!BBH", 0x82, 0xFE, 5), struct.pack("!BBQ", 0x82, 0xFF, 300)])
    await expect_refusal(visit, 1002, long + MASK + bytes(300))


@kind(5)
async def negative_length(visit: Visit) -> None:
    """RFC 6455 §5.2: the most significant bit of a 64-bit length must be 0."""
    await expect_refusal(visit, 1002, struct.pack("!BBQ", 0x82, 0xFF, 1 << 63 | 5) + MASK)


@kind(15)
async def flood_of_pings(visit: Visit) -> None:
    """More than 10 in a second; those within it are answered."""
    async with visit.connect() as client:
        await open_socket(client)
        await client.send(*(frame(PING, b"%d" % number) for number in range(50)))
        for number in range(10):
            await client.expect(PONG, b"%d" % number)
        await client.expect_close(1008, answer=True)


@kind(1)
async def too_many_fragments(visit: Visit) -> None:
    await expect_refusal(visit, 1008, frame(BINARY, final=False), frame(CONTINUATION, final=False) * 131_072)


@kind(5)
async def echo_before_a_fault(visit: Visit) -> None:
    """What came whole before the fault is answered, and nothing after it."""
    async with visit.connect() as client:
        await open_socket(client)
        await client.send(frame(TEXT, b"good"), frame(3), frame(TEXT, b"late"))
        await client.expect(TEXT, b"good")
        await client.expect_close(1002)
