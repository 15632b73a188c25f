import CarafeApp
import HTTPTypes
import NIOCore

/// A folder as it is served: finds the file of a request, and answers with it.
struct StaticSite: Sendable {
    let cache: FileCache
    let checkInterval: TimeAmount
    /// The folder, for errors.
    let root: String

    func response(to request: Request, _ path: String) throws -> Response {
        guard let entry = try cache.entry(path, age: age(for: request), at: request.connection.eventLoop.now) else {
            throw HTTPError(.notFound)
        }
        let reply = FileReply(file: entry.representation(for: request), name: entry.name)
        guard let query = request.target.query, query.utf8.starts(with: "v=".utf8),
            cache.isFingerprint(Substring(query.utf8.dropFirst(2)), of: path, entry)
        else { return reply.response(to: request) }
        // What has this address will never have another content.
        return reply.cached(CacheRules.immutable).response(to: request)
    }

    func fingerprint(_ path: String, for request: Request) throws -> String? {
        try cache.fingerprint(path, age: age(for: request), at: request.connection.eventLoop.now)
    }

    /// Whoever edits a file and reloads the page sees the change.
    private func age(for request: Request) -> TimeAmount { request.context.debug ? .zero : checkInterval }
}
