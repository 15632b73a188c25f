import TestSupport
import Testing

@testable import CarafeWebSocketCodec

@Suite(.timeLimit(.minutes(10))) struct DeflateOfferTests {
    private let plain = DeflateOptions(serverNoContextTakeover: false, clientNoContextTakeover: false)

    @Test("RFC 7692 §7.1: the offer says what the options say")
    func offer() {
        #expect(DeflateOffer(options: plain).fieldValue == "permessage-deflate; client_max_window_bits")
        #expect(
            DeflateOffer().fieldValue
                == "permessage-deflate; server_no_context_takeover; client_no_context_takeover; client_max_window_bits"
        )
        let small = DeflateOptions(
            serverNoContextTakeover: false,
            clientNoContextTakeover: false,
            serverMaxWindowBits: 10,
            clientMaxWindowBits: 11
        )
        #expect(
            DeflateOffer(options: small).fieldValue
                == "permessage-deflate; server_max_window_bits=10; client_max_window_bits=11"
        )
    }

    @Test("RFC 7692 §7.1: answers that are right")
    func right() throws {
        let offer = DeflateOffer(options: plain)
        #expect(try offer.check(nil) == nil)
        #expect(try offer.check("permessage-deflate") == DeflateParameters())
        #expect(
            try offer.check("permessage-deflate; server_max_window_bits=9; client_max_window_bits=\"8\"")
                == DeflateParameters(serverMaxWindowBits: 9, clientMaxWindowBits: 8)
        )
        #expect(
            try offer.check("permessage-deflate; server_no_context_takeover;client_no_context_takeover")
                == DeflateParameters(serverNoContextTakeover: true, clientNoContextTakeover: true)
        )
    }

    @Test(
        "RFC 7692 §7.1: answers that fail the connection",
        arguments: [
            "", " ", ",", "foo", "permessage-deflate, foo", "permessage-deflate, permessage-deflate",
            "permessage-deflate; client_max_window_bits", "permessage-deflate; client_max_window_bits=16",
            "permessage-deflate; server_max_window_bits", "permessage-deflate; server_max_window_bits=7",
            "permessage-deflate; unknown", "permessage-deflate; server_no_context_takeover=1",
            "permessage-deflate; server_no_context_takeover; server_no_context_takeover", "permessage-deflate;",
        ]
    )
    func wrong(answer: String) {
        #expect(throws: ClientHandshakeError.extensions(found: answer)) {
            try DeflateOffer(options: plain).check(answer)
        }
    }

    @Test("RFC 7692 §7.1.1.1, §7.1.2: what was demanded must be answered, and nothing larger")
    func demands() throws {
        let fresh = DeflateOffer(options: DeflateOptions(clientNoContextTakeover: false))
        #expect(throws: ClientHandshakeError.self) { try fresh.check("permessage-deflate") }
        let small = DeflateOffer(
            options: DeflateOptions(
                serverNoContextTakeover: false,
                serverMaxWindowBits: 10,
                clientMaxWindowBits: 11
            )
        )
        for answer in ["", "; server_max_window_bits=11", "; server_max_window_bits=10; client_max_window_bits=12"] {
            #expect(throws: ClientHandshakeError.self) { try small.check("permessage-deflate" + answer) }
        }
        // RFC 7692 §7.1.1.2, §7.1.2.2: a client keeps to what it said of itself, answered or not.
        #expect(
            try small.check("permessage-deflate; server_max_window_bits=9")
                == DeflateParameters(clientNoContextTakeover: true, serverMaxWindowBits: 9, clientMaxWindowBits: 11)
        )
    }

    @Test("RFC 7692 §7.1: our client and our server agree on the same, whatever both want")
    func bothSides() throws {
        var generator = SeededGenerator(seed: 7692)
        var declined = 0
        for _ in 0..<2000 {
            let (client, server) = (DeflateOptions.random(&generator), DeflateOptions.random(&generator))
            let offer = DeflateOffer(options: client)
            let negotiation = try DeflateNegotiation(answering: offer.fieldValue, options: server)
            guard let negotiation else {
                declined += 1
                continue
            }
            #expect(try offer.check(negotiation.fieldValue) == negotiation.parameters)
            #expect(negotiation.parameters.serverMaxWindowBits <= client.serverMaxWindowBits)
            #expect(negotiation.parameters.clientMaxWindowBits <= server.clientMaxWindowBits)
        }
        #expect(declined == 0)
    }
}

extension DeflateOptions {
    static func random(_ generator: inout SeededGenerator) -> DeflateOptions {
        DeflateOptions(
            threshold: [0, 1, 100].randomElement(using: &generator) ?? 0,
            compressionLevel: Int.random(in: 0...9, using: &generator),
            memoryLevel: Int.random(in: 1...9, using: &generator),
            serverNoContextTakeover: Bool.random(using: &generator),
            clientNoContextTakeover: Bool.random(using: &generator),
            serverMaxWindowBits: Int.random(in: 8...15, using: &generator),
            clientMaxWindowBits: Int.random(in: 8...15, using: &generator)
        )
    }
}
