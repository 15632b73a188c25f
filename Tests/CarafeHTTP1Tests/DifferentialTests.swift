import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import CarafeHTTP1

/// A comparison: bytes through this reader and through SwiftNIO's (llhttp), as a second opinion.
@Suite("RequestReader and SwiftNIO's decoder", .timeLimit(.minutes(10)))
struct DifferentialTests {
    /// One request as both can tell it.
    private struct Reading: Equatable {
        var method: String
        var target: String
        var minorVersion: Int
        var fields: [String]
        var content: [UInt8] = []

        /// Whether the connection ends with it (RFC 9112 §9.3), so that llhttp reads nothing after it. Here that is the
        /// server's part.
        var isLast: Bool {
            minorVersion == 0 || fields.contains { $0.lowercased().hasPrefix("connection: close") }
        }
    }

    @Test(
        "a request that is read here is read alike there; one that is read only there, is refused here",
        arguments: [UInt64](0..<8))
    func agree(seed: UInt64) throws {
        var generator = RequestGenerator(seed: seed)
        var both = 0
        var stricter = 0
        for _ in 0..<2500 {
            let bytes = generator.next()
            let (ours, refusal) = readings(bytes)
            let theirs = try theirReadings(bytes)
            let common = min(ours.count, theirs.count)
            #expect(Array(ours.prefix(common)) == Array(theirs.prefix(common)), "\(text(bytes))")
            both += common
            if ours.count < theirs.count {
                // They read on past a refusal of this reader, and not otherwise.
                #expect(refusal != nil, "\(text(bytes))")
                stricter += 1
            } else if ours.count > theirs.count, !ours.prefix(theirs.count).contains(where: \.isLast) {
                let next = ours[theirs.count]
                #expect(Self.isExplained(next), "\(text(bytes)) \(next)")
            }
        }
        // The generator is worth something.
        #expect(both > 200 && stricter > 50, "\(both) \(stricter)")
    }

    /// The requests that this reader takes and llhttp does not.
    private static func isExplained(_ reading: Reading) -> Bool {
        // llhttp has a list of the methods that there are; RFC 9110 §9.1 has any token.
        !["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"].contains(reading.method)
    }

    private func readings(_ bytes: [UInt8]) -> ([Reading], RequestError?) {
        var readings: [Reading] = []
        var open: Reading?
        for event in read([bytes]) {
            switch event {
            case .head(let head):
                open = Reading(
                    method: head.method, target: head.target, minorVersion: head.minorVersion,
                    fields: head.fields.map { "\(head.fields[$0.name]): \(head.fields[$0.value])" })
            case .body(let piece): open?.content += Array(piece.readableBytesView)
            case .end:
                if let open { readings.append(open) }
                open = nil
            case .failure(let failure): return (readings, failure)
            }
        }
        return (readings, nil)
    }

    private func theirReadings(_ bytes: [UInt8]) throws -> [Reading] {
        let channel = EmbeddedChannel()
        let decoder = HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)
        try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(decoder))
        _ = try? channel.writeInbound(ByteBuffer(bytes: bytes))
        var readings: [Reading] = []
        var open: Reading?
        while let part = try? channel.readInbound(as: HTTPServerRequestPart.self) {
            switch part {
            case .head(let head):
                open = Reading(
                    method: head.method.rawValue, target: head.uri, minorVersion: head.version.minor,
                    // RFC 9112 §5.1: the whitespace after a value is not part of it; llhttp leaves it there.
                    fields: head.headers.map { "\($0.name): \($0.value.trimmingSuffix { $0 == " " || $0 == "\t" })" })
            case .body(let piece): open?.content += Array(piece.readableBytesView)
            case .end:
                if let open { readings.append(open) }
                open = nil
            }
        }
        _ = try? channel.finish()
        return readings
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self).debugDescription }
}

extension String {
    fileprivate func trimmingSuffix(while isTrimmed: (Character) -> Bool) -> Substring {
        self[..<(lastIndex { !isTrimmed($0) }.map { index(after: $0) } ?? startIndex)]
    }
}
