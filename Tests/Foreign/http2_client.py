"""A foreign HTTP/2 client for our server, on Python's `h2`.

    http2_client.py PORT CERTIFICATE CASE

CASE is one of the functions below. A failure is an exception.
"""

import socket
import ssl
import struct
import sys

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import h2.settings
import hpack
from hyperframe.frame import (ContinuationFrame, DataFrame, Frame, GoAwayFrame, HeadersFrame, PingFrame,
                              RstStreamFrame, SettingsFrame)

GET = [(":method", "GET"), (":scheme", "https"), (":authority", "localhost"), (":path", "/")]


class Client:
    """One connection. What h2 itself would not send goes out as raw frames."""

    def __init__(self, port, certificate):
        self.port, self.certificate = port, certificate
        context = ssl.create_default_context(cafile=certificate)
        context.set_alpn_protocols(["h2"])
        plain = socket.create_connection(("127.0.0.1", port), timeout=120)
        self.socket = context.wrap_socket(plain, server_hostname="localhost")
        assert self.socket.selected_alpn_protocol() == "h2"
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(
            client_side=True, header_encoding="utf-8", validate_outbound_headers=False,
            normalize_outbound_headers=False))
        self.h2.initiate_connection()
        self.waiting = []
        self.flush()

    def flush(self):
        data = self.h2.data_to_send()
        if data:
            self.socket.sendall(data)

    def send_raw(self, *frames):
        self.flush()
        self.socket.sendall(b"".join(frame.serialize() for frame in frames))

    def event(self, *kinds):
        """The next event of these kinds; None when the server has closed."""
        while True:
            while self.waiting:
                event = self.waiting.pop(0)
                if isinstance(event, h2.events.DataReceived):
                    self.acknowledge(event)
                if isinstance(event, kinds):
                    return event
            try:
                data = self.socket.recv(65536)
            except (ssl.SSLError, ConnectionError):
                data = b""
            if not data:
                return None
            self.waiting += self.h2.receive_data(data)
            try:
                self.flush()
            except (ssl.SSLError, ConnectionError):
                pass

    def acknowledge(self, event):
        try:
            self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            self.flush()
        except h2.exceptions.StreamClosedError:
            pass

    def ask(self, headers, body=None, stream=None):
        stream = stream or self.h2.get_next_available_stream_id()
        self.h2.send_headers(stream, headers, end_stream=body is None)
        self.flush()
        rest = memoryview(body or b"")
        while body is not None:
            room = min(self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size, len(rest))
            if room or not rest:
                self.h2.send_data(stream, bytes(rest[:room]), end_stream=room == len(rest))
                self.flush()
                if room == len(rest):
                    break
                rest = rest[room:]
            else:
                self.event(h2.events.WindowUpdated)
        return stream

    def answer(self, stream):
        """Status, fields and body of one answer."""
        fields, body = None, b""
        while True:
            event = self.event(h2.events.ResponseReceived, h2.events.DataReceived, h2.events.StreamEnded,
                               h2.events.StreamReset, h2.events.ConnectionTerminated)
            assert event is not None, "the connection ended before the answer"
            assert not isinstance(event, h2.events.ConnectionTerminated), event
            if event.stream_id != stream:
                continue
            assert not isinstance(event, h2.events.StreamReset), event
            if isinstance(event, h2.events.ResponseReceived):
                fields = dict(event.headers)
            elif isinstance(event, h2.events.DataReceived):
                body += event.data
            else:
                return int(fields[":status"]), fields, body

    def expect_end(self):
        """The server ends the connection; its reason may be lost where it has not read all that it was sent."""
        try:
            while self.socket.recv(65536):
                pass
        except (ssl.SSLError, ConnectionError):
            pass


def with_path(path, *more):
    return [(name, path if name == ":path" else value) for name, value in GET] + list(more)


