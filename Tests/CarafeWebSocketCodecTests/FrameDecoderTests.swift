import NIOCore
import Testing

@testable import CarafeWebSocketCodec

@Suite(.timeLimit(.minutes(10))) struct FrameDecoderTests {
    @Test("A frame that comes whole is one part, unmasked where it lay")
    func inPlace() throws {
        var decoder = FrameDecoder(role: .server)
        var read = ByteBuffer(bytes: masked(0x81, Array("Hello".utf8)) + masked(0x82, [1, 2, 3]))
        let address = try #require(read.address)
        decoder.receive(&read)
        #expect(read.readableBytes == 0)
        let first = try #require(try decoder.next())
        let second = try #require(try decoder.next())
        #expect(first.isFirst && first.isLast && second.isFirst && second.isLast)
        #expect([UInt8](first.payload) == Array("Hello".utf8))
        #expect([UInt8](second.payload) == [1, 2, 3])
        #expect(first.payload.address == address + 6)
        #expect(second.payload.address == address + 17)
        #expect(try decoder.next() == nil)
    }

    @Test("Storage that someone else holds too is left alone, and its spare room is not copied")
    func shared() throws {
        let wire = masked(0x82, [1, 2, 3])
        var held = ByteBuffer()
        held.reserveCapacity(65_536)
        held.writeBytes(wire)
        var decoder = FrameDecoder(role: .server)
        var read = held
        decoder.receive(&read)
        let part = try #require(try decoder.next())
        #expect([UInt8](part.payload) == [1, 2, 3])
        #expect([UInt8](held) == wire)
        #expect(part.payload.storageCapacity <= 64)
    }

    @Test("A frame in pieces is handed out in pieces, as they come")
    func pieces() throws {
        var decoder = FrameDecoder(role: .server)
        let wire = masked(0x82, [1, 2, 3, 4, 5])
        #expect(try decoder.parts(Array(wire[..<6])).isEmpty)
        let parts = try decoder.parts(Array(wire[6..<8])) + decoder.parts(Array(wire[8...]))
        #expect(parts.map { [UInt8]($0.payload) } == [[1, 2], [3, 4, 5]])
        #expect(parts.map(\.isFirst) == [true, false])
        #expect(parts.map(\.isLast) == [false, true])
    }

    @Test("An empty frame is a part as soon as its header is whole")
    func empty() throws {
        var decoder = FrameDecoder(role: .client)
        #expect(try decoder.parts([0x89]).isEmpty)
        let parts = try decoder.parts([0x00])
        #expect(parts.map(\.header.opcode) == [.ping])
        #expect(parts.map(\.isLast) == [true])
    }

    @Test("Reads may pile up before the first part is taken")
    func piledUp() throws {
        let wire = masked(0x82, [1, 2, 3]) + masked(0x82, [4, 5])
        for cut in 0...wire.count {
            var decoder = FrameDecoder(role: .server)
            for piece in [wire[..<cut], wire[cut...]] {
                var read = ByteBuffer(bytes: piece)
                decoder.receive(&read)
            }
            #expect(decoder.unreadByteCount == wire.count)
            #expect(try decoder.parts([]).map { [UInt8]($0.payload) } == [[1, 2, 3], [4, 5]])
            #expect(decoder.unreadByteCount == 0)
        }
    }

    @Test("RFC 7692 §6: RSV1 reaches the parts when negotiated")
    func reserved1() throws {
        var decoder = FrameDecoder(role: .client, isReserved1Negotiated: true)
        #expect(try decoder.parts([0xC1, 0x01, 0x00, 0x81, 0x00]).map(\.header.reserved1) == [true, false])
    }

    @Test("A decoder that has handed out everything does not keep the read alive")
    func released() throws {
        var decoder = FrameDecoder(role: .server)
        var read = ByteBuffer(bytes: masked(0x82, [1, 2, 3]))
        decoder.receive(&read)
        var payload = try #require(try decoder.next()?.payload)
        let isOnlyOwner = payload.modifyIfUniquelyOwned { _ in true }
        #expect(isOnlyOwner == true)
    }
}
