import NIOCore
import Testing

@testable import CarafeRoomsRedis

@Suite("Claims of a node", .timeLimit(.minutes(10)))
struct NodeClaimTests {
    @Test("a claim is the same after its bytes", arguments: [("tea", "ann"), ("茶 }", ""), ("a", "b\0c")])
    func roundTrip(room: String, name: String) {
        let claim = NodeClaim(on: Array(name.utf8), in: room)
        #expect(NodeClaim(claim.bytes) == claim)
    }

    @Test("bytes without a zero, or with a room that is no text, are no claim")
    func hostile() {
        #expect(NodeClaim(ByteBuffer(string: "tea")) == nil)
        #expect(NodeClaim(ByteBuffer(bytes: [0xFF, 0, 1])) == nil)
    }
}
