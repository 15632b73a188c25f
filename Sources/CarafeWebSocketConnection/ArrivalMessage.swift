package import CarafeHTTP
package import CarafeWebSocketCodec

extension Arrival {
    /// A message on its way to whoever receives it; the mark is its kind.
    init(_ message: Message) {
        self.init(message.bytes, mark: message.kind == .text ? 1 : 0)
    }
}

extension Message {
    package init(_ arrival: Arrival) {
        // It was checked when it was received.
        self.init(kind: arrival.mark == 1 ? .text : .binary, uncheckedBytes: arrival.bytes)
    }
}