def get(client):
    status, fields, body = client.answer(client.ask(GET))
    assert (status, body) == (200, b"hello over HTTP/2 from localhost"), (status, body)
    assert fields["content-length"] == str(len(body)) and "date" in fields, fields
    assert fields["content-type"] == "text/plain; charset=utf-8", fields
    assert all(name == name.lower() for name in fields) and "connection" not in fields, fields
    assert "; Secure" in fields["set-cookie"], fields
    head = [(name, "HEAD" if name == ":method" else value) for name, value in GET]
    status, fields, empty = client.answer(client.ask(head))
    assert (status, fields["content-length"], empty) == (200, str(len(body)), b""), fields


def bodies(client):
    """A long body in both directions, within the windows; cookies in pieces; 100 requests at once."""
    post = [(name, "POST" if name == ":method" else value) for name, value in with_path("/echo")]
    body = bytes(index * 31 % 256 for index in range(3 << 20))
    assert client.answer(client.ask(post, body))[2] == body
    # RFC 9113 §8.2.3: several Cookie fields are one.
    assert client.answer(client.ask(with_path("/cookies", ("cookie", "a=1"), ("cookie", "b=2"))))[2] == b"1 2"
    streams = [client.ask(with_path(f"/number/{number}")) for number in range(100)]
    answers = {}
    while len(answers) < 100:
        event = client.event(h2.events.DataReceived)
        answers[event.stream_id] = answers.get(event.stream_id, b"") + event.data
    assert [int(answers[stream]) for stream in streams] == list(range(100))


def streamed(client):
    """A body that is made while it is sent arrives piece by piece."""
    stream = client.ask(with_path("/ticks"))
    assert client.event(h2.events.DataReceived).data == b"tick 1\n"
    client.ask(with_path("/go"))
    data, ended = b"", False
    while not ended:
        event = client.event(h2.events.DataReceived, h2.events.StreamEnded)
        if event.stream_id == stream:
            ended = isinstance(event, h2.events.StreamEnded)
            data += b"" if ended else event.data
    assert data == b"tick 2\n", data


def cancelled(client):
    """A client that resets its stream cancels the handler."""
    stream = client.ask(with_path("/forever"))
    client.event(h2.events.ResponseReceived)
    client.h2.reset_stream(stream, h2.errors.ErrorCodes.CANCEL)
    client.flush()
    # Held until the handler of the first has ended.
    assert client.answer(client.ask(with_path("/ended")))[2] == b"cancelled"


def early_answer(client):
    """RFC 9113 §8.1: the answer comes while the body is still being sent, and then the wish for no more of it."""
    post = [(name, "POST" if name == ":method" else value) for name, value in with_path("/refuse")]
    stream = client.h2.get_next_available_stream_id()
    client.h2.send_headers(stream, post)
    client.h2.send_data(stream, b"some")
    client.flush()
    assert client.event(h2.events.ResponseReceived).headers[0] == (":status", "403")
    reset = client.event(h2.events.StreamReset)
    assert reset.error_code == h2.errors.ErrorCodes.NO_ERROR, reset


