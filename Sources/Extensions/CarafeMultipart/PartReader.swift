import CarafeApp
import CarafeHTTP
import NIOCore

/// A reader of the parts in a body, shared by their sequences.
final class PartReader {
    let limits: MultipartLimits
    private var body: RequestBody.AsyncIterator
    private var parser: MultipartParser
    private var number = 0
    private var isInPart = false
    private var isDone = false

    init(_ body: RequestBody, _ parser: MultipartParser, _ limits: MultipartLimits) {
        self.body = body.makeAsyncIterator()
        self.parser = parser
        self.limits = limits
    }

    /// Returns the next part, after skipping the rest of this one, or nil at the end.
    func nextPart() async throws -> Part? {
        while let event = try await nextEvent() {
            guard case .head(let head) = event else { continue }
            number += 1
            isInPart = true
            return Part(head, self, number: number)
        }
        return nil
    }

    /// Returns the next piece of a part, or nil at its end and once another part has begun.
    func nextPiece(of part: Int) async throws -> ByteBuffer? {
        guard part == number, isInPart, case .data(let piece) = try await nextEvent() else {
            if part == number { isInPart = false }
            return nil
        }
        return piece
    }

    private func nextEvent() async throws -> MultipartParser.Event? {
        while !isDone {
            if let event = try parser.next() { return event }
            if let piece = try await body.next() {
                parser.receive(piece)
            } else {
                isDone = true
                try parser.finish()
            }
        }
        return nil
    }
}
