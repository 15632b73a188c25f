import Testing

@testable import CarafeHTTP1

@Suite(.timeLimit(.minutes(10))) struct IPv6AddressTests {
    @Test(
        "RFC 3986 §3.2.2: IPv6address",
        arguments: [
            "::", "::1", "1::", "1:2:3:4:5:6:7:8", "2001:DB8::ff00:42:8329", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8",
            "1::3:4:5:6:7:8", "::ffff:192.0.2.1", "1:2:3:4:5:6:255.255.255.255", "::0.0.0.0", "fe80::1:2",
        ])
    func valid(text: String) {
        #expect(check(text, IPv6Address.isValid))
    }

    @Test(
        "RFC 3986 §3.2.2: a text that is not an IPv6address",
        arguments: [
            "", ":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8",
            "1::2::3",
            ":1::2", "1::2:", "12345::", "g::", "1:2:3:4:5:6:7:", ":1:2:3:4:5:6:7", "::1.2.3", "::1.2.3.4.5",
            "::256.0.0.1",
            "::01.2.3.4", "1.2.3.4::", "1:2:3:4:5:6:7:1.2.3.4", "1.2.3.4", "::1.2.3.", "::1..2.3", "::1%25eth0",
            "1:::2", "::-1",
        ])
    func invalid(text: String) {
        #expect(!check(text, IPv6Address.isValid))
    }
}
