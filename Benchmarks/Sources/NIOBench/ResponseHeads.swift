import NIOCore
import NIOHTTP1

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The header fields of the answers, kept ready; only the loop that made them uses them.
final class ResponseHeads {
    static let helloBody = ByteBuffer(string: "Hello, World!")

    private(set) var hello = HTTPHeaders()
    private(set) var notFound = HTTPHeaders()
    private var date = ""

    init() {
        refreshDate()
    }

    func refreshDate(every interval: TimeAmount, on loop: any EventLoop) {
        let bound = NIOLoopBound(self, eventLoop: loop)
        loop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            bound.value.refreshDate()
        }
    }

    func text(length: Int) -> HTTPHeaders {
        [
            "content-type": "text/plain; charset=utf-8", "content-length": String(length), "date": date,
        ]
    }

    func html(length: Int) -> HTTPHeaders {
        [
            "content-type": "text/html; charset=utf-8", "content-length": String(length), "date": date,
        ]
    }

    private func refreshDate() {
        date = Self.now()
        hello = text(length: Self.helloBody.readableBytes)
        notFound = text(length: 0)
    }

    /// RFC 9110 §5.6.7: IMF-fixdate.
    private static func now() -> String {
        var seconds = time(nil)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 30) { bytes in
            // 29 characters and the final zero; the base address of a non-empty allocation is never nil.
            strftime(bytes.baseAddress!, bytes.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
            return String(cString: bytes.baseAddress!)
        }
    }
}
