"""A foreign HTTP/2 client that breaks the rules, frame by frame, on Python's `hyperframe` and `hpack`.

    http2_frames.py PORT CERTIFICATE CASE

CASE is one of the functions below. A failure is an exception.
"""

import socket
import ssl
import sys

import hpack
from h2.errors import ErrorCodes
from hyperframe.frame import (DataFrame, Frame, GoAwayFrame, HeadersFrame, PingFrame, RstStreamFrame, SettingsFrame,
                              WindowUpdateFrame)

GET = [(":method", "GET"), (":scheme", "https"), (":authority", "localhost"), (":path", "/")]


def request(method="GET", path="/", *more):
    return [(":method", method), (":scheme", "https"), (":authority", "localhost"), (":path", path)] + list(more)


class Connection:
    """Sends and receives frames, and knows no states."""

    def __init__(self, port, certificate, settings={}):
        self.port, self.certificate = port, certificate
        context = ssl.create_default_context(cafile=certificate)
        context.set_alpn_protocols(["h2"])
        self.socket = context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=30),
                                          server_hostname="localhost")
        self.encoder, self.decoder = hpack.Encoder(), hpack.Decoder()
        self.buffer, self.next_stream = b"", 1
        self.seen = []
        self.socket.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SettingsFrame(settings=settings).serialize())

    def send(self, *frames):
        self.socket.sendall(b"".join(frame.serialize() for frame in frames))

    def headers(self, fields, end=True, stream=None):
        """A HEADERS frame, and the stream that it is on."""
        if stream is None:
            stream, self.next_stream = self.next_stream, self.next_stream + 2
        flags = ["END_HEADERS"] + (["END_STREAM"] if end else [])
        return HeadersFrame(stream, data=self.encoder.encode(fields), flags=flags), stream

    def ask(self, fields, *frames, end=True):
        """Sends a request, with further frames in the same piece."""
        head, stream = self.headers(fields, end)
        for frame in frames:
            frame.stream_id = stream
        self.send(head, *frames)
        return stream

    def frame(self):
        """The next frame; None at the end of the connection."""
        while True:
            if len(self.buffer) >= 9:
                frame, length = Frame.parse_frame_header(memoryview(self.buffer[:9]))
                if len(self.buffer) >= 9 + length:
                    frame.parse_body(memoryview(self.buffer[9:9 + length]))
                    self.buffer = self.buffer[9 + length:]
                    if isinstance(frame, HeadersFrame):
                        frame.fields = dict(self.decoder.decode(frame.data))
                    return frame
            try:
                data = self.socket.recv(65536)
            except (ssl.SSLError, ConnectionError):
                data = b""
            if not data:
                return None
            self.buffer += data

    def frames(self, stream):
        """The frames of a stream, up to its end or its reset."""
        frames = []
        while True:
            frame = self.frame()
            assert frame is not None, f"the connection ended, after {frames}"
            assert not isinstance(frame, GoAwayFrame), f"{frame}, after {frames}"
            if frame.stream_id != stream:
                self.seen.append(frame)
                continue
            if not isinstance(frame, WindowUpdateFrame):
                frames.append(frame)
            if isinstance(frame, RstStreamFrame):
                return frames

    def answer(self, stream):
        """Status and body of an answer."""
        status, body = None, b""
        while True:
            frame = self.frame()
            assert frame is not None and not isinstance(frame, GoAwayFrame), f"expected an answer, found {frame}"
            if frame.stream_id != stream:
                self.seen.append(frame)
                continue
            assert not isinstance(frame, RstStreamFrame), ErrorCodes(frame.error_code)
            if isinstance(frame, HeadersFrame):
                status = frame.fields[":status"]
            elif isinstance(frame, DataFrame):
                body += frame.data
            if "END_STREAM" in frame.flags:
                return status, body

    def reset(self, stream):
        """The code that a stream is reset with, and whether an answer was there before."""
        frames = self.frames(stream)
        return ErrorCodes(frames[-1].error_code), any("END_STREAM" in frame.flags for frame in frames[:-1])

    def goes_on(self):
        """Whether the connection lives, and all that was sent was dealt with."""
        assert self.answer(self.ask(request()))[0] == "200"

    def ends(self, code, last_stream=0):
        """GOAWAY with this code and the last stream that was dealt with, then the end."""
        told = None
        while (frame := self.frame()) is not None:
            if isinstance(frame, GoAwayFrame):
                told = ErrorCodes(frame.error_code), frame.last_stream_id
        assert told == (code, last_stream), f"expected GOAWAY with {code!r} after {last_stream}, found {told!r}"


