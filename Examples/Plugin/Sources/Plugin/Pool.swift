public import Carafe
import Synchronization

/// Connections to a database, or anything else that is opened before the app serves and closed when it has stopped.
///
/// ```swift
/// try app.install(Pool(size: 4) { try await Database.open("…") } close: { await $0.close() })
/// app.get("/users") { request in
///     try await request.require(Pool<Database>.self).withResource { database in try await database.users() }
/// }
/// ```
public final class Pool<Resource: Sendable>: Extension {
    private struct Waiter {
        var ticket: Int
        var continuation: CheckedContinuation<Resource, any Error>
    }

    private struct State {
        var isOpen = false
        var idle: [Resource] = []
        var waiters: [Waiter] = []
        var tickets = 0
    }

    private let size: Int
    private let open: @Sendable () async throws -> Resource
    private let close: @Sendable (Resource) async -> Void
    private let state = Mutex(State())

    /// Creates a pool that is opened when the app is served.
    ///
    /// - Parameters:
    ///   - size: The number of resources.
    ///   - open: Opens one. Its error keeps the server from starting.
    ///   - close: Closes one.
    public init(
        size: Int, open: @escaping @Sendable () async throws -> Resource,
        close: @escaping @Sendable (Resource) async -> Void
    ) {
        self.size = size
        self.open = open
        self.close = close
    }

    /// Adds nothing to the app but the pool itself, as its value.
    public func install(in app: inout App) {}

    /// Opens the resources, serves, and closes them.
    ///
    /// - Throws: The errors of opening and of serving.
    public func around(_ serve: Serve) async throws {
        do {
            for _ in 0..<size {
                let resource = try await open()
                state.withLock { $0.idle.append(resource) }
            }
            state.withLock { $0.isOpen = true }
            try await serve()
        } catch {
            await closeAll()
            throw error
        }
        await closeAll()
    }

    /// Lends a resource to a closure, and waits for one while all are in use.
    ///
    /// - Parameter body: Uses the resource, which is given back when the closure returns or throws.
    /// - Returns: The result of `body`.
    /// - Throws: The error of `body`, `PoolClosedError` while the app is not served, and `CancellationError`.
    public func withResource<Value>(_ body: (Resource) async throws -> Value) async throws -> Value {
        let resource = try await take()
        do {
            let value = try await body(resource)
            await giveBack(resource)
            return value
        } catch {
            await giveBack(resource)
            throw error
        }
    }

    private func take() async throws -> Resource {
        let ticket = state.withLock { state in
            state.tickets += 1
            return state.tickets
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result: Result<Resource, any Error>? = state.withLock { state in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if !state.isOpen { return .failure(PoolClosedError()) }
                    if let resource = state.idle.popLast() { return .success(resource) }
                    state.waiters.append(Waiter(ticket: ticket, continuation: continuation))
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.waiters.firstIndex { $0.ticket == ticket }.map { state.waiters.remove(at: $0) }
            }
            waiter?.continuation.resume(throwing: CancellationError())
        }
    }

    private func giveBack(_ resource: Resource) async {
        let (isKept, waiter) = state.withLock { state -> (Bool, Waiter?) in
            guard state.isOpen else { return (false, nil) }
            if !state.waiters.isEmpty { return (true, state.waiters.removeFirst()) }
            state.idle.append(resource)
            return (true, nil)
        }
        waiter?.continuation.resume(returning: resource)
        if !isKept { await close(resource) }
    }

    /// Closes the resources that are not in use; the others are closed when they are given back.
    private func closeAll() async {
        let (idle, waiters) = state.withLock { state in
            defer { (state.isOpen, state.idle, state.waiters) = (false, [], []) }
            return (state.idle, state.waiters)
        }
        for waiter in waiters { waiter.continuation.resume(throwing: PoolClosedError()) }
        for resource in idle { await close(resource) }
    }
}

/// An error for the use of a pool while its app is not served.
public struct PoolClosedError: Error, Equatable, CustomStringConvertible {
    /// A description with the expected and the found.
    public var description: String { "expected an app that is served, found a pool that is closed" }
}
