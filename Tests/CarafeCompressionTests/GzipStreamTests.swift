import NIOCore
import TestSupport
import Testing

@testable import CarafeCompression

@Suite("GzipStream", .timeLimit(.minutes(10)))
struct GzipStreamTests {
    private static let text = (0..<5000).map { "line \($0 * 7919 % 1000)\n" }.joined()

    @Test("RFC 1952: the real gzip reads it", arguments: [1, 5, 9])
    func gzip(level: Int) async throws {
        let stream = GzipStream(level: level, windowBits: 15, memoryLevel: 8)
        var output = stream.compress(ByteBuffer(string: Self.text), .none)
        output.writeImmutableBuffer(stream.compress(ByteBuffer(), .finish))
        #expect(output.readableBytes < Self.text.utf8.count / 3)
        let folder = try TemporaryFolder()
        try folder.write(bytes: Array(output.readableBytesView), to: "text.gz")
        let program = try ForeignProgram("gzip", ["-dc", folder.path + "/text.gz"])
        #expect(await program.wholeOutput() == Self.text)
        #expect(await program.end() == 0)
    }

    @Test("after a sync flush all that went in can be read, whatever the window")
    func sync() {
        for (bits, memory) in [(9, 1), (12, 5), (15, 8)] {
            let stream = GzipStream(level: 5, windowBits: bits, memoryLevel: memory)
            let reader = Gunzip()
            for number in 0..<100 {
                let piece = "event \(number) " + String(repeating: "x", count: number * 50)
                #expect(reader.read(stream.compress(ByteBuffer(string: piece), .sync)) == piece)
            }
            #expect(!reader.isAtEnd)
            #expect(reader.read(stream.compress(ByteBuffer(), .finish)) == "" && reader.isAtEnd)
        }
    }

    @Test("what fills its room to the byte, and what cannot be made shorter, comes out whole")
    func lengths() {
        var number: UInt64 = 1
        let noise = (0..<70_000).map { _ in
            number = number &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(number >> 57)
        }
        for length in Array(0..<300) + [1000, 65_536, 70_000] {
            let text = String(decoding: noise.prefix(length), as: UTF8.self)
            let stream = GzipStream(level: 5, windowBits: 15, memoryLevel: 8)
            #expect(Gunzip.whole(stream.compress(ByteBuffer(string: text), .finish)) == text)
        }
    }
}
