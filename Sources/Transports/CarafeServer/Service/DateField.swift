import CarafeHTTP
import NIOCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The `Date` field (RFC 9110 §6.6.1), made once a second.
package final class DateField {
    private var second: time_t = -1
    private var text = ""

    /// The present second in IMF-fixdate.
    package var value: String {
        let now = time(nil)
        if now != second {
            second = now
            text = HTTPDate.format(now)
        }
        return text
    }

    func write(into output: inout ByteBuffer) {
        output.writeStaticString("date: ")
        output.writeString(value)
        output.writeStaticString("\r\n")
    }
}
