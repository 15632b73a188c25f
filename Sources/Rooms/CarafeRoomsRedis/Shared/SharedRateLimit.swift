public import CarafeApp
import CarafeRedisCodec
public import CarafeRooms
import CarafeSecurity
import HTTPTypes

/// A limit on the requests of each client over all processes that share a Redis.
///
/// ```swift
/// import CarafeRooms
///
/// let rooms = try Rooms(redis: "redis://localhost")
/// let logins = try SharedRateLimit(5, per: .minutes(1), in: rooms)
/// app.post("/login") { request in
///     try await logins.check(request)
///     …
/// }
/// ```
///
/// It is a token bucket, as `RateLimit`. While Redis cannot be reached, each process counts for itself: a client gets
/// at most the limit from each of them.
public final class SharedRateLimit: Sendable {
    private let limit: Int
    private let interval: Duration
    private let name: String
    private let key: @Sendable (Request) -> String
    private let local: RateLimit
    private let engine: RedisEngine

    /// Creates a limit.
    ///
    /// - Parameters:
    ///   - limit: The number of requests in each interval, at least 1.
    ///   - rooms: The rooms in whose Redis the requests are counted.
    ///   - name: The name of the limit: limits of the same name, number and interval count together.
    ///   - key: Returns the identity of a request's client; by default its address, of IPv6 the first 64 bits.
    /// - Throws: An error for rooms that are not in Redis.
    public init(
        _ limit: Int, per interval: Duration, in rooms: Rooms, named name: String = "",
        by key: @escaping @Sendable (Request) -> String = { $0.remoteNetwork }
    ) throws {
        self.limit = max(limit, 1)
        self.interval = interval
        self.name = "\(limit) \(interval) \(name)"
        self.key = key
        local = RateLimit(limit, per: interval, by: key)
        engine = try rooms.redisEngine
    }

    /// Counts a request.
    ///
    /// - Throws: 429 for a request beyond the limit.
    public func check(_ request: Request) async throws {
        guard let seconds = await wait(for: key(request)) else { return try local.check(request) }
        guard seconds > 0 else { return }
        throw HTTPError(.tooManyRequests, "Expected fewer requests.", headers: [.retryAfter: "\(seconds)"])
    }

    /// Returns the seconds until the next request of a client is allowed; nil without Redis.
    func wait(for client: String) async -> Int? {
        let microseconds = max(1, Int(interval / .microseconds(1)))
        let reply = try? await engine.steps.run(
            RoomScripts.rate, keys: [.text(engine.keys.rate(name, client: client))]
        ) { [limit] _ in [.integer(limit), .integer(microseconds)] }
        return reply?.number
    }

    /// A middleware that counts all requests of an app or a blueprint: `app.use(limit.middleware)`.
    public var middleware: Middleware {
        { [self] request, next in
            try await check(request)
            return try await next(request)
        }
    }
}
