import CarafeRuntime

/// The spelling of a request's number in the log.
package enum RequestID {
    /// The key of the metadata.
    package static let key = "request.id"

    package static func text(_ number: UInt64) -> String { number.hexadecimal }
}
