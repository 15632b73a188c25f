import Configuration
import Logging

/// The values of a configuration, checked: a value of the wrong kind is an error, and does not become the default.
struct ConfigValues {
    let config: ConfigReader
    /// The prefix of the keys, for errors.
    var scope = ""

    func read(_ key: String, _ value: inout String) throws(ConfigurationError) {
        if let found = config.string(forKey: ConfigKey(key)) { value = found } else { try checkAbsent(key, "a text") }
    }

    func read(_ key: String, _ value: inout Bool) throws(ConfigurationError) {
        if let found = config.bool(forKey: ConfigKey(key)) {
            value = found
        } else {
            try checkAbsent(key, "true or false")
        }
    }

    func read<Number: FixedWidthInteger>(
        _ key: String, _ value: inout Number, in range: ClosedRange<Number>
    ) throws(ConfigurationError) {
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        guard let found = config.int(forKey: ConfigKey(key)) else { return try checkAbsent(key, expected) }
        guard let number = Number(exactly: found), range.contains(number) else {
            throw ConfigurationError(key: scope + key, expected: expected, found: "\(found)")
        }
        value = number
    }

    /// Reads a time in seconds.
    func read(_ key: String, _ value: inout Duration) throws(ConfigurationError) {
        let expected = "seconds, more than 0 and at most a day"
        guard let seconds = config.double(forKey: ConfigKey(key)) ?? config.int(forKey: ConfigKey(key)).map(Double.init)
        else { return try checkAbsent(key, expected) }
        guard seconds > 0, seconds <= 86_400 else {
            throw ConfigurationError(key: scope + key, expected: expected, found: "\(seconds)")
        }
        value = .seconds(seconds)
    }

    func read(_ key: String, _ value: inout Logger.Level) throws(ConfigurationError) {
        let expected = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
        guard let text = config.string(forKey: ConfigKey(key)) else { return try checkAbsent(key, expected) }
        guard let level = Logger.Level(rawValue: text) else {
            throw ConfigurationError(key: scope + key, expected: expected, found: text)
        }
        value = level
    }

    /// Throws if there is a value of another kind, which reads as missing.
    private func checkAbsent(_ key: String, _ expected: String) throws(ConfigurationError) {
        guard let found = text(of: ConfigKey(key)) else { return }
        throw ConfigurationError(key: scope + key, expected: expected, found: found)
    }

    private func text(of key: ConfigKey) -> String? {
        if let text = config.string(forKey: key) { return text }
        if let number = config.int(forKey: key) { return "\(number)" }
        if let number = config.double(forKey: key) { return "\(number)" }
        return config.bool(forKey: key).map { "\($0)" }
    }
}

/// An error for a configuration value that cannot be converted to the type of its key.
public struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    /// The key, below the scope that was read.
    public var key: String
    /// The expected kind of value.
    public var expected: String
    /// The value that was found.
    public var found: String

    /// A description with the key, the expected and the found.
    public var description: String {
        "expected \(key) in the configuration to be \(expected), found \(found.debugDescription)"
    }
}