# Header blocks by their bytes (RFC 7541 §6): literals without indexing leave the tables as they are.
FIELD = b"\x00\x01x\x011"
PATH = b"\x84"
UPPER_CASE = b"\x82\x87\x84\x01\x09localhost\x00\x05Upper\x011"


def stream_errors(client):
    """RFC 9113 §5.4.2, §8.1.1: each ends its stream with PROTOCOL_ERROR, and no other stream hears of it."""
    other = client.ask(request(path="/ticks"))
    while not isinstance(frame := client.frame(), DataFrame):
        assert frame is not None
    assert frame.data == b"tick 1\n"
    for fields in [
        request("GET", "/", ("te", "gzip")), request("GET", "/", ("connection", "close")),
        request("GET", "/", ("upgrade", "x")), request("GET", "/", ("transfer-encoding", "chunked")),
        request("GET", "/", ("x", "a\r\nb: c")), request("GET", "/", ("x", "a\0b")), request("GET", "/a b"),
        request("GET", ""), GET[:3], GET + [(":path", "/")], [("x", "1")] + GET, GET + [(":status", "200")],
        request("GET", "/", ("content-length", "1")), request("GET", "/", ("content-length", "x")),
        [(":method", "CONNECT"), (":authority", "localhost:1"), (":path", "/")],
    ]:
        assert client.reset(client.ask(fields)) == (ErrorCodes.PROTOCOL_ERROR, False), fields
    stream, client.next_stream = client.next_stream, client.next_stream + 2
    client.send(HeadersFrame(stream, data=UPPER_CASE, flags=["END_HEADERS", "END_STREAM"]))
    assert client.reset(stream) == (ErrorCodes.PROTOCOL_ERROR, False)
    # On streams whose handler waits.
    for frame, code in [
        (WindowUpdateFrame(0, window_increment=0), ErrorCodes.PROTOCOL_ERROR),
        (WindowUpdateFrame(0, window_increment=2 ** 31 - 1), ErrorCodes.FLOW_CONTROL_ERROR),
        (HeadersFrame(1, data=FIELD, flags=["END_HEADERS"]), ErrorCodes.PROTOCOL_ERROR),
        (HeadersFrame(1, data=PATH, flags=["END_HEADERS", "END_STREAM"]),
         ErrorCodes.PROTOCOL_ERROR),
    ]:
        assert client.reset(client.ask(request("POST", "/waits"), frame, end=False))[0] == code, frame
    # RFC 9113 §5.1, half-closed (remote).
    for frame in [
        DataFrame(1, data=b"more"),
        HeadersFrame(1, data=FIELD, flags=["END_HEADERS", "END_STREAM"]),
    ]:
        assert client.reset(client.ask(request(path="/waits"), frame))[0] == ErrorCodes.STREAM_CLOSED, frame
    client.goes_on()
    client.answer(client.ask(request(path="/go")))
    rest = b"".join(frame.data for frame in client.seen if isinstance(frame, DataFrame) and frame.stream_id == other)
    while b"tick 2\n" not in rest:
        frame = client.frame()
        rest += frame.data if isinstance(frame, DataFrame) and frame.stream_id == other else b""


