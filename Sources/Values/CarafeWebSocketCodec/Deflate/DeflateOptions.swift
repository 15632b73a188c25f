/// One side's compression (RFC 7692), and its demands on the other side.
///
/// The defaults are for many connections that are idle most of the time: no side keeps its window from one message to
/// the next. All connections of an event loop then share the compressors of one `DeflaterPool`, a decompressor lives
/// only as long as a compressed message arrives, and an idle connection costs nothing.
///
/// Keeping the windows (both `noContextTakeover` false) makes messages smaller that are like those before them, and
/// costs each connection `deflaterByteCount(windowBits:)` and `inflaterByteCount(windowBits:)`: 150 KiB and 39 KiB.
///
/// Measured with JSON of 1 KiB: level 1 makes 350 bytes in 6 µs, level 6 makes 330 bytes in 8 µs; of 16 KiB, 4.0 KB in
/// 40 µs and 3.2 KB in 150 µs. Below 512 bytes less than half is saved, for 2 to 5 µs.
public struct DeflateOptions: Sendable, Hashable {
    /// Messages of fewer bytes are sent as they are.
    public let threshold: Int

    /// 0 (not at all) to 9 (smallest and slowest), as in zlib.
    public let compressionLevel: Int

    /// 1 to 9, as in zlib: how much a compressor remembers of its window. Small values also make it quicker to reset.
    public let memoryLevel: Int

    /// Whether the server drops its window after each message.
    public let serverNoContextTakeover: Bool

    /// Whether the client is asked to drop its window after each message, or as a client, whether we say that we do.
    public let clientNoContextTakeover: Bool

    /// The server's window has at most 2 to the power of this many bytes; 8 to 15.
    ///
    /// With 8, which zlib cannot do in full, only repetitions of one byte are found. A client that demands 8 gets it.
    public let serverMaxWindowBits: Int

    /// The client's window has at most 2 to the power of this many bytes; 8 to 15.
    ///
    /// Below 15 a server declines the offer of a client that does not say that it can keep to a smaller one.
    public let clientMaxWindowBits: Int

    /// Precondition: all numbers are in their range.
    public init(
        threshold: Int = 512,
        compressionLevel: Int = 1,
        memoryLevel: Int = 5,
        serverNoContextTakeover: Bool = true,
        clientNoContextTakeover: Bool = true,
        serverMaxWindowBits: Int = 15,
        clientMaxWindowBits: Int = 15
    ) {
        precondition(threshold >= 0, "expected a threshold of 0 bytes or more, found \(threshold)")
        precondition((0...9).contains(compressionLevel), "expected a level of 0 to 9, found \(compressionLevel)")
        precondition((1...9).contains(memoryLevel), "expected a memory level of 1 to 9, found \(memoryLevel)")
        for bits in [serverMaxWindowBits, clientMaxWindowBits] {
            precondition((8...15).contains(bits), "expected 8 to 15 window bits, found \(bits)")
        }
        self.threshold = threshold
        self.compressionLevel = compressionLevel
        self.memoryLevel = memoryLevel
        self.serverNoContextTakeover = serverNoContextTakeover
        self.clientNoContextTakeover = clientNoContextTakeover
        self.serverMaxWindowBits = serverMaxWindowBits
        self.clientMaxWindowBits = clientMaxWindowBits
    }

    /// The memory of a compressor in bytes: the window twice over, its hash table, and zlib's own state.
    public func deflaterByteCount(windowBits: Int) -> Int {
        // The two shifts are in zconf.h; the constant covers the state of zlib 1.2.13.
        (1 << (max(windowBits, 9) + 2)) + (1 << (memoryLevel + 9)) + (6 << 10)
    }

    /// The memory of a decompressor in bytes: the window, and zlib's own state.
    public static func inflaterByteCount(windowBits: Int) -> Int {
        (1 << windowBits) + (7 << 10)
    }
}
