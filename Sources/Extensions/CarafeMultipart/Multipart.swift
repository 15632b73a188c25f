public import CarafeApp
import CarafeRuntime
import HTTPTypes
import NIOCore

/// A form with files.
public struct Multipart: Sendable {
    /// The fields, which decode as those of any form.
    public internal(set) var form = Form()
    /// The files, in order of arrival. A file field that was left empty is not among them.
    public internal(set) var files: [UploadedFile] = []

    /// Returns the first file of a field.
    public func file(_ name: String) -> UploadedFile? {
        files.first { $0.fieldName.utf8.elementsEqual(name.utf8) }
    }

    /// Returns all files of a field.
    public func files(_ name: String) -> [UploadedFile] {
        files.filter { $0.fieldName.utf8.elementsEqual(name.utf8) }
    }
}

extension Request {
    /// Reads the fields and files of a multipart/form-data body (RFC 7578).
    ///
    /// ```swift
    /// import Foundation
    ///
    /// app.post("/photos", bodyLimit: 20 << 20) { request in
    ///     let form = try await request.multipart()
    ///     guard let photo = form.file("photo") else { try abort(.badRequest, "Expected a photo.") }
    ///     try await photo.save(to: "photos/\(UUID())-\(photo.safeName)")
    /// }
    /// ```
    ///
    /// - Parameter limits: The limits of the parts.
    /// - Returns: The form.
    /// - Throws: 415 for another type of body, 400 for a malformed one, 413 past a limit, and `TemporaryFileError` if a
    ///   file cannot be written to disk.
    public func multipart(_ limits: MultipartLimits = MultipartLimits()) async throws -> Multipart {
        var gathering = MultipartGathering(limits: limits)
        for try await part in try parts(limits) { try await gathering.add(part) }
        return gathering.result
    }
}

/// Collects the parts of a form, in memory or on disk.
struct MultipartGathering {
    private let limits: MultipartLimits
    private(set) var result = Multipart()
    private var memory = 0
    private var disk: TemporaryFile?

    init(limits: MultipartLimits) {
        self.limits = limits
    }

    mutating func add(_ part: Part) async throws {
        try count(part.name.utf8.count + (part.fileName?.utf8.count ?? 0) + (part.contentType?.utf8.count ?? 0))
        guard let fileName = part.fileName else {
            let text = try await part.text(upTo: limits.fieldBytes)
            try count(text.utf8.count)
            result.form.pairs.append((part.name, text))
            return
        }
        let content = try await content(of: part)
        let file = UploadedFile(
            fieldName: part.name, fileName: fileName, contentType: part.contentType, content: content)
        // HTML §4.10.22.4: a file field without a file is sent as an empty file without a name.
        if !fileName.isEmpty || file.count > 0 { result.files.append(file) }
    }

    private mutating func count(_ bytes: Int) throws(HTTPError) {
        memory += bytes
        guard memory <= limits.memoryBytes else {
            throw HTTPError(
                .contentTooLarge, "Expected names and fields of at most \(limits.memoryBytes) bytes in all.")
        }
    }

    private mutating func content(of part: Part) async throws -> UploadedFile.Content {
        var held = ByteBuffer()
        var pieces = part.makeAsyncIterator()
        while let piece = try await pieces.next() {
            if memory + held.readableBytes + piece.readableBytes > limits.memoryBytes {
                return .disk(try await spill(held, piece, &pieces))
            }
            held.writeImmutableBuffer(piece)
        }
        memory += held.readableBytes
        return .memory(held)
    }

    private mutating func spill(
        _ held: ByteBuffer, _ piece: ByteBuffer, _ pieces: inout Part.AsyncIterator
    ) async throws -> FileSlice {
        var file: TemporaryFile
        if let disk { file = disk } else { file = try await TemporaryFile.make(in: limits.temporaryFolder) }
        let start = file.length
        try await file.append(held)
        try await file.append(piece)
        while let piece = try await pieces.next() { try await file.append(piece) }
        try await file.flush()
        disk = file
        return FileSlice(file.file, offset: start, count: file.length - start)
    }
}
