public import CarafeApp
import CarafeHTTP
import HTTPTypes
public import NIOCore

/// One part of a form, while it arrives: a sequence of its pieces.
///
/// It is read until the next part is asked for; what nobody reads is passed over.
public struct Part: AsyncSequence {
    private let head: PartHead
    private let reader: PartReader
    private let number: Int

    init(_ head: PartHead, _ reader: PartReader, number: Int) {
        self.head = head
        self.reader = reader
        self.number = number
    }

    /// The name of the field.
    public var name: String { head.name }

    /// What the client says that its file is called, any text at all; nil where it is no file. Use `safeName` for a
    /// path.
    public var fileName: String? { head.fileName }

    /// A name for a file on this computer, made of what the client says.
    public var safeName: String { CarafeMultipart.safeName(head.fileName ?? "") }

    /// What the client says that the content is; check the content before you believe it.
    public var contentType: String? { head.contentType }

    /// The whole part in memory; throws 413 past `limit` bytes.
    public func collect(upTo limit: Int = 64 << 10) async throws -> ByteBuffer {
        var whole = ByteBuffer()
        for try await piece in self {
            guard whole.readableBytes + piece.readableBytes <= limit else { throw tooLarge(limit) }
            whole.writeImmutableBuffer(piece)
        }
        return whole
    }

    /// The whole part as text; throws 413 past `limit` bytes, and 400 where it is not UTF-8.
    public func text(upTo limit: Int = 64 << 10) async throws -> String {
        let bytes = try await collect(upTo: limit)
        guard let text = String(validating: bytes.readableBytesView, as: UTF8.self) else {
            throw HTTPError(.badRequest, "Expected the field \(name.debugDescription) in UTF-8.")
        }
        return text
    }

    func tooLarge(_ limit: Int) -> HTTPError {
        HTTPError(.contentTooLarge, "Expected \(name.debugDescription) to have at most \(limit) bytes.")
    }

    /// The pieces of a part.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let part: Part
        fileprivate var taken = 0

        public mutating func next() async throws -> ByteBuffer? {
            guard let piece = try await part.reader.nextPiece(of: part.number) else { return nil }
            taken += piece.readableBytes
            let limits = part.reader.limits
            let limit = part.fileName == nil ? limits.fieldLength : limits.fileLength
            guard taken <= limit else { throw part.tooLarge(limit) }
            return piece
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(part: self) }
}

/// The parts of a form, one after the other as they arrive.
public struct Parts: AsyncSequence {
    let reader: PartReader

    public struct AsyncIterator: AsyncIteratorProtocol {
        let reader: PartReader

        public func next() async throws -> Part? { try await reader.nextPart() }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(reader: reader) }
}

extension Request {
    /// The parts of a multipart/form-data body (RFC 7578) as they arrive, with nothing kept of them; once for a
    /// request.
    ///
    /// ```swift
    /// for try await part in try request.parts() where part.fileName != nil {
    ///     for try await piece in part { … }
    /// }
    /// ```
    /// Throws 415 for another type of body, and reading throws 400 where it is malformed and 413 past a limit.
    public func parts(_ limits: MultipartLimits = MultipartLimits()) throws -> Parts {
        let delimiter = try Delimiter(contentType: headers[.contentType])
        return Parts(reader: PartReader(body, MultipartParser(delimiter, limits.parserLimits), limits))
    }
}
