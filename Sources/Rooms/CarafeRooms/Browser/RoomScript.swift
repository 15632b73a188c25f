public import CarafeApp
import CarafeRuntime
import HTTPTypes
import NIOCore

extension Scaffold {
    /// Serves `carafe.js`, the browser's side of a room's route, and its TypeScript types beside it.
    ///
    /// ```html
    /// <script src="/carafe.js"></script>
    /// <script>
    ///     const room = new CarafeRoom("/rooms/tea", { onMessage: (message) => show(message) });
    ///     room.send({ text: "hello" });
    /// </script>
    /// ```
    /// It has no dependencies; where jQuery is loaded before it, `$("#chat").carafeRoom("/rooms/tea")` works too.
    public mutating func roomScript(_ path: String = "/carafe.js") {
        serve(PackageResources.carafe_js, "text/javascript; charset=utf-8", at: path)
        let stem = path.hasSuffix(".js") ? String(path.dropLast(3)) : path
        serve(PackageResources.carafe_d_ts, "text/plain; charset=utf-8", at: stem + ".d.ts")
    }

    private mutating func serve(_ content: [UInt8], _ type: String, at path: String) {
        let bytes = ByteBuffer(bytes: content)
        let tag = "\"\(Fingerprint(of: bytes).text)\""
        get(path) { request in
            let headers: HTTPFields = [.contentType: type, .cacheControl: "no-cache", .eTag: tag]
            switch request.preconditions(on: Validators(entityTag: tag)) {
            case .notModified: return Response.notModified(headers, length: bytes.readableBytes)
            case .failed: return Response(.preconditionFailed)
            case .proceed: return Response(headers: headers, body: .bytes(bytes))
            }
        }
    }
}
