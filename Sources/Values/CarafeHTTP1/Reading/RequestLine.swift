/// The first line of a request: RFC 9112 §3.
struct RequestLine: Sendable {
    let method: String
    let target: String
    let targetForm: RequestHead.TargetForm
    let targetAuthority: Range<Int>?
    let minorVersion: Int
    /// The length of the line in bytes, with its CRLF.
    let length: Int
}

extension RequestLine {
    init(_ bytes: RawSpan, method: Range<Int>, target: Range<Int>, minorVersion: Int, length: Int)
        throws(RequestError)
    {
        self.method = Self.method(bytes, method)
        let (form, authority) = try Self.form(bytes, method: method, target: target)
        self.target = bytes.string(target)
        targetForm = form
        targetAuthority = authority.map { ($0.lowerBound - target.lowerBound)..<($0.upperBound - target.lowerBound) }
        self.minorVersion = minorVersion
        self.length = length
    }

    /// The common names are constants: no string is decoded for them.
    private static func method(_ bytes: RawSpan, _ range: Range<Int>) -> String {
        if bytes.equals("GET", in: range) { return "GET" }
        if bytes.equals("POST", in: range) { return "POST" }
        if bytes.equals("HEAD", in: range) { return "HEAD" }
        if bytes.equals("PUT", in: range) { return "PUT" }
        if bytes.equals("OPTIONS", in: range) { return "OPTIONS" }
        return bytes.string(range)
    }

    private static func form(_ bytes: RawSpan, method: Range<Int>, target: Range<Int>)
        throws(RequestError) -> (RequestHead.TargetForm, authority: Range<Int>?)
    {
        if bytes[target.lowerBound] == UInt8(ascii: "/") { return (.origin, nil) }
        if bytes.equals("*", in: target), bytes.equals("OPTIONS", in: method) { return (.asterisk, nil) }
        for scheme: StaticString in ["http://", "https://"] {
            let start = target.lowerBound + scheme.utf8CodeUnitCount
            guard start < target.upperBound, bytes.matches(scheme, in: target.lowerBound..<start) else { continue }
            let end = (start..<target.upperBound).first {
                bytes[$0] == UInt8(ascii: "/") || bytes[$0] == UInt8(ascii: "?")
            }
            let authority = start..<(end ?? target.upperBound)
            // RFC 9110 §4.2.4: userinfo ("@") is not part of an http URI; §4.2.1: an empty host is invalid.
            guard Authority.isValid(bytes, authority) else {
                throw .badRequest("target: expected a host after the scheme, found none or an invalid one")
            }
            return (.absolute, authority)
        }
        throw .badRequest("target: expected an absolute path, an http or https URI, or * with OPTIONS")
    }
}
