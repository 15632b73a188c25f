/// A request's line and validated header section: RFC 9112 §3 and §5.
package struct RequestHead: Sendable, Equatable {
    /// The method as it was sent; it is case-sensitive (RFC 9110 §9.1).
    package let method: String
    /// The request target as it was sent: visible ASCII without "#", of the form that ``targetForm`` names.
    package let target: String
    /// Which form ``target`` has.
    package let targetForm: TargetForm
    /// The minor version: 0 for HTTP/1.0, 1 for HTTP/1.1 and for a higher 1.x.
    package let minorVersion: Int
    /// The header fields, in the bytes in which they came: no copy is made.
    package let fields: FieldLines
    /// The end of the content.
    package let framing: Framing
    /// Whether the client lets the connection stay open after the response (RFC 9112 §9.3).
    package let keepAlive: Bool
    /// Whether the client waits for 100 (Continue) before it sends content; never with HTTP/1.0 or without content
    /// (RFC 9110 §10.1.1).
    package let expectsContinue: Bool
    /// Whether Connection lists "upgrade" and there is an Upgrade field; never with HTTP/1.0 (RFC 9110 §7.8).
    package let upgrade: Bool

    /// The range of an absolute-form target's authority in ``target``.
    let targetAuthority: Range<Int>?
    /// The range of Host's value in ``fields``.
    let hostValue: Range<Int>?

    /// The way in which the end of the content is known: RFC 9112 §6.3.
    package enum Framing: Sendable, Equatable {
        /// No content.
        case none
        /// The number of bytes that Content-Length said, which may be 0.
        case contentLength(Int)
        /// The chunked transfer coding.
        case chunked
    }

    /// The forms of a request target that this reader accepts: RFC 9112 §3.2.
    package enum TargetForm: Sendable, Equatable {
        /// An absolute path and perhaps a query: "/where?q=now".
        case origin
        /// A whole http or https URI: "http://example.org/where?q=now".
        case absolute
        /// "*", only with OPTIONS.
        case asterisk
    }

    /// The host and perhaps port that the request is for, validated; nil only in an HTTP/1.0 request without Host.
    package var host: String? {
        // RFC 9112 §3.2.2: with an absolute-form target, its authority counts and Host is ignored.
        if let targetAuthority { return String(target.utf8.slice(targetAuthority)) }
        return hostValue.map { fields[$0] }
    }

    /// The absolute path and query of the target, whatever its form; "*" for the asterisk-form.
    package var pathAndQuery: String {
        guard let targetAuthority else { return target }
        let rest = String(target.utf8.slice(targetAuthority.upperBound..<target.utf8.count)) ?? ""
        // RFC 9110 §4.2.3: an empty path is the same as "/".
        return rest.utf8.first == UInt8(ascii: "/") ? rest : "/" + rest
    }
}

extension String.UTF8View {
    fileprivate func slice(_ offsets: Range<Int>) -> SubSequence {
        self[index(startIndex, offsetBy: offsets.lowerBound)..<index(startIndex, offsetBy: offsets.upperBound)]
    }
}
