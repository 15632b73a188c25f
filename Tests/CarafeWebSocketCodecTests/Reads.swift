import NIOCore

@testable import CarafeWebSocketCodec

extension MessageDecoder {
    /// Receives each read and takes all events of it before the next.
    mutating func events(_ reads: [[UInt8]]) -> [Event] {
        reads.flatMap { read in
            var bytes = ByteBuffer(bytes: read)
            receive(&bytes)
            var events: [Event] = []
            while let event = next() { events.append(event) }
            return events
        }
    }

    mutating func events(_ read: [UInt8]) -> [Event] {
        events([read])
    }
}

extension FrameDecoder {
    mutating func parts(_ read: [UInt8]) throws -> [FramePart] {
        var bytes = ByteBuffer(bytes: read)
        receive(&bytes)
        var parts: [FramePart] = []
        while let part = try next() { parts.append(part) }
        return parts
    }
}

extension [UInt8] {
    init(_ buffer: ByteBuffer) {
        self.init(buffer.readableBytesView)
    }

    /// One byte in each read.
    var singly: [[UInt8]] { map { [$0] } }
}

extension ByteBuffer {
    /// The address of the readable bytes, to see whether they were copied.
    var address: Int? {
        withUnsafeReadableBytes { $0.baseAddress.map { Int(bitPattern: $0) } }
    }
}

/// A masked frame as a client would send it, wrong ones included: nothing is checked.
func masked(_ first: UInt8, _ payload: [UInt8]) -> [UInt8] {
    var header = FrameHeader(
        opcode: .binary,
        maskingKey: MaskingKey(0x37, 0xFA, 0x21, 0x3D),
        payloadLength: payload.count
    ).bytes
    header[0] = first
    return header + payload.enumerated().map { $1 ^ [0x37, 0xFA, 0x21, 0x3D][$0 % 4] }
}

extension FrameHeader {
    var bytes: [UInt8] {
        var buffer = ByteBuffer()
        write(to: &buffer)
        return [UInt8](buffer)
    }
}
