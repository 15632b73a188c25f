public import CarafeApp
import HTTPTypes
import Logging
import NIOCore

/// Routes that tell a monitor whether the app is alive, and whether it is ready.
///
/// ```swift
/// try app.install(Health(checks: ["database": { try await database.ping() }]))
/// ```
///
/// `GET /health` is 200 as long as requests are answered at all. `GET /ready` is 200 if every check returns, else 503
/// with the names of the checks that threw an error or exceeded their time; the reasons go to the log. Neither may be
/// cached.
public struct Health: Extension {
    /// A check of something that the app needs. It throws if that is not available.
    public typealias Check = @Sendable () async throws -> Void

    private let livePath: String
    private let readyPath: String
    private let checks: [String: Check]
    private let timeout: Duration

    /// - Parameter timeout: The time that one check may take: 5 seconds.
    public init(
        livePath: String = "/health", readyPath: String = "/ready", timeout: Duration = .seconds(5),
        checks: [String: Check] = [:]
    ) {
        self.livePath = livePath
        self.readyPath = readyPath
        self.timeout = timeout
        self.checks = checks
    }

    /// Adds the two routes.
    public func install(in app: inout App) {
        app.get(livePath) { _ in Self.answer(.ok, "ok") }
        app.get(readyPath) { request in
            let failed = await failures(of: request)
            return failed.isEmpty
                ? Self.answer(.ok, "ready") : Self.answer(.serviceUnavailable, failed.sorted().joined(separator: "\n"))
        }
    }

    private static func answer(_ status: HTTPResponse.Status, _ text: String) -> Response {
        var response = Response(status, text: text)
        response.headers[.cacheControl] = "no-store"
        return response
    }

    /// Returns the names of the failed checks. All run concurrently.
    private func failures(of request: Request) async -> [String] {
        await withTaskGroup(of: String?.self) { group in
            for (name, check) in checks {
                group.addTask {
                    do {
                        try await within(timeout, on: request.connection.eventLoop, check)
                        return nil
                    } catch {
                        request.logger.warning("not ready", metadata: ["check": "\(name)", "error": "\(error)"])
                        return name
                    }
                }
            }
            return await group.reduce(into: []) { names, name in if let name { names.append(name) } }
        }
    }
}

/// Runs `body`, and throws `TimeoutError` if it exceeds the time, after cancelling it.
private func within(_ time: Duration, on eventLoop: any EventLoop, _ body: @escaping Health.Check) async throws {
    let end = eventLoop.makePromise(of: Void.self)
    let task = Task {
        do { end.succeed(try await body()) } catch { end.fail(error) }
    }
    let deadline = eventLoop.scheduleTask(in: TimeAmount(time)) {
        // A promise that is fulfilled already ignores this.
        end.fail(TimeoutError(time: time))
        task.cancel()
    }
    defer { deadline.cancel() }
    try await end.futureResult.get()
}

private struct TimeoutError: Error, CustomStringConvertible {
    var time: Duration
    var description: String { "expected an answer within \(TimeAmount(time).nanoseconds / 1_000_000) ms, found none" }
}
