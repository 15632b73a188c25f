import CarafeRuntime
import FoundationEssentials

/// The nonce of one page, by which its content security policy allows inline scripts (CSP 3 §2.3.1).
///
/// `SecurityHeaders` puts one into `request.values`. An extension that writes an inline script reads it there:
///
/// ```swift
/// let nonce = request.values[ContentSecurityNonce.self]?.value
/// ```
public final class ContentSecurityNonce: Sendable {
    private let nonce = Lazily<String>()

    /// Creates a nonce whose value is made when it is first read.
    public init() {}

    /// The value for the attribute `nonce`.
    public var value: String {
        nonce.get {
            var generator = SystemRandomNumberGenerator()
            // CSP 3 §7.1: at least 128 bits that nobody can guess.
            return Data((0..<18).map { _ in UInt8.random(in: 0...255, using: &generator) }).base64EncodedString()
        }
    }

    /// The value, or nil if no script of the page has read it.
    public var used: String? { nonce.value }
}
