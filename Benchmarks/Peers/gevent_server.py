"""gevent_server.py PORT: gevent-websocket, an echo at /echo and a room at /room. It knows no compression."""

import sys
from typing import Any, Callable

from gevent.pywsgi import WSGIServer
from geventwebsocket.handler import WebSocketHandler
from geventwebsocket.websocket import WebSocket

members: set[WebSocket] = set()


def application(environ: dict[str, Any], start_response: Callable) -> list[bytes]:
    socket = environ["wsgi.websocket"]
    if environ["PATH_INFO"] == "/room":
        members.add(socket)
        try:
            serve(socket, broadcast)
        finally:
            members.discard(socket)
    else:
        serve(socket, socket.send)
    return []


def serve(socket: WebSocket, answer: Callable[[str | bytearray], None]) -> None:
    while (message := socket.receive()) is not None:
        answer(message)


def broadcast(message: str | bytearray) -> None:
    for member in list(members):
        member.send(message)


WSGIServer(("127.0.0.1", int(sys.argv[1])), application, handler_class=WebSocketHandler, backlog=1024,
           log=None).serve_forever()
