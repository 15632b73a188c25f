import Carafe
import CarafeRooms
import CarafeTesting
import NIOCore
import Testing

@Suite("WebSocketJSON", .timeLimit(.minutes(10)))
struct WebSocketJSONTests {
    private struct Point: Codable, Equatable {
        var x: Int
        var y: Int
    }

    @Test("a value becomes a text message and comes back")
    func roundTrip() throws {
        let message = try Message(json: Point(x: 1, y: -2))
        #expect(message.kind == .text)
        #expect(try message.json(Point.self) == Point(x: 1, y: -2))
    }

    private func client() throws -> TestClient {
        var app = App()
        app.webSocket("/ws") { socket in
            try await socket.receive(json: Point.self) { point in
                if point.x == 0 { try abort(.badRequest, "Expected another x.") }
                if point.x == -1 { throw RoomError.nobody("Ada") }
                if point.x == -2 { throw CancellationError() }
                try await socket.send(json: Point(x: point.y, y: point.x))
            }
        }
        return try TestClient(app)
    }

    @Test("each message is decoded for the closure")
    func receives() async throws {
        try await client().webSocket("/ws") { socket in
            try await socket.send(#"{"x": 1, "y": 2}"#)
            #expect(try await socket.receive()?.json(Point.self) == Point(x: 2, y: 1))
        }
    }

    @Test(
        "what does not decode gets an error object, and the connection goes on",
        arguments: [
            (#"{"x": 1"#, "Invalid JSON: expected JSON."),
            ("", "Invalid JSON: expected JSON."),
            (#"{"x": 1}"#, #"Invalid JSON: the field "y" is missing."#),
            (#"{"x": 1, "y": "two"}"#, "Invalid JSON at y: expected a number."),
            (#"{"x": 1, "y": null}"#, "Invalid JSON at y: expected a number, found null."),
            (#"{"x": 0, "y": 0}"#, "Expected another x."),
            (#"{"x": -1, "y": 0}"#, "Ada is not here."),
        ])
    func errors(text: String, error: String) async throws {
        try await client().webSocket("/ws") { socket in
            try await socket.send(text)
            #expect(try await socket.receive()?.json([String: String].self) == ["error": error])
            try await socket.send(#"{"x": 1, "y": 2}"#)
            #expect(try await socket.receive()?.json(Point.self) == Point(x: 2, y: 1))
        }
    }

    @Test("binary JSON is read too")
    func binary() async throws {
        try await client().webSocket("/ws") { socket in
            try await socket.send(.binary(#"{"x": 1, "y": 2}"#.utf8))
            #expect(try await socket.receive()?.json(Point.self) == Point(x: 2, y: 1))
        }
    }

    @Test("any other error is the handler's own")
    func otherErrors() async throws {
        let socket = try await client().openWebSocket("/ws")
        try await socket.send(#"{"x": -2, "y": 0}"#)
        guard case .close = try await socket.nextEvent() else {
            Issue.record("expected the connection to be closed")
            return
        }
    }
}
