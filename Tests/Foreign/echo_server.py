"""A foreign WebSocket server for our client, on Python's `websockets`.

    echo_server.py

It prints its port. /echo sends every message back, /subprotocol says what was agreed, /close closes with 4001, /ping
pings and says "pong" when it was answered, and every other path is refused with 404.
"""

import asyncio
import http

from websockets.asyncio.server import serve
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory

PATHS = {"/echo", "/subprotocol", "/close", "/ping"}


async def handler(socket):
    path = socket.request.path
    if path == "/subprotocol":
        await socket.send(socket.subprotocol or "none")
    elif path == "/close":
        await socket.close(4001, "enough")
    elif path == "/ping":
        await (await socket.ping(b"are you there?"))
        await socket.send("pong")
    else:
        async for message in socket:
            await socket.send(message)


def refuse_unknown(connection, request):
    if request.path not in PATHS:
        return connection.respond(http.HTTPStatus.NOT_FOUND, "nothing here\n")


def choose_subprotocol(connection, offered):
    return "chat" if "chat" in offered else None


async def main():
    # It asks for the smallest window that it can have of a client, and gives one of its own.
    deflate = ServerPerMessageDeflateFactory(server_max_window_bits=10, client_max_window_bits=10)
    async with serve(
        handler, "127.0.0.1", 0, process_request=refuse_unknown, select_subprotocol=choose_subprotocol,
        subprotocols=["chat"], max_size=None, compression=None, ping_interval=None, extensions=[deflate],
    ) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


asyncio.run(main())
