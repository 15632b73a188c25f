/// Limits of one message, which bound its cost for the receiver (RFC 6455 §10.4).
package struct MessageLimits: Sendable, Hashable {
    /// The longest message in bytes, all fragments together; default 1 MiB. A longer one is refused with 1009 from
    /// its frame header, before its bytes arrive.
    package var messageLimit: Int

    /// The most fragments of one message; default 131,072. One more is refused with 1008.
    ///
    /// Only empty or tiny fragments get there; each costs work although the message stays within its length.
    package var fragmentLimit: Int

    package init(messageLimit: Int = 1 << 20, fragmentLimit: Int = 131_072) {
        self.messageLimit = messageLimit
        self.fragmentLimit = fragmentLimit
    }

    /// The longest payload of a compressed message.
    ///
    /// RFC 1951 §3.2.4: what cannot be compressed gets a little longer, so a message within the limit may come in more
    /// bytes; a sixteenth is more than any block's overhead. It is not held, and the message itself has its own limit.
    var compressedLimit: Int {
        let (length, isOverflow) = messageLimit.addingReportingOverflow(messageLimit / 16 + 64)
        return isOverflow ? .max : length
    }
}
