/// Holds tasks until the test lets them through; a cancelled one goes through too.
package struct Gate: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    package init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    package func wait() async {
        for await _ in stream {}
    }

    package func open() {
        continuation.finish()
    }
}
