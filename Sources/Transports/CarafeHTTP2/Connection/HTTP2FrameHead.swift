import NIOCore
import NIOHTTP2

/// The first bytes of a frame that SwiftNIO writes (RFC 9113 §4.1).
struct HTTP2FrameHead {
    enum Kind: UInt8 {
        case data = 0
        case resetStream = 3
        case goAway = 7
    }

    /// Length, type, flags and stream identifier.
    private static let length = 9

    /// Nil for a type that is not looked at.
    let kind: Kind?
    /// The error code of RST_STREAM (§6.4) and GOAWAY (§6.8).
    private(set) var errorCode = 0

    private var errorCodeOffset: Int {
        kind == .goAway ? Self.length + 4 : Self.length
    }

    /// Nil where `bytes` do not begin with a whole head.
    init?(_ bytes: ByteBuffer) {
        let start = bytes.readerIndex
        guard bytes.readableBytes >= Self.length, let type = bytes.getInteger(at: start + 3, as: UInt8.self) else {
            return nil
        }
        kind = Kind(rawValue: type)
        guard kind == .resetStream || kind == .goAway else { return }
        errorCode = bytes.getInteger(at: start + errorCodeOffset, as: UInt32.self).map(Int.init) ?? 0
    }

    /// Puts another last stream into GOAWAY.
    func setLastStream(_ stream: Int, in bytes: inout ByteBuffer) {
        bytes.setInteger(UInt32(stream), at: bytes.readerIndex + Self.length)
    }

    var isProtocolError: Bool { errorCode == NIOHTTP2.HTTP2ErrorCode.protocolError.networkCode }

    mutating func setErrorCode(_ code: NIOHTTP2.HTTP2ErrorCode, in bytes: inout ByteBuffer) {
        errorCode = code.networkCode
        bytes.setInteger(UInt32(code.networkCode), at: bytes.readerIndex + errorCodeOffset)
    }
}
