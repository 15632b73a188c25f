package import NIOCore

/// Reads HTTP/1 requests strictly (RFC 9112): bytes in, events out.
///
/// It holds no bytes. What it cannot use yet stays in the caller's buffer, to which the caller appends; the reader
/// remembers how far it has looked, so that a head that comes in small pieces is looked at once. A head is one
/// ``Event/head(_:)``, content comes as it arrives, and ``Event/end`` closes every request. What it hands out shares
/// the caller's storage: appending to the buffer while a part of it is held elsewhere makes `ByteBuffer` copy.
package struct RequestReader: Sendable {
    private let limits: Limits
    private var place = Place.head
    // Beside the place and not in its cases: a case's payload has to be copied out and in again to be changed.
    private var head = HeadReader()
    private var chunks = ChunkedBody()

    /// A reader for a new connection.
    package init(limits: Limits = Limits()) { self.limits = limits }

    /// A part of a request.
    package enum Event: Sendable, Equatable {
        /// The request line and the header section.
        case head(RequestHead)
        /// A piece of the content, not empty.
        case body(ByteBuffer)
        /// The request is complete; the next one may already be in the buffer.
        case end
        /// The bytes are not a request that can be read. Nothing comes after it.
        case failure(RequestError)
    }

    private enum Place: Sendable {
        case head
        /// In content with a length, of which this many bytes are to come.
        case content(Int)
        case chunks
        case end
        case failed
    }

    /// Reads the next event and consumes its bytes; nil when more bytes are needed, and after a failure.
    ///
    /// After nil, the readable part of `bytes` may only grow at its end.
    package mutating func next(_ bytes: inout ByteBuffer) -> Event? {
        do {
            return try read(&bytes)
        } catch {
            place = .failed
            return .failure(error)
        }
    }

    @inline(__always)
    private mutating func read(_ bytes: inout ByteBuffer) throws(RequestError) -> Event? {
        switch place {
        case .head:
            guard let request = try head.read(&bytes, limits: limits) else { return nil }
            head = HeadReader()
            start(request.framing)
            return .head(request)
        case .content(let remaining):
            guard bytes.readableBytes > 0,
                let piece = bytes.readSlice(length: min(remaining, bytes.readableBytes))
            else { return nil }
            let left = remaining - piece.readableBytes
            place = left > 0 ? .content(left) : .end
            return .body(piece)
        case .chunks:
            guard let piece = try chunks.next(&bytes, limits: limits) else { return nil }
            if case .data(let data) = piece { return .body(data) }
            place = .head
            return .end
        case .end:
            place = .head
            return .end
        case .failed:
            return nil
        }
    }

    private mutating func start(_ framing: RequestHead.Framing) {
        switch framing {
        case .none, .contentLength(0): place = .end
        case .contentLength(let length): place = .content(length)
        case .chunked:
            chunks = ChunkedBody()
            place = .chunks
        }
    }
}
