"""A foreign TLS client, on Python's `ssl` (OpenSSL).

    tls_client.py PORT CERTIFICATE CASE

CASE is one of the functions below. A failure is an exception.
"""

import socket
import ssl
import sys


class Client:
    def __init__(self, port, certificate):
        self.port, self.certificate = port, certificate

    def context(self, version, protocol="http/1.1"):
        context = ssl.create_default_context(cafile=self.certificate)
        context.minimum_version = context.maximum_version = version
        context.set_alpn_protocols([protocol])
        return context

    def connect(self, context, session=None):
        return context.wrap_socket(socket.create_connection(("127.0.0.1", self.port), timeout=20),
                                   server_hostname="localhost", session=session)


def suites(client):
    """RFC 9325 §4.2: forward secrecy and AEAD, of all that OpenSSL knows."""
    context = client.context(ssl.TLSVersion.TLSv1_2)
    context.set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    spoken = set()
    for suite in context.get_ciphers():
        if suite["protocol"] == "TLSv1.3":
            continue
        context.set_ciphers(suite["name"] + ":@SECLEVEL=0")
        try:
            with client.connect(context) as connection:
                spoken.add(connection.cipher()[0])
        except (ssl.SSLError, ConnectionError):
            pass
    # The test's key is on an elliptic curve.
    assert spoken == {f"ECDHE-ECDSA-{name}" for name in [
        "AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305"]}, spoken
    with client.connect(client.context(ssl.TLSVersion.TLSv1_3)) as connection:
        assert connection.version() == "TLSv1.3"


def resumption(client):
    """RFC 8446 §2.2, RFC 5077: a second connection goes on with the session of the first, by its ticket."""
    for version in [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]:
        for protocol in ["http/1.1", "h2"]:
            context = client.context(version, protocol)
            with client.connect(context) as first:
                talk(first, protocol)
                session = first.session
                assert session.has_ticket and not first.session_reused, (version, protocol)
            with client.connect(context, session) as second:
                talk(second, protocol)
                assert second.session_reused, (version, protocol)
                assert second.selected_alpn_protocol() == protocol, (version, protocol)


def ends(client):
    """RFC 9112 §9.8, RFC 8446 §6.1: a body without a length is whole where TLS was closed, and only there."""
    for path, whole in [("/", True), ("/streamed", True), ("/broken", False)]:
        for version in [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]:
            with socket.create_connection(("127.0.0.1", client.port), timeout=20) as plain:
                connection = client.context(version).wrap_socket(
                    plain, server_hostname="localhost", suppress_ragged_eofs=False)
                connection.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
                answer = b""
                try:
                    while data := connection.recv(65536):
                        answer += data
                    ended = True
                except (ssl.SSLError, ConnectionError):
                    ended = False
                # A reset may take along what was received before.
                assert ended == whole and (not whole or answer.startswith(b"HTTP/1.1 200")), (path, answer, ended)


def talk(connection, protocol):
    """TLS 1.3 brings tickets with the first bytes of the server."""
    if protocol == "h2":
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00")
        assert connection.recv(65536)
    else:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")


def main():
    port, certificate, case = sys.argv[1:]
    globals()[case](Client(int(port), certificate))


main()
