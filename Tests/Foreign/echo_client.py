"""A foreign WebSocket client for our server, on Python's `websockets`.

    echo_client.py URL

It sends messages of every kind and length to an echo, with and without compression, and expects them back.
"""

import asyncio
import random
import sys

from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

OFFERS = [
    None,
    ClientPerMessageDeflateFactory(),
    ClientPerMessageDeflateFactory(client_max_window_bits=True),
    ClientPerMessageDeflateFactory(client_max_window_bits=9, server_max_window_bits=9),
    ClientPerMessageDeflateFactory(server_no_context_takeover=True, client_no_context_takeover=True),
]


def messages():
    dice = random.Random(1)
    yield from ["", b"", "Grüße, 世界 👋", bytes(range(256))]
    for length in [1, 125, 126, 127, 511, 512, 65_535, 65_536, 300_000]:
        yield "".join(dice.choice("abc 世界") for _ in range(length))
        yield dice.randbytes(length)


async def check_echo(url, offer):
    # No times of the client's own: a busy machine may take longer.
    options = {"open_timeout": None, "ping_interval": None, "close_timeout": None, "compression": None,
               "extensions": [offer] if offer else None, "max_size": None}
    async with connect(url, **options) as socket:
        agreed = socket.response.headers.get("Sec-WebSocket-Extensions", "")
        assert agreed.startswith("permessage-deflate") == (offer is not None), agreed
        for message in messages():
            await socket.send(message)
            assert await socket.recv() == message
        # In fragments, and many before the first answer.
        await socket.send(["frag", "men", "ted"])
        assert await socket.recv() == "fragmented"
        for number in range(500):
            await socket.send(str(number))
        for number in range(500):
            assert await socket.recv() == str(number)
        await (await socket.ping())
    assert socket.close_code == 1000, socket.close_code


async def check_refusal(url):
    try:
        await connect(url, origin="http://elsewhere.example", open_timeout=None)
    except InvalidStatus as refusal:
        assert refusal.response.status_code == 403, refusal
    else:
        raise AssertionError("expected 403 for a page of another host")


async def main(url):
    for offer in OFFERS:
        await check_echo(url, offer)
    await check_refusal(url)


asyncio.run(main(sys.argv[1]))
