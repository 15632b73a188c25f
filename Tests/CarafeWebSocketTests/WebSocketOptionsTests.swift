import CarafeWebSocket
import NIOCore
import Testing

@Suite("WebSocketOptions", .timeLimit(.minutes(10)))
struct WebSocketOptionsTests {
    @Test("the defaults are those that the documentation names")
    func defaults() {
        let options = WebSocketOptions()
        #expect(options.origins.allows(origin: "http://a.example", host: "a.example"))
        #expect(!options.origins.allows(origin: "http://b.example", host: "a.example"))
        #expect(options.subprotocols.isEmpty)
        #expect(options.messageLimit == 1 << 20)
        #expect(options.fragmentLimit == 131_072)
        #expect(options.messageTimeout == .seconds(60))
        #expect(options.inboundLimit == 256 << 10)
        #expect(options.inboundMessageLimit == 1024)
        #expect(options.sendLimit == 64 << 10)
        #expect(options.outboundLimit == 4 << 20)
        #expect(options.pingLimit == 10)
        #expect(options.pingInterval == .seconds(20))
        #expect(options.silentIntervalLimit == 2)
        #expect(options.closeTimeout == .seconds(5))
        #expect(options.connectionLimit == 100_000)
        #expect(options.connectionLimitPerAddress == .max)
        #expect(options.handshakeLimit == 16 << 10)
        #expect(options.handshakeTimeout == .seconds(10))
    }
}