def malformed(client):
    """RFC 9113 §8.1.1: each breaks one rule; the stream alone pays for it."""
    for headers in [
        with_path("relative"), with_path("/%00"), with_path("/../.."), with_path("/a#b"),
        with_path("/", ("host", "elsewhere")),
        with_path("/", ("x", "a\x01b")),
        [field for field in GET if field[0] != ":authority"],
        [(name, "http" if name == ":scheme" else value) for name, value in GET],
    ]:
        status, _, body = client.answer(client.ask(headers))
        assert status == 400, (headers, status, body)
    for headers in [
        with_path("/a b"), with_path("/", ("content-length", "x")), with_path("/", ("Upper", "1")), with_path("/", ("connection", "close")), with_path("/", ("upgrade", "x")),
        with_path("/", ("transfer-encoding", "chunked")), with_path("/", ("x", "a\r\nb: c")), with_path(""),
        [(name, "loc alhost" if name == ":authority" else value) for name, value in GET], GET[:3], GET + [(":path", "/")], with_path("/", ("te", "gzip")), [("x", "1")] + GET,
    ]:
        # SwiftNIO ends the stream, or for some of them the connection.
        other = Client(client.port, client.certificate)
        other.ask(headers)
        end = other.event(h2.events.StreamReset, h2.events.ResponseReceived, h2.events.ConnectionTerminated)
        assert not isinstance(end, h2.events.ResponseReceived), (headers, end)
        assert end is None or end.error_code == h2.errors.ErrorCodes.PROTOCOL_ERROR, (headers, end)
    connect = [(":method", "CONNECT"), (":authority", "localhost:1")]
    assert client.answer(client.ask(connect))[0] == 501
    assert client.answer(client.ask(with_path("/" + "a" * 9000)))[0] == 414
    assert client.answer(client.ask(GET + [("x", "a" * 17000)]))[0] == 431
    assert client.answer(client.ask(GET + [(f"x{index}", "1") for index in range(101)]))[0] == 431
    assert client.answer(client.ask(GET))[0] == 200, "the connection goes on"


def header_bomb(client):
    """A few bytes that stand for megabytes of header fields (HPACK)."""
    encoder = hpack.Encoder()
    encoder.header_table_size = 4096
    block = encoder.encode(GET + [("bomb", "x" * 4000)])
    # Each byte names the field in the table anew.
    reference = encoder.encode([("bomb", "x" * 4000)])
    assert len(reference) == 1, reference
    frame = HeadersFrame(1, data=block + reference * 12_000, flags=["END_HEADERS", "END_STREAM"])
    client.send_raw(frame)
    client.expect_end()


def rapid_reset(client):
    """CVE-2023-44487: requests that are reset as soon as they are made."""
    encoder = hpack.Encoder()
    try:
        for index in range(5000):
            stream = 2 * index + 1
            client.send_raw(HeadersFrame(stream, data=encoder.encode(GET), flags=["END_HEADERS", "END_STREAM"]),
                            RstStreamFrame(stream, error_code=8))
    except (ssl.SSLError, ConnectionError):
        pass
    client.expect_end()


def continuation_flood(client):
    """CVE-2024-27983 and its like: a header section that does not end."""
    client.send_raw(HeadersFrame(1, data=hpack.Encoder().encode(GET)))
    try:
        for _ in range(5000):
            client.send_raw(ContinuationFrame(1, data=b"\x00\x01x\x011" * 20))
    except (ssl.SSLError, ConnectionError):
        pass
    client.expect_end()


def control_flood(client):
    """CVE-2019-9512 and 9515: pings and settings, each of which wants an answer."""
    try:
        for _ in range(5000):
            client.send_raw(PingFrame(opaque_data=b"12345678"), SettingsFrame(settings={}))
    except (ssl.SSLError, ConnectionError):
        pass
    client.expect_end()


def too_many_streams(client):
    """RFC 9113 §5.1.2: more than the settings allow is not served; SwiftNIO ends the connection for it."""
    encoder = hpack.Encoder()
    client.event(h2.events.RemoteSettingsChanged)
    allowed = client.h2.remote_settings.max_concurrent_streams
    assert allowed == 100, allowed
    client.send_raw(*[HeadersFrame(2 * index + 1, data=encoder.encode(with_path("/forever")),
                                   flags=["END_HEADERS", "END_STREAM"]) for index in range(allowed + 1)])
    client.expect_end()


