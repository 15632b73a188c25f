"""Connections that end without a close frame: with a RST, with a FIN, in the middle of something."""

from .frames import BINARY, PING, PONG, TEXT, frame
from .kinds import Visit, kind, open_socket


@kind(30)
async def reset_at_once(visit: Visit) -> None:
    async with visit.connect() as client:
        client.reset()


@kind(20)
async def leave_at_once(visit: Visit) -> None:
    async with visit.connect():
        pass


@kind(20)
async def reset_in_the_handshake(visit: Visit) -> None:
    async with visit.connect() as client:
        request = client.request("/echo")
        await client.send(request[:visit.random.randrange(1, len(request))])
        client.reset()


@kind(10)
async def finish_in_the_handshake(visit: Visit) -> None:
    async with visit.connect() as client:
        request = client.request("/echo")
        await client.send(request[:visit.random.randrange(1, len(request))])
        client.finish_sending()
        await client.wait_for_end()


@kind(20)
async def reset_before_the_answer(visit: Visit) -> None:
    async with visit.connect() as client:
        await client.send(client.request(visit.random.choice(["/echo", "/room"])))
        client.reset()


@kind(20)
async def finish_before_the_answer(visit: Visit) -> None:
    async with visit.connect() as client:
        await client.send(client.request(visit.random.choice(["/echo", "/room"])))
        client.finish_sending()
        await client.wait_for_end()


@kind(30)
async def reset_after_the_handshake(visit: Visit) -> None:
    async with visit.connect() as client:
        await open_socket(client, visit.random.choice(["/echo", "/room"]))
        client.reset()


@kind(30)
async def reset_in_a_message(visit: Visit) -> None:
    async with visit.connect() as client:
        await open_socket(client)
        message = frame(TEXT, visit.text(visit.random.choice([100, 100_000])))
        await client.send(message[:visit.random.randrange(1, len(message))])
        client.reset()


@kind(20)
async def reset_between_fragments(visit: Visit) -> None:
    async with visit.connect() as client:
        await open_socket(client)
        await client.send(frame(TEXT, visit.text(5000), final=False), frame(PING))
        await client.expect(PONG, b"")
        client.reset()


@kind(5)
async def reset_while_the_server_sends(visit: Visit) -> None:
    async with visit.connect(receive_buffer=4096) as client:
        await open_socket(client)
        await client.send(frame(BINARY, visit.text(1 << 20)))
        await client.receive()
        client.reset()


@kind(30)
async def finish_after_an_echo(visit: Visit) -> None:
    """A half-close: the server has nothing more to say, and closes."""
    async with visit.connect() as client:
        await open_socket(client)
        await client.send(frame(TEXT, b"the last message"))
        await client.expect(TEXT, b"the last message")
        client.finish_sending()
        await client.expect_end()


@kind(10)
async def finish_before_an_echo(visit: Visit) -> None:
    async with visit.connect() as client:
        await open_socket(client)
        await client.send(frame(BINARY, visit.text(200_000)))
        client.finish_sending()
        await client.wait_for_end()


@kind(20)
async def finish_in_a_frame(visit: Visit) -> None:
    async with visit.connect() as client:
        await open_socket(client)
        message = frame(TEXT, visit.text(2000))
        await client.send(message[:visit.random.randrange(1, len(message))])
        client.finish_sending()
        await client.expect_end()


@kind(20)
async def leave_after_a_ping(visit: Visit) -> None:
    async with visit.connect() as client:
        await open_socket(client)
        await client.send(frame(PING, b"still there?"))


@kind(5)
async def leave_before_a_big_echo(visit: Visit) -> None:
    async with visit.connect() as client:
        await open_socket(client)
        await client.send(frame(BINARY, visit.text(1 << 20)))


@kind(5)
async def leave_with_many_messages_unanswered(visit: Visit) -> None:
    """More than wait in the inbox, so that the socket is not read any more when the client leaves."""
    async with visit.connect() as client:
        await open_socket(client)
        await client.send(frame(TEXT, b"one of many") * 5000)
