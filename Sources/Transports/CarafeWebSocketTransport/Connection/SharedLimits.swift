/// The limits of all connections of a route, in memory once.
package final class SharedLimits: Sendable {
    package let values: ConnectionLimits

    package init(_ values: ConnectionLimits) {
        self.values = values
    }
}
