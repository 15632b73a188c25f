import CarafeApp
import HTTPTypes
import Synchronization

/// Counts the open sockets of a route, in all and by address, and refuses those past the limits.
final class SocketCount: Sendable {
    private struct State {
        var all = 0
        var byAddress: [String: Int] = [:]
    }

    private let state = Mutex(State())
    private let limit: Int
    private let limitPerAddress: Int

    init(limit: Int, limitPerAddress: Int) {
        self.limit = limit
        self.limitPerAddress = limitPerAddress
    }

    /// Counts one in, or throws 503 (RFC 9110 §15.6.4).
    func enter(from address: String?) throws(HTTPError) {
        let fits = state.withLock { state in
            guard state.all < limit, address.map({ state.byAddress[$0, default: 0] < limitPerAddress }) ?? true else {
                return false
            }
            state.all += 1
            // Nothing is kept by address where nothing is limited by it.
            if let address, limitPerAddress < .max { state.byAddress[address, default: 0] += 1 }
            return true
        }
        guard fits else {
            throw HTTPError(.serviceUnavailable, "Too many connections are open.", headers: [.retryAfter: "5"])
        }
    }

    func leave(from address: String?) {
        state.withLock { state in
            state.all -= 1
            guard let address, let count = state.byAddress[address] else { return }
            state.byAddress[address] = count > 1 ? count - 1 : nil
        }
    }
}
