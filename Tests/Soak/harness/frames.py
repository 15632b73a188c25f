"""Frames (RFC 6455 §5.2): a client's, the wrong ones too, and those of the server."""

import struct
import zlib
from dataclasses import dataclass

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
RSV1, RSV2, RSV3 = 0x40, 0x20, 0x10

MASK = bytes.fromhex("37fa213d")  # The example of RFC 6455 §5.7; any key does here.


def frame(opcode: int, payload: bytes = b"", *, final: bool = True, reserved: int = 0, masked: bool = True,
          announced: int | None = None) -> bytes:
    """One frame; `announced` is a payload length that need not be true."""
    length = len(payload) if announced is None else announced
    first, mask_bit = opcode | reserved | (0x80 if final else 0), 0x80 if masked else 0
    if length < 126:
        header = bytes([first, mask_bit | length])
    elif length < 1 << 16:
        header = struct.pack("!BBH", first, mask_bit | 126, length)
    else:
        header = struct.pack("!BBQ", first, mask_bit | 127, length)
    return header + (MASK + mask(payload) if masked else payload)


def mask(payload: bytes) -> bytes:
    # As one number: Python has no faster XOR of bytes.
    key = (MASK * (len(payload) // 4 + 1))[:len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(len(payload), "big")


def close_frame(code: int | None = None, reason: bytes = b"") -> bytes:
    return frame(CLOSE, b"" if code is None else struct.pack("!H", code) + reason)


class Deflate:
    """One side's compressor and the other's decompressor (RFC 7692 §7.2), which keep their windows."""

    TAIL = b"\0\0\xff\xff"

    def __init__(self, window_bits: int = 15):
        self.compressor = zlib.compressobj(1, wbits=-window_bits)
        self.decompressor = zlib.decompressobj(wbits=-15)

    def compress(self, payload: bytes) -> bytes:
        return (self.compressor.compress(payload) + self.compressor.flush(zlib.Z_SYNC_FLUSH))[:-len(self.TAIL)]

    def decompress(self, payload: bytes) -> bytes:
        return self.decompressor.decompress(payload + self.TAIL)


class Unexpected(Exception):
    """The server did something else than it has to."""


@dataclass
class Frame:
    """One that came from the server."""

    opcode: int
    payload: bytes
    is_final: bool
    is_compressed: bool
    size: int  # with its header

    def summary(self) -> str:
        return f"found opcode {self.opcode} and {self.payload[:60]!r}"


def parse(received: bytearray) -> Frame | None:
    """The first frame; None while it is not whole."""
    if len(received) < 2:
        return None
    first, length = received[0], received[1]
    if length & 0x80 or first & (RSV2 | RSV3):
        raise Unexpected(f"expected an unmasked frame without RSV2 and RSV3, found {bytes(received[:2])!r}")
    start = {126: 4, 127: 10}.get(length, 2)
    if start > 2:
        length = int.from_bytes(received[2:start], "big")
    if len(received) < start + length:
        return None
    payload = bytes(memoryview(received)[start:start + length])
    return Frame(first & 0x0F, payload, bool(first & 0x80), bool(first & RSV1), start + length)