def after_answer(client):
    """The same where the answer has left, and the request is not whole: by handlers that read no body."""
    for path in ["/noread", "/missing", "/"]:
        for frames, code in [
            ([WindowUpdateFrame(0, window_increment=0)], ErrorCodes.PROTOCOL_ERROR),
            ([WindowUpdateFrame(0, window_increment=2 ** 31 - 1)] * 2, ErrorCodes.FLOW_CONTROL_ERROR),
        ]:
            stream = client.ask(request("POST", path), end=False)
            while "END_STREAM" not in (frame := client.frame()).flags:
                pass
            for frame in frames:
                frame.stream_id = stream
                client.send(frame)
            assert client.reset(stream)[0] == code, (path, frames)
        for pieces in [[b"test"], [b"test", b"test"], [b""]]:
            data = [DataFrame(1, data=piece) for piece in pieces]
            data[-1].flags.add("END_STREAM")
            stream = client.ask(request("POST", path, ("content-length", "1")), *data, end=False)
            assert client.reset(stream)[0] == ErrorCodes.PROTOCOL_ERROR, (path, pieces)
    client.goes_on()


def connection_errors(client):
    """RFC 9113 §5.4.1: GOAWAY with the code of the error, then the end."""
    for frame, code in [
        (DataFrame(1, data=b"idle"), ErrorCodes.PROTOCOL_ERROR),
        (WindowUpdateFrame(1, window_increment=1), ErrorCodes.PROTOCOL_ERROR),
        (WindowUpdateFrame(0, window_increment=0), ErrorCodes.PROTOCOL_ERROR),
        (WindowUpdateFrame(0, window_increment=2 ** 31 - 1), ErrorCodes.FLOW_CONTROL_ERROR),
        (HeadersFrame(2, data=b"\x82", flags=["END_HEADERS"]), ErrorCodes.PROTOCOL_ERROR),
        (HeadersFrame(1, data=b"\xff\xff\xff\x7f", flags=["END_HEADERS"]), ErrorCodes.COMPRESSION_ERROR),
        (SettingsFrame(settings={4: 2 ** 31}), ErrorCodes.FLOW_CONTROL_ERROR),
        (DataFrame(1, data=b"x" * 20_000), ErrorCodes.FRAME_SIZE_ERROR),
    ]:
        other = Connection(client.port, client.certificate)
        # The answers to what follows are never sent.
        other.send(frame, PingFrame(opaque_data=b"12345678"))
        other.ends(code)
        # After two requests, of which one waits.
        other = Connection(client.port, client.certificate)
        other.goes_on()
        other.ask(request(path="/waits"))
        other.goes_on()
        other.send(WindowUpdateFrame(0, window_increment=0))
        other.ends(ErrorCodes.PROTOCOL_ERROR, 5)
    # Data after the client's own reset, whether the handler has answered or not.
    for path in ["/noread", "/waits"]:
        other = Connection(client.port, client.certificate)
        other.ask(request("POST", path), RstStreamFrame(1, error_code=8), DataFrame(1, data=b"late"), end=False)
        other.ends(ErrorCodes.STREAM_CLOSED, 1)
    client.goes_on()


def early_answers(client):
    """RFC 9113 §8.1: the whole answer, then the wish for no more of the request; none where the request ends."""
    for path, status, length in [
        ("/noread", "200", 6), ("/streamed", "200", 300_000), ("/long", "200", 300_000), ("/missing", "404", None),
        ("/", "405", None), ("/limited", "413", None), ("/refuse", "403", None), ("/%zz", "400", None),
        ("/" + "a" * 9000, "414", None),
    ]:
        for end in [True, False]:
            other = Connection(client.port, client.certificate)
            other.send(WindowUpdateFrame(0, window_increment=2 ** 20))
            fields = request("POST", path, *([("content-length", "9999999")] if path == "/limited" else []))
            data = DataFrame(1, data=b"a=1", flags=["END_STREAM"] if end and path != "/limited" else [])
            stream = other.ask(fields, data, end=False)
            head, body, code = None, b"", None
            while True:
                frame = other.frame()
                assert frame is not None, (path, end)
                if isinstance(frame, HeadersFrame):
                    head = frame.fields
                elif isinstance(frame, DataFrame):
                    body += frame.data
                    if frame.data and "END_STREAM" not in frame.flags:
                        other.send(WindowUpdateFrame(stream, window_increment=len(frame.data)))
                assert not isinstance(frame, RstStreamFrame), (path, end, len(body), ErrorCodes(frame.error_code))
                if "END_STREAM" in frame.flags and frame.stream_id == stream:
                    break
            assert head[":status"] == status and length in (None, len(body)), (path, end, head, len(body))
            if not end and path == "/noread":
                # More than fits in what is still taken: told to stop.
                other.send(*[DataFrame(stream, data=b"x" * 16_000)] * 4)
                assert other.reset(stream)[0] == ErrorCodes.NO_ERROR
                other.goes_on()
            elif not end and path == "/%zz":
                assert other.reset(stream)[0] == ErrorCodes.PROTOCOL_ERROR
            elif end and path != "/limited":
                other.goes_on()
                assert not any(isinstance(frame, RstStreamFrame) for frame in other.seen), path


