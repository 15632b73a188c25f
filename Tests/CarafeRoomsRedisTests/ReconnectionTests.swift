import NIOCore
import TestSupport
import Testing

@testable import CarafeRoomsRedis

@Suite("Reconnection", .timeLimit(.minutes(10)))
struct ReconnectionTests {
    enum Event: Sendable {
        case start
        case opened(Int)
        case lost
        case waitEnded
        case close
    }

    @Test(
        "events lead to actions",
        arguments: [
            ([.start], "connect"),
            ([.start, .start], "connect nothing"),
            ([.start, .opened(1)], "connect nothing"),
            ([.start, .lost], "connect wait"),
            ([.start, .lost, .lost], "connect wait nothing"),
            ([.start, .lost, .waitEnded], "connect wait connect"),
            ([.start, .opened(1), .lost, .waitEnded, .opened(2)], "connect nothing wait connect nothing"),
            ([.start, .opened(1), .waitEnded], "connect nothing nothing"),
            // A connection that ended before it was reported.
            ([.start, .lost, .opened(1)], "connect wait close(1)"),
            ([.start, .opened(1), .close, .lost], "connect nothing close(1) nothing"),
            ([.start, .close, .opened(1)], "connect nothing close(1)"),
            ([.start, .lost, .close, .waitEnded], "connect wait nothing nothing"),
            ([.close, .start], "nothing nothing"),
        ] as [([Event], String)])
    func actions(events: [Event], actions: String) {
        var generator = SeededGenerator(seed: 5)
        var life = Reconnection<Int>()
        let found = events.map { event in
            switch event {
            case .start: name(life.start())
            case .opened(let connection): name(life.opened(connection))
            case .lost: name(life.lost(using: &generator))
            case .waitEnded: name(life.waitEnded())
            case .close: name(life.close())
            }
        }
        #expect(found.joined(separator: " ") == actions)
    }

    private func name(_ action: Reconnection<Int>.Action) -> String {
        switch action {
        case .nothing: "nothing"
        case .connect: "connect"
        case .wait: "wait"
        case .close(let connection): "close(\(connection))"
        }
    }

    @Test("there is a connection from the time that it is open until it is lost")
    func connection() {
        var generator = SeededGenerator(seed: 6)
        var life = Reconnection<Int>()
        _ = life.start()
        #expect(life.connection == nil)
        _ = life.opened(7)
        #expect(life.connection == 7)
        _ = life.lost(using: &generator)
        #expect(life.connection == nil)
    }
}
