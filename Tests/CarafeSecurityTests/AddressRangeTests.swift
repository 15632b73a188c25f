import Testing

@testable import CarafeSecurity

@Suite("AddressRange", .timeLimit(.minutes(10)))
struct AddressRangeTests {
    @Test(
        "RFC 4632 §3.1: a range holds the addresses with its beginning",
        arguments: [
            ("10.0.0.0/8", "10.255.1.2", true), ("10.0.0.0/8", "11.0.0.0", false),
            ("10.0.0.0/8", "9.255.255.255", false),
            ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false), ("192.0.2.0/31", "192.0.2.1", true),
            ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "::1", false), ("::1", "::1", true),
            ("::1", "::2", false),
            ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::", false),
            ("::/0", "192.0.2.1", true), ("::/0", "fe80::1", true), ("192.0.2.1", "::ffff:192.0.2.1", true),
            ("::ffff:192.0.2.0/120", "192.0.2.77", true), ("::ffff:192.0.2.0/120", "192.0.3.1", false),
            ("10.0.0.0/8", "::ffff:a01:203", true), ("10.0.0.0/8", "", false), ("::/0", "unknown", false),
        ])
    func contains(range: String, address: String, isInside: Bool) throws {
        #expect(try AddressRange(range).contains(address) == isInside)
    }

    @Test(
        "a malformed range is an error that names it",
        arguments: [
            "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.1/8", "::1/64", "::/129", "10.0.0.0/-1", "10.0.0.0/+8",
            "10.0.0/8", "10.0.0.0/8/8", "localhost", "10.0.0.0 /8", "fe80::1%eth0", "010.0.0.1",
            "10.0.0.0/99999999999999999999", "1.2.3.4\u{0}",
        ])
    func refuses(text: String) {
        #expect(throws: AddressRangeError(text: text)) { try AddressRange(text) }
    }

    @Test(
        "the text is the shortest",
        arguments: [
            ("10.0.0.0/8", "10.0.0.0/8"), ("192.0.2.1", "192.0.2.1/32"), ("2001:0db8:0:0::/32", "2001:db8::/32"),
            ("::1", "::1/128"),
        ])
    func description(text: String, shown: String) throws {
        #expect(try AddressRange(text).description == shown)
    }
}