def window(client):
    """An answer that waits for the client's window is whole before the reset, too."""
    other = Connection(client.port, client.certificate, {4: 0})
    stream = other.ask(request("POST", "/noread"), DataFrame(1, data=b"a" * 16_000), end=False)
    other.send(*[DataFrame(stream, data=b"x" * 16_000)] * 3, PingFrame(opaque_data=b"12345678"))
    while not (isinstance(frame := other.frame(), PingFrame) and "ACK" in frame.flags):
        assert not isinstance(frame, RstStreamFrame), frame
    other.send(WindowUpdateFrame(stream, window_increment=3))
    while not isinstance(frame := other.frame(), DataFrame):
        assert not isinstance(frame, RstStreamFrame), frame
    assert frame.data == b"nor", frame
    other.send(WindowUpdateFrame(stream, window_increment=100))
    assert other.reset(stream) == (ErrorCodes.NO_ERROR, True)
    # No window is open for an answer with content.
    assert other.answer(other.ask(request("HEAD"))) == ("200", b"")


def head_refused(client):
    """RFC 9110 §9.3.2: HEAD is answered without DATA, by refusals too."""
    for fields, status in [
        (request("HEAD", "/%zz"), "400"), (request("HEAD", "/" + "a" * 9000), "414"),
        (request("HEAD", "/", *[(f"x{index}", "1") for index in range(121)]), "431"),
        (request("HEAD", "/missing"), "404"), (request("HEAD", "/", ("expect", "x")), "417"),
        (request("HEAD", "/streamed"), "405"), (request("HEAD", "/", ("x", " a")), "400"),
    ]:
        assert client.answer(client.ask(fields)) == (status, b""), fields
    assert client.answer(client.ask(request("OPTIONS", "*"))) == ("204", b"")


