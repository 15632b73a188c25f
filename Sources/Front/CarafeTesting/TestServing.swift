import CarafeApp
import Synchronization

/// Runs the `around(_:)` of an app's extensions while a test works with the app.
final class TestServing: Sendable {
    private struct State {
        var task: Task<Void, any Error>?
        /// Whether the extensions are ready; nil until that is known.
        var isReady: Result<Void, any Error>?
        var starting: [CheckedContinuation<Void, any Error>] = []
        var isStopping = false
        var serving: CheckedContinuation<Void, Never>?
    }

    private let app: App
    private let state = Mutex(State())

    init(_ app: App) {
        self.app = app
    }

    /// Waits until all extensions have called `serve`, and throws the error of an extension that fails before.
    func start() async throws {
        try await withCheckedThrowingContinuation { continuation in
            let isReady = state.withLock { state -> Result<Void, any Error>? in
                if state.task == nil { state.task = Task { try await run() } }
                if state.isReady == nil { state.starting.append(continuation) }
                return state.isReady
            }
            if let isReady { continuation.resume(with: isReady) }
        }
    }

    /// Lets the calls of `serve` return.
    func stop() {
        let serving = state.withLock { state in
            state.isStopping = true
            defer { state.serving = nil }
            return state.serving
        }
        serving?.resume()
    }

    /// Waits until the extensions have ended, and throws the error of an extension that fails.
    func waitForEnd() async throws {
        try await state.withLock { $0.task }?.value
    }

    private func run() async throws {
        do {
            try await app.aroundServing { await self.serve() }
            becomeReady(.failure(NotServedError()))
        } catch {
            becomeReady(.failure(error))
            throw error
        }
    }

    private func serve() async {
        becomeReady(.success(()))
        await withCheckedContinuation { continuation in
            let isStopping = state.withLock { state in
                if !state.isStopping { state.serving = continuation }
                return state.isStopping
            }
            if isStopping { continuation.resume() }
        }
    }

    private func becomeReady(_ result: Result<Void, any Error>) {
        let starting = state.withLock { state in
            if state.isReady == nil { state.isReady = result }
            defer { state.starting = [] }
            return state.starting
        }
        for continuation in starting { continuation.resume(with: result) }
    }
}

/// A serving that ends when its last client is released.
final class SharedServing: Sendable {
    let value: TestServing

    init(_ app: App) {
        value = TestServing(app)
    }

    deinit { value.stop() }
}

/// An error for an extension whose `around(_:)` has ended without calling `serve`.
struct NotServedError: Error, CustomStringConvertible {
    var description: String { "expected `around` of each extension to call `serve`, found one that ended without it" }
}