def websocket(client):
    """RFC 8441: a WebSocket on one stream, beside ordinary requests."""
    client.event(h2.events.RemoteSettingsChanged)
    assert client.h2.remote_settings[h2.settings.SettingCodes.ENABLE_CONNECT_PROTOCOL] == 1
    connect = [(":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "https"), (":path", "/socket"),
               (":authority", "localhost"), ("sec-websocket-version", "13"), ("origin", "https://localhost")]
    stream = client.h2.get_next_available_stream_id()
    client.h2.send_headers(stream, connect)
    # Before the server has said yes.
    client.h2.send_data(stream, text_frame(b"early"))
    client.flush()
    opened = client.event(h2.events.ResponseReceived)
    fields = dict(opened.headers)
    assert fields[":status"] == "200" and "sec-websocket-accept" not in fields and "upgrade" not in fields, fields
    assert client.event(h2.events.DataReceived).data == b"\x81\x05early"
    assert client.answer(client.ask(GET))[0] == 200
    client.h2.send_data(stream, text_frame(b"late"))
    client.flush()
    assert client.event(h2.events.DataReceived).data == b"\x81\x04late"
    # The closing handshake, then the end of the stream in both directions.
    client.h2.send_data(stream, b"\x88\x82\x00\x00\x00\x00" + struct.pack(">H", 1000))
    client.flush()
    assert client.event(h2.events.DataReceived).data == b"\x88\x02" + struct.pack(">H", 1000)
    client.h2.end_stream(stream)
    client.flush()
    assert client.event(h2.events.StreamEnded).stream_id == stream
    foreign = [(name, "https://elsewhere" if name == "origin" else value) for name, value in connect]
    refused = client.ask(foreign)
    assert client.answer(refused)[0] == 403


def late_reader(client):
    """A handler that reads late: the stream is not read meanwhile, and then again."""
    client.event(h2.events.RemoteSettingsChanged)
    stream = client.h2.get_next_available_stream_id()
    client.h2.send_headers(stream, [
        (":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "https"), (":path", "/late"),
        (":authority", "localhost"), ("sec-websocket-version", "13")])
    for _ in range(3):
        client.h2.send_data(stream, text_frame(b"hi") * 1000)
    client.flush()
    client.event(h2.events.ResponseReceived)
    client.ask(with_path("/go"))
    expected = b"\x81\x02hi" * 3000
    received = b""
    while len(received) < len(expected):
        event = client.event(h2.events.DataReceived)
        received += event.data if event.stream_id == stream else b""
    assert received == expected


def text_frame(text):
    """Masked with zeros."""
    return bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text


def stopped(client):
    """RFC 9113 §6.8: a server that stops says so, lets what runs finish, and closes. Two lines tell the test how far."""
    client.ask(with_path("/ticks"))
    assert client.event(h2.events.DataReceived).data == b"tick 1\n"
    print("running", flush=True)
    assert rest_after_stop(client) == b"tick 2\n"


def stopped_events(client):
    """A stream of events is not waited for: it ends, and ends whole."""
    client.ask(with_path("/events"))
    assert client.event(h2.events.DataReceived).data == b"data: hello\n\n"
    print("running", flush=True)
    assert rest_after_stop(client) == b""


def rest_after_stop(client):
    """The data up to the end of the connection, by hand: for h2 the connection is over with the first GOAWAY."""
    received, data, ended = b"", b"", False
    while more := client.socket.recv(65536):
        received += more
        while len(received) >= 9:
            frame, length = Frame.parse_frame_header(memoryview(received[:9]))
            if len(received) < 9 + length:
                break
            frame.parse_body(memoryview(received[9:9 + length]))
            received = received[9 + length:]
            if isinstance(frame, GoAwayFrame):
                assert frame.error_code == h2.errors.ErrorCodes.NO_ERROR, frame
                print("told", flush=True)
            elif isinstance(frame, PingFrame) and "ACK" not in frame.flags:
                client.socket.sendall(PingFrame(opaque_data=frame.opaque_data, flags=["ACK"]).serialize())
            elif isinstance(frame, DataFrame):
                data += frame.data
                ended = ended or "END_STREAM" in frame.flags
    assert ended, "the stream did not end whole"
    return data


def main():
    port, certificate, case = sys.argv[1:]
    globals()[case](Client(int(port), certificate))


main()
