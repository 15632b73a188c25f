public import NIOCore

/// The payload of a frame, or as much of it as has come.
public struct FramePart: Sendable, Hashable {
    /// The header of the frame. Its masking key is done with: `payload` is unmasked.
    public var header: FrameHeader

    public var payload: ByteBuffer

    /// Whether the payload begins here.
    public var isFirst: Bool

    /// Whether the payload ends here.
    public var isLast: Bool
}
