public import CarafeApp
import CarafeHTTP
import HTTPTypes
public import NIOCore

/// A part of a form, read piece by piece as it arrives.
///
/// It can be read until the next part is asked for. Unread pieces are skipped.
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

    /// The file name that the client sent, any text at all; nil for a field. Use `safeName` for a path.
    public var fileName: String? { head.fileName }

    /// A name for a file on this computer, made from the client's.
    public var safeName: String { CarafeMultipart.safeName(head.fileName ?? "") }

    /// The content type that the client claims. Check the content before you rely on it.
    public var contentType: String? { head.contentType }

    /// Reads the whole part into memory.
    ///
    /// - Parameter limit: The largest part in bytes: 64 KiB.
    /// - Throws: 413 past the limit.
    public func collect(upTo limit: Int = 64 << 10) async throws -> ByteBuffer {
        var whole = ByteBuffer()
        for try await piece in self {
            guard whole.readableBytes + piece.readableBytes <= limit else { throw tooLarge(limit) }
            whole.writeImmutableBuffer(piece)
        }
        return whole
    }

    /// Reads the whole part as text.
    ///
    /// - Parameter limit: The largest part in bytes: 64 KiB.
    /// - Throws: 413 past the limit, and 400 for a part that is not UTF-8.
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

    /// An iterator over the pieces of a part.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let part: Part
        fileprivate var taken = 0

        /// Returns the next piece, or nil at the end of the part.
        ///
        /// - Throws: `HTTPError` 400 for a malformed form and 413 past a limit, and the errors of the connection.
        public mutating func next() async throws -> ByteBuffer? {
            guard let piece = try await part.reader.nextPiece(of: part.number) else { return nil }
            taken += piece.readableBytes
            let limits = part.reader.limits
            let limit = part.fileName == nil ? limits.fieldBytes : limits.fileBytes
            guard taken <= limit else { throw part.tooLarge(limit) }
            return piece
        }
    }

    /// Returns an iterator over the pieces that have not been read.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(part: self) }
}

/// The parts of a form, in order of arrival.
public struct Parts: AsyncSequence {
    let reader: PartReader

    /// An iterator over the parts.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let reader: PartReader

        /// Returns the next part, or nil at the end of the form.
        ///
        /// - Throws: `HTTPError` 400 for a malformed form and 413 past a limit, and the errors of the connection.
        public func next() async throws -> Part? { try await reader.nextPart() }
    }

    /// Returns an iterator over the parts that have not been read.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(reader: reader) }
}

extension Request {
    /// Returns the parts of a multipart/form-data body (RFC 7578) as they arrive. Nothing of them is kept, and they can
    /// be read once.
    ///
    /// ```swift
    /// for try await part in try request.parts() where part.fileName != nil {
    ///     for try await piece in part { … }
    /// }
    /// ```
    ///
    /// - Parameter limits: The limits of the parts.
    /// - Throws: 415 for another type of body. Reading throws 400 for a malformed body, and 413 past a limit.
    public func parts(_ limits: MultipartLimits = MultipartLimits()) throws -> Parts {
        let delimiter = try Delimiter(contentType: headers[.contentType])
        return Parts(reader: PartReader(body, MultipartParser(delimiter, limits.parserLimits), limits))
    }
}