def fields(client):
    """RFC 9113 §8.2, §8.3: what is malformed, and what is not."""
    for more, status in [
        ([("x", " a")], "400"), ([("x", "a\t")], "400"), ([("x", "")], "200"), ([("te", "trailers")], "200"),
        ([("host", "LOCALHOST:443")], "200"), ([("host", "localhost:8443")], "400"), ([("host", "")], "400"),
        ([("expect", "100-continue")], "200"), ([("expect", "x")], "417"),
    ]:
        assert client.answer(client.ask(GET + more))[0] == status, more
    # §8.1.1, for `OPTIONS *` too.
    for more, status in [
        ([], "204"), ([("x", " a")], "400"), ([("host", "other")], "400"), ([("expect", "x")], "417"),
        ([("x", "a\x01")], "400"),
    ]:
        assert client.answer(client.ask(request("OPTIONS", "*", *more)))[0] == status, more
    # §8.1.1: the payload without its padding.
    for length, ends in [("4", True), ("5", False), ("10", False)]:
        data = DataFrame(1, data=b"body", flags=["PADDED", "END_STREAM"], pad_length=5)
        stream = client.ask(request("POST", "/echo", ("content-length", length)), data, end=False)
        if ends:
            assert client.answer(stream) == ("200", b"body")
        else:
            assert client.reset(stream)[0] == ErrorCodes.PROTOCOL_ERROR
    # §8.1, §8.2.1: trailers are fields too, and the content ends before them.
    for more, trailers in [
        ([], [("x", " a")]), ([], [("x", "a\t")]), ([], [("x", "a\x01")]), ([], [(":path", "/")]),
        ([("content-length", "5")], [("x", "a")]),
    ]:
        for path in ["/echo", "/noread"]:
            head, stream = client.headers(request("POST", path, *more), end=False)
            last, _ = client.headers(trailers, stream=stream)
            client.send(head, DataFrame(stream, data=b"body"), last)
            assert client.reset(stream)[0] == ErrorCodes.PROTOCOL_ERROR, (path, trailers)
    # §8.6: no protocol is changed here, so that a resource with a WebSocket alone has CONNECT alone (RFC 8441 §4).
    for method in ["GET", "HEAD"]:
        stream = client.ask(request(method, "/socket"))
        while not isinstance(frame := client.frame(), HeadersFrame):
            pass
        assert (frame.fields[":status"], frame.fields["allow"]) == ("405", "CONNECT, OPTIONS"), frame.fields
        while "END_STREAM" not in frame.flags:
            frame = client.frame()
    # §8.1: an interim response ends no stream. §8.6: nor is there another protocol.
    for path in ["/interim", "/upgrades"]:
        assert client.answer(client.ask(request(path=path)))[0] == "500", path
    # RFC 9110 §15.3.6.
    assert client.answer(client.ask(request(path="/reset"))) == ("205", b"")
    # §8.1: trailers end a request.
    stream = client.ask(request("POST", "/echo"), DataFrame(1, data=b"body"),
                        HeadersFrame(1, data=FIELD, flags=["END_HEADERS", "END_STREAM"]),
                        end=False)
    assert client.answer(stream) == ("200", b"body")
    # RFC 8441 §3, §4: with the server's settings in force, a tunnel to a resource that does not speak the protocol.
    client.send(SettingsFrame(flags=["ACK"]))
    for protocol in ["websocket", "connect-udp"]:
        connect = [(":method", "CONNECT"), (":protocol", protocol)] + GET[1:]
        assert client.answer(client.ask(connect, DataFrame(1, flags=["END_STREAM"]), end=False))[0] == "501", protocol


def tunnel(client):
    """RFC 8441 §5, RFC 9113 §8.5: a stream that a WebSocket has taken over."""
    client.send(SettingsFrame(flags=["ACK"]))
    connect = [(":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "https"), (":authority", "localhost"),
               (":path", "/socket"), ("sec-websocket-version", "13")]

    def opened(fields, *frames, end=False):
        stream = client.ask(fields, *frames, end=end)
        while (frame := client.frame()).stream_id != stream:
            pass
        assert isinstance(frame, HeadersFrame) and frame.fields[":status"] == "200", frame
        return stream

    for flags in [["END_HEADERS", "END_STREAM"], ["END_HEADERS"]]:
        stream = opened(connect)
        client.send(HeadersFrame(stream, data=FIELD, flags=flags))
        assert client.reset(stream)[0] == ErrorCodes.PROTOCOL_ERROR, flags
    # A client that sends nothing after its handshake has left, as at the end of a TCP connection.
    for frames, end in [([DataFrame(1, flags=["END_STREAM"])], False), ([], True)]:
        stream = opened(connect, *frames, end=end)
        while "END_STREAM" not in (frame := client.frame()).flags or frame.stream_id != stream:
            assert not getattr(frame, "data", b""), "expected the end at once, and no ping before it"
    # A key is not processed.
    opened(connect + [("sec-websocket-key", "x")])
    client.goes_on()


def leaves(client):
    """A client that resets a stream, and one that closes the connection, while handlers wait."""
    stream = client.ask(request(path="/waits"))
    client.ask(request(path="/waiting"))
    client.send(RstStreamFrame(stream, error_code=8))
    client.goes_on()
    client.ask(request(path="/waits"))
    assert client.answer(client.ask(request(path="/waiting")))[0] == "200"
    assert client.socket.unwrap().recv(1) == b"", "expected the server to close too"


def main():
    port, certificate, case = sys.argv[1:]
    globals()[case](Connection(int(port), certificate))


main()
