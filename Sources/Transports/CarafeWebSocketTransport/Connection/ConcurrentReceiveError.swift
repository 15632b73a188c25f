/// Two tasks wait for the messages of one socket: each message would go to either, by chance.
public struct ConcurrentReceiveError: Error, Equatable, CustomStringConvertible {
    /// The reason and the remedy, in one line.
    public var description: String {
        "two tasks wait for the same socket: receive in one of them, and pass messages on"
    }
}
