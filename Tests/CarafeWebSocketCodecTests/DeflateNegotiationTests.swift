import Testing

@testable import CarafeWebSocketCodec

@Suite(.timeLimit(.minutes(10))) struct DeflateNegotiationTests {
    /// A server that asks for nothing, so that the answers show what the offers do.
    private let plain = DeflateOptions(serverNoContextTakeover: false, clientNoContextTakeover: false)

    private func answer(_ offers: String?, _ options: DeflateOptions? = nil) throws -> String? {
        try DeflateNegotiation(answering: offers, options: options ?? plain)?.fieldValue
    }

    @Test("RFC 7692 §7.1.3: the examples")
    func examples() throws {
        #expect(try answer("permessage-deflate") == "permessage-deflate")
        let first = "permessage-deflate; client_max_window_bits; server_max_window_bits=10"
        #expect(try answer(first) == "permessage-deflate; server_max_window_bits=10")
        let both = first + ", permessage-deflate; client_max_window_bits"
        #expect(try answer(both) == "permessage-deflate; server_max_window_bits=10")
    }

    @Test(
        "RFC 7692 §7.1: each parameter alone, and its answer",
        arguments: [
            ("server_no_context_takeover", "permessage-deflate; server_no_context_takeover"),
            ("client_no_context_takeover", "permessage-deflate; client_no_context_takeover"),
            ("server_max_window_bits=8", "permessage-deflate; server_max_window_bits=8"),
            ("server_max_window_bits=15", "permessage-deflate; server_max_window_bits=15"),
            ("server_max_window_bits=\"11\"", "permessage-deflate; server_max_window_bits=11"),
            ("client_max_window_bits", "permessage-deflate"),
            ("client_max_window_bits=15", "permessage-deflate"),
            ("client_max_window_bits=8", "permessage-deflate; client_max_window_bits=8"),
            (
                "client_max_window_bits=9; server_max_window_bits=12; client_no_context_takeover",
                "permessage-deflate; client_no_context_takeover; server_max_window_bits=12; client_max_window_bits=9"
            ),
        ]
    )
    func parameters(offered: String, expected: String) throws {
        #expect(try answer("permessage-deflate; " + offered) == expected)
    }

    @Test(
        "RFC 7692 §7.1: a wrong parameter declines the offer, and the next one is tried",
        arguments: [
            "unknown", "unknown=1", "Server_No_Context_Takeover",
            "server_no_context_takeover=1", "server_no_context_takeover=true", "client_no_context_takeover=\"x\"",
            "server_no_context_takeover; server_no_context_takeover",
            "client_max_window_bits; client_max_window_bits=10", "server_max_window_bits=10;server_max_window_bits=10",
            "server_max_window_bits", "server_max_window_bits=7", "server_max_window_bits=16",
            "server_max_window_bits=08", "server_max_window_bits=010", "server_max_window_bits=+9",
            "server_max_window_bits=-9", "server_max_window_bits=9.0", "server_max_window_bits=a",
            "server_max_window_bits=99999999999999999999", "server_max_window_bits=\"07\"",
            "client_max_window_bits=7", "client_max_window_bits=16", "client_max_window_bits=0",
            "client_max_window_bits=1 ;server_no_context_takeover",
        ]
    )
    func declined(wrong: String) throws {
        #expect(try answer("permessage-deflate; " + wrong) == nil)
        #expect(try answer("permessage-deflate;" + wrong + ",permessage-deflate") == "permessage-deflate")
        let next = "x-webkit-deflate-frame, permessage-deflate; \(wrong), permessage-deflate; server_max_window_bits=9"
        #expect(try answer(next) == "permessage-deflate; server_max_window_bits=9")
    }

    @Test("RFC 6455 §9.1: other extensions are ignored, and no offer is no offer")
    func others() throws {
        #expect(try answer(nil) == nil)
        #expect(try answer("foo, permessage-bzip2; server_max_window_bits=10") == nil)
        #expect(try answer("foo; a=1, permessage-deflate") == "permessage-deflate")
    }

    @Test("RFC 6455 §9.1: a value without the form fails the handshake")
    func malformed() {
        for value in [
            "", ",", "permessage-deflate;", "permessage-deflate; client_max_window_bits=", "permessage-deflate; a=\"",
        ] {
            #expect(throws: HandshakeError.extensions(found: value)) { try answer(value) }
        }
    }

    @Test("RFC 7692 §7.1.1: the defaults ask both sides to drop their windows, unasked too")
    func defaults() throws {
        let expected = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
        let options = DeflateOptions()
        #expect(try answer("permessage-deflate", options) == expected)
        #expect(try answer("permessage-deflate; client_max_window_bits", options) == expected)
        let negotiation = try DeflateNegotiation(answering: "permessage-deflate", options: options)
        #expect(
            negotiation?.parameters
                == DeflateParameters(serverNoContextTakeover: true, clientNoContextTakeover: true)
        )
    }

    @Test("RFC 7692 §7.1.2.1: the server's window is the smaller of both wishes")
    func serverWindow() throws {
        let small = DeflateOptions(
            serverNoContextTakeover: false,
            clientNoContextTakeover: false,
            serverMaxWindowBits: 12
        )
        #expect(try answer("permessage-deflate", small) == "permessage-deflate; server_max_window_bits=12")
        let offer = "permessage-deflate; server_max_window_bits="
        #expect(try answer(offer + "15", small) == "permessage-deflate; server_max_window_bits=12")
        #expect(try answer(offer + "9", small) == "permessage-deflate; server_max_window_bits=9")
    }

    @Test("RFC 7692 §7.1.2.2: the client's window is limited only if the offer has the parameter")
    func clientWindow() throws {
        let small = DeflateOptions(
            serverNoContextTakeover: false,
            clientNoContextTakeover: false,
            clientMaxWindowBits: 10
        )
        #expect(try answer("permessage-deflate", small) == nil)
        let offer = "permessage-deflate; client_max_window_bits"
        #expect(try answer("permessage-deflate, " + offer, small) == "permessage-deflate; client_max_window_bits=10")
        #expect(try answer(offer + "=12", small) == "permessage-deflate; client_max_window_bits=10")
        #expect(try answer(offer + "=9", small) == "permessage-deflate; client_max_window_bits=9")
    }

    @Test("The answer says what was agreed")
    func agreed() throws {
        let offer =
            "permessage-deflate; client_max_window_bits=9; server_max_window_bits=12; server_no_context_takeover"
        let negotiation = try DeflateNegotiation(answering: offer, options: plain)
        #expect(
            negotiation?.parameters
                == DeflateParameters(
                    serverNoContextTakeover: true,
                    serverMaxWindowBits: 12,
                    clientMaxWindowBits: 9
                )
        )
    }
}
