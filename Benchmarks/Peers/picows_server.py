"""picows_server.py PORT [deflate]: an echo at /echo and a room at /room.

picows has two faces: listeners without compression, which are its fast way and do not check text for UTF-8, and
connections in the style of the package websockets, which compress, and always keep their window between messages.
"""

import asyncio
import sys

import picows
import uvloop
from picows.websockets.asyncio.server import ServerConnection, broadcast, serve

MESSAGE_LIMIT = 1 << 20
DATA = (picows.WSMsgType.TEXT, picows.WSMsgType.BINARY)


class Echo(picows.WSListener):
    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        if frame.msg_type in DATA:
            transport.send(frame.msg_type, frame.get_payload_as_memoryview())
        elif frame.msg_type == picows.WSMsgType.CLOSE:
            transport.disconnect()


class Member(picows.WSListener):
    members: set[picows.WSTransport] = set()

    def on_ws_connected(self, transport: picows.WSTransport) -> None:
        self.members.add(transport)

    def on_ws_disconnected(self, transport: picows.WSTransport) -> None:
        self.members.discard(transport)

    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        if frame.msg_type in DATA:
            message = frame.get_payload_as_bytes()
            for member in self.members:
                member.send(frame.msg_type, message)
        elif frame.msg_type == picows.WSMsgType.CLOSE:
            transport.disconnect()


async def serve_listeners(port: int) -> None:
    def listener(request: picows.WSUpgradeRequest) -> picows.WSListener:
        return Member() if request.path == b"/room" else Echo()

    server = await picows.ws_create_server(listener, "127.0.0.1", port, max_frame_size=MESSAGE_LIMIT, backlog=1024)
    await server.serve_forever()


async def serve_connections(port: int) -> None:
    members: set[ServerConnection] = set()

    async def handle(connection: ServerConnection) -> None:
        if connection.request.path != "/room":
            async for message in connection:
                await connection.send(message)
            return
        members.add(connection)
        try:
            async for message in connection:
                broadcast(members, message)
        finally:
            members.discard(connection)

    async with serve(handle, "127.0.0.1", port, max_size=MESSAGE_LIMIT, backlog=1024) as server:
        await server.serve_forever()


uvloop.run((serve_connections if "deflate" in sys.argv[2:] else serve_listeners)(int(sys.argv[1])))
