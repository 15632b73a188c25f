public import Carafe
import Logging
import NIOCore
import Synchronization

/// Counts the lines that an app sends, those of streamed bodies too, and logs their number for each response.
///
/// ```swift
/// try app.install(LineCount())
/// ```
public final class LineCount: Extension {
    private let total = Atomic(0)

    /// The number of lines sent so far.
    public var count: Int { total.load(ordering: .relaxed) }

    /// Creates an extension that has counted nothing.
    public init() {}

    /// Adds the middleware that counts.
    public func install(in app: inout App) {
        app.use { [self] request, next in
            var response = try await next(request)
            let lines = Lines()
            switch response.body {
            case .text(let text): lines.add(text.utf8)
            case .bytes(let bytes): lines.add(bytes.readableBytesView)
            case .none, .file, .stream: break
            }
            // A body at hand stays as it is; one that is streamed is counted while the app writes it.
            response.body = response.body.wrapped { writer, produce in
                try await produce(writer.onWrite { piece in lines.add(piece.readableBytesView) })
            }
            response.onEnd { [self] ending in
                let count = lines.count.load(ordering: .relaxed)
                total.add(count, ordering: .relaxed)
                request.logger.info("sent \(count) lines", metadata: ["ending": "\(ending)"])
            }
            return response
        }
    }
}

/// The lines of one response.
private final class Lines: Sendable {
    let count = Atomic(0)

    func add(_ bytes: some Sequence<UInt8>) {
        count.add(bytes.count { $0 == UInt8(ascii: "\n") }, ordering: .relaxed)
    }
}
