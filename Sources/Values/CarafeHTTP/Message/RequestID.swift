/// How the number of a request stands in the log.
package enum RequestID {
    /// The key of the metadata.
    package static let key = "request.id"

    package static func text(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
