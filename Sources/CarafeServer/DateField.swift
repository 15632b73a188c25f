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
final class DateField {
    private var second: time_t = -1
    private var line = ""

    func write(into output: inout ByteBuffer) {
        let now = time(nil)
        if now != second {
            second = now
            line = "date: \(HTTPDate.format(now))\r\n"
        }
        output.writeString(line)
    }
}
