import Testing

@testable import CarafeWebSocketCodec

@Suite(.timeLimit(.minutes(10))) struct DeflateOptionsTests {
    @Test("What a window costs follows zconf.h")
    func bytes() {
        let options = DeflateOptions(memoryLevel: 8)
        #expect(options.deflaterByteCount(windowBits: 15) == (128 + 128 + 6) * 1024)
        #expect(options.deflaterByteCount(windowBits: 9) == options.deflaterByteCount(windowBits: 8))
        #expect(DeflateOptions.inflaterByteCount(windowBits: 15) == (32 + 7) * 1024)
    }

    @Test(
        "Numbers out of range stop the program when it is set up",
        arguments: ["threshold", "level", "memory", "window"]
    )
    func range(wrong: String) async {
        switch wrong {
        case "threshold": await #expect(processExitsWith: .failure) { _ = DeflateOptions(threshold: -1) }
        case "level": await #expect(processExitsWith: .failure) { _ = DeflateOptions(compressionLevel: 10) }
        case "memory": await #expect(processExitsWith: .failure) { _ = DeflateOptions(memoryLevel: 0) }
        default: await #expect(processExitsWith: .failure) { _ = DeflateOptions(clientMaxWindowBits: 7) }
        }
    }
}
