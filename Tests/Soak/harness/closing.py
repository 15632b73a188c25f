"""Sockets that are closed with a close frame, good or bad (RFC 6455 §5.5.1, §7)."""

from .frames import BINARY, TEXT, close_frame, frame
from .kinds import Visit, close_cleanly, kind, open_socket


@kind(70)
async def clean_close(visit: Visit) -> None:
    async with visit.connect() as client:
        await open_socket(client)
        for _ in range(visit.random.randrange(4)):
            message = visit.text(visit.random.choice([0, 5, 125, 126, 3000, 70_000]))
            await client.send(frame(BINARY, message))
            await client.expect(BINARY, message)
        await close_cleanly(client)


@kind(20)
async def close_without_a_code(visit: Visit) -> None:
    async with visit.connect() as client:
        await open_socket(client)
        await client.send(close_frame())
        await client.expect_close(None)


@kind(20)
async def close_with_a_private_code(visit: Visit) -> None:
    async with visit.connect() as client:
        await open_socket(client)
        code = visit.random.randrange(3000, 5000)
        await client.send(close_frame(code, "auf Wiederhören".encode()))
        await client.expect_close(code)


@kind(20)
async def close_with_a_bad_code(visit: Visit) -> None:
    async with visit.connect() as client:
        await open_socket(client)
        await client.send(close_frame(visit.random.choice([0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 65535])))
        await client.expect_close(1002)


@kind(5)
async def close_with_half_a_code(visit: Visit) -> None:
    async with visit.connect() as client:
        await open_socket(client)
        await client.send(frame(8, b"\x03"))
        await client.expect_close(1002)


@kind(10)
async def close_with_a_reason_that_is_not_text(visit: Visit) -> None:
    async with visit.connect() as client:
        await open_socket(client)
        await client.send(close_frame(1000, b"\xff\xfe"))
        await client.expect_close(1007)


@kind(20)
async def message_and_close_in_one_packet(visit: Visit) -> None:
    """What came whole before the close is answered."""
    async with visit.connect() as client:
        await open_socket(client)
        message = visit.text(200)
        await client.send(frame(TEXT, message), close_frame(1001))
        await client.expect(TEXT, message)
        await client.expect_close(1001)


@kind(10)
async def frames_behind_the_close(visit: Visit) -> None:
    """RFC 6455 §5.5.1: nothing follows a close frame, and what does is thrown away."""
    async with visit.connect() as client:
        await open_socket(client)
        await client.send(close_frame(1000), frame(TEXT, b"late"), frame(9, b"late"))
        await client.expect_close(1000)


@kind(20)
async def close_and_leave_at_once(visit: Visit) -> None:
    async with visit.connect() as client:
        await open_socket(client)
        await client.send(close_frame(1000))


@kind(20)
async def close_and_reset_at_once(visit: Visit) -> None:
    async with visit.connect() as client:
        await open_socket(client)
        await client.send(frame(TEXT, b"a message"), close_frame(1000))
        client.reset()


@kind(10)
async def close_and_finish_sending(visit: Visit) -> None:
    async with visit.connect() as client:
        await open_socket(client)
        await client.send(close_frame(1000))
        client.finish_sending()
        await client.expect_close(1000)
