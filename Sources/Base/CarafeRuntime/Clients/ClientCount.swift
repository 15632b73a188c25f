import Synchronization

/// A count of the connections that clients hold open, in all and by address, with its limits.
package final class ClientCount: Sendable {
    private struct State {
        var all = 0
        var byAddress: [String: Int] = [:]
    }

    private let state = Mutex(State())
    private let limit: Int
    private let limitPerAddress: Int

    package init(limit: Int, limitPerAddress: Int = .max) {
        self.limit = limit
        self.limitPerAddress = limitPerAddress
    }

    /// Counts a connection.
    ///
    /// - Returns: Whether it is within the limits; if not, it is not counted.
    package func enter(from address: String?) -> Bool {
        // Without a limit by address no address is kept.
        let network = limitPerAddress < .max ? address.map(IPAddress.network) : nil
        return state.withLock { state in
            guard state.all < limit, network.map({ state.byAddress[$0, default: 0] < limitPerAddress }) ?? true else {
                return false
            }
            state.all += 1
            if let network { state.byAddress[network, default: 0] += 1 }
            return true
        }
    }

    /// Removes a connection from this address from the count.
    package func leave(from address: String?) {
        let network = limitPerAddress < .max ? address.map(IPAddress.network) : nil
        state.withLock { state in
            state.all -= 1
            guard let network, let count = state.byAddress[network] else { return }
            state.byAddress[network] = count > 1 ? count - 1 : nil
        }
    }
}
