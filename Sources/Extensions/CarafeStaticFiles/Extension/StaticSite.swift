import CarafeApp
import HTTPTypes
import NIOCore

/// A folder as a site: it finds the file of a request, and responds with it.
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
        // The content of this URL never changes.
        return reply.cached(CacheRules.immutable).response(to: request)
    }

    func fingerprint(_ path: String, for request: Request) throws -> String? {
        try cache.fingerprint(path, age: age(for: request), at: request.connection.eventLoop.now)
    }

    /// The greatest age of a file in memory. In debug mode it is zero, so that a developer who reloads the page sees a
    /// change.
    private func age(for request: Request) -> TimeAmount { request.context.debug ? .zero : checkInterval }
}
