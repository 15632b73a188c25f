/// A control frame would be longer than RFC 6455 §5.5 allows.
public struct ControlPayloadTooLong: Error, Hashable, CustomStringConvertible {
    /// In bytes.
    public var found: Int

    public var description: String { "expected at most 125 bytes in a control frame, found \(found)" }
}
