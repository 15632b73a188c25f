import CarafeRuntime
import Testing

@Suite("ClientCount", .timeLimit(.minutes(10)))
struct ClientCountTests {
    @Test("no more than the limit are in, and each that leaves admits another")
    func all() {
        let count = ClientCount(limit: 2)
        #expect(
            [count.enter(from: "192.0.2.1"), count.enter(from: nil), count.enter(from: "192.0.2.1")] == [
                true, true, false,
            ])
        count.leave(from: "192.0.2.1")
        #expect(count.enter(from: "192.0.2.1"))
        #expect(!count.enter(from: "192.0.2.1"))
    }

    @Test("each address has its own limit, of IPv6 each 64 bits; without an address only the one for all counts")
    func addresses() {
        let count = ClientCount(limit: 6, limitPerAddress: 1)
        #expect(count.enter(from: "192.0.2.1"))
        #expect(!count.enter(from: "192.0.2.1"))
        #expect(!count.enter(from: "::ffff:192.0.2.1"), "the same in IPv6's spelling")
        #expect(count.enter(from: "192.0.2.2"))
        #expect(count.enter(from: "2001:db8::1"))
        #expect(!count.enter(from: "2001:db8::ffff:2"))
        #expect(count.enter(from: "2001:db8:0:1::1"))
        #expect(count.enter(from: nil))
        #expect(count.enter(from: nil))
        #expect(!count.enter(from: nil))
        count.leave(from: "2001:db8::1")
        #expect(count.enter(from: "2001:db8::2"), "who was refused has taken no place")
    }
}
