import Synchronization

/// The lengths of what was answered, in order.
final class Lengths: Sendable {
    private let lengths = Mutex<[Int?]>([])

    var all: [Int?] { lengths.withLock { $0 } }

    func add(_ length: Int?) { lengths.withLock { $0.append(length) } }
}
