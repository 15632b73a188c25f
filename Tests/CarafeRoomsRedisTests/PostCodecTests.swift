import CarafeRooms
import CarafeWebSocketCodec
import NIOCore
import RoomEngineContract
import Testing

@testable import CarafeRoomsRedis

@Suite("Bytes of posts", .timeLimit(.minutes(10)))
struct PostCodecTests {
    private static let posts = [
        RoomPost(.text("tea")), RoomPost(.text("")), RoomPost(.binary([0, 255])), RoomPost(.text("a"), to: []),
        RoomPost(.text("a"), to: [[], [1, 2], Array("李".utf8)]), RoomPost(.text("a"), about: []),
        RoomPost(.text("a"), to: [[1]], about: [2]), .break, .removal(of: [1, 2]), .change(.joined("ann")),
        .change(.left("李")),
    ]

    @Test("a post is the same after its bytes", arguments: posts)
    func roundTrip(post: RoomPost) throws {
        let decoded = try #require(PostCodec.decode(PostCodec.encode(post)))
        #expect(decoded.kind == post.kind)
        #expect(decoded.message == post.message)
        #expect(decoded.audience == post.audience)
        #expect(decoded.subject == post.subject)
    }

    @Test("a post of a text is as small as it can be")
    func size() {
        #expect(PostCodec.encode(RoomPost(.text("tea"))) == ByteBuffer(bytes: [1, 0, 0] + Array("tea".utf8)))
        #expect(PostCodec.encode(.break) == ByteBuffer(bytes: [1, 3 + 1]))
    }

    @Test(
        "bytes that are no post of this version are refused",
        arguments: [
            [], [1], [0, 0, 0], [2, 0, 0], [1, 6], [1, 255, 0], [1, 0], [1, 0, 4], [1, 0, 255],
            // Text that is not UTF-8.
            [1, 0, 0, 0xFF], [1, 0, 0, 0xC3], [1, 2, 0xFF],
            // An audience without its count, with more names than there are bytes, and with a longer name.
            [1, 0, 1], [1, 0, 1, 0, 0, 0], [1, 0, 1, 255, 255, 255, 255], [1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 65],
            // A subject that is longer than the bytes.
            [1, 0, 2, 0, 0, 0, 1], [1, 0, 2, 255, 255, 255, 255, 65],
        ] as [[UInt8]])
    func hostile(bytes: [UInt8]) {
        #expect(PostCodec.decode(ByteBuffer(bytes: bytes)) == nil)
    }

    @Test("a post whose bytes are cut is another post or none")
    func truncation() {
        for post in Self.posts {
            let bytes = PostCodec.encode(post)
            for length in 0..<bytes.readableBytes {
                let cut = bytes.getSlice(at: 0, length: length).flatMap { PostCodec.decode($0) }
                #expect(cut.map { PostCodec.encode($0) } != bytes)
            }
        }
    }
}
