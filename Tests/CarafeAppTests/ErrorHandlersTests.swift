import CarafeApp
import CarafeTesting
import HTTPTypes
import Testing

private struct RoomFull: Error {
    var room: String
}

private struct Busy: Error, Reply {
    func response(to request: Request) -> Response { Response(.serviceUnavailable, text: "busy") }
}

@Suite(.timeLimit(.minutes(10))) struct ErrorHandlersTests {
    @Test("an unknown error is 500 and reveals nothing") func unknownError() async throws {
        let response = try await get { $0.get("/") { _ -> String in throw RoomFull(room: "secret") } }
        #expect(response.status == .internalServerError)
        #expect(response.text == "Internal Server Error")
    }

    @Test("an error in the task of a client that has left is 499, and no error handler's", arguments: [true, false])
    func clientHasLeft(debug: Bool) async throws {
        let response = try await get { app in
            app.debug = debug
            app.get("/") { _ -> String in
                // As the connection does when its client has left.
                withUnsafeCurrentTask { $0?.cancel() }
                try Task.checkCancellation()
                return "never"
            }
            app.onError(CancellationError.self) { _, _ in Response(.internalServerError) }
            app.onError(.internalServerError) { _, _ in Response(.internalServerError) }
        }
        #expect(response.status.code == 499)
    }

    @Test("in debug mode the response describes the error") func inDebugMode() async throws {
        let response = try await get { app in
            app.debug = true
            app.get("/") { _ -> String in throw RoomFull(room: "secret") }
        }
        #expect(response.status == .internalServerError)
        #expect(response.text.contains("secret"))
    }

    @Test("in debug mode the response describes the error of an error handler") func inDebugModeAHandler() async throws
    {
        let response = try await get { app in
            app.debug = true
            app.get("/") { _ in try abort(.notFound) }
            app.onError(.notFound) { _, _ -> String in throw RoomFull(room: "secret") }
        }
        #expect(response.status == .internalServerError)
        #expect(response.text.contains("secret"))
    }

    @Test("an error that is a reply makes the response") func typedErrorAnswers() async throws {
        let response = try await get { $0.get("/") { _ -> String in throw Busy() } }
        #expect(response.status == .serviceUnavailable)
        #expect(response.text == "busy")
    }

    @Test("a type has a handler") func aType() async throws {
        let response = try await get { app in
            app.get("/") { _ -> String in throw RoomFull(room: "tea") }
            app.onError(RoomFull.self) { _, error in Response(.conflict, text: "\(error.room) is full") }
        }
        #expect(response.status == .conflict)
        #expect(response.text == "tea is full")
    }

    @Test("a handler changes the response of an error that is a reply") func handlerChanges() async throws {
        let response = try await get { app in
            app.get("/") { _ -> String in throw Busy() }
            app.onError(Busy.self) { _, _ in Response(.tooManyRequests, text: "later") }
        }
        #expect(response.status == .tooManyRequests)
    }

    @Test("a status has a handler and keeps its status") func aStatus() async throws {
        let response = try await get { app in
            app.get("/") { _ in try abort(.forbidden, "Members only.") }
            app.onError(.forbidden) { _, error in Response(html: "<p>\(error.message ?? "")") }
        }
        #expect(response.status == .forbidden)
        #expect(response.text == "<p>Members only.")
    }

    @Test("a handler may choose another status") func handlerMayChoose() async throws {
        let response = try await get { app in
            app.get("/") { _ in try abort(.forbidden) }
            app.onError(.forbidden) { _, _ in redirect("/login") }
        }
        #expect(response.status == .seeOther)
    }

    @Test("the errors of routing have handlers too") func errorsOfRouting() async throws {
        var app = App(bare: ())
        app.get("/") { _ in "home" }
        app.onError(.notFound) { request, _ in "no \(request.path)" }
        app.onError(.methodNotAllowed) { _, _ in "not so" }
        let client = try TestClient(app)
        let missing = try await client.get("/x/y")
        #expect(missing.status == .notFound)
        #expect(missing.text == "no /x/y")
        let refused = try await client.post("/")
        #expect(refused.status == .methodNotAllowed)
        #expect(refused.text == "not so")
        // RFC 9110 §15.5.6: whatever the page, a 405 lists the allowed methods.
        #expect(refused.headers[.allow] == "GET, HEAD, OPTIONS")
    }

    @Test("an unknown error has the handler of 500") func unknownErrorHasTheHandler() async throws {
        let response = try await get { app in
            app.get("/") { _ -> String in throw RoomFull(room: "secret") }
            app.onError(.internalServerError) { _, error in "Sorry. \(error.message ?? "")" }
        }
        #expect(response.status == .internalServerError)
        #expect(response.text == "Sorry. ")
    }

    @Test("the first handler that knows the error counts") func firstHandler() async throws {
        let response = try await get { app in
            app.onError(Busy.self) { _, _ in "not this" }
            app.onError(RoomFull.self) { _, _ in "first" }
            app.onError(RoomFull.self) { _, _ in "second" }
            app.get("/") { _ -> String in throw RoomFull(room: "") }
        }
        #expect(response.text == "first")
    }

    @Test("a handler that fails is 500") func handlerThatFails() async throws {
        let response = try await get { app in
            app.get("/") { _ in try abort(.notFound) }
            app.onError(.notFound) { _, _ -> String in throw RoomFull(room: "secret") }
        }
        #expect(response.status == .internalServerError)
        #expect(response.text == "Internal Server Error")
    }

    @Test("a blueprint has its own handlers for its routes only") func aBlueprint() async throws {
        var api = Blueprint(prefix: "/api")
        api.get("/<int:n>") { (_, n: Int) in try abort(n == 1 ? .notFound : .forbidden) }
        api.onError(.notFound) { _, _ in "blueprint" }
        var app = App(bare: ())
        app.onError(.notFound) { _, _ in "app" }
        app.onError(.forbidden) { _, _ in "app" }
        app.register(api)
        let client = try TestClient(app)
        #expect(try await client.get("/api/1").text == "blueprint")
        #expect(try await client.get("/api/2").text == "app")
        #expect(try await client.get("/x").text == "app")
    }

    @Test("the inner blueprint comes first") func innerBlueprintComes() async throws {
        var inner = Blueprint(prefix: "/in")
        inner.get("/a") { _ in try abort(.notFound) }
        inner.get("/b") { _ in try abort(.gone) }
        inner.onError(.notFound) { _, _ in "inner" }
        var outer = Blueprint(prefix: "/out")
        outer.onError(.notFound) { _, _ in "outer" }
        outer.onError(.gone) { _, _ in "outer" }
        outer.register(inner)
        var app = App(bare: ())
        app.register(outer)
        let client = try TestClient(app)
        #expect(try await client.get("/out/in/a").text == "inner")
        #expect(try await client.get("/out/in/b").text == "outer")
    }

    @Test("a mounted app keeps its own handlers") func mountedAppKeeps() async throws {
        var inner = App(bare: ())
        inner.get("/full") { _ -> String in throw RoomFull(room: "tea") }
        inner.onError(.notFound) { _, _ in "inner" }
        var outer = App(bare: ())
        outer.onError(.notFound) { _, _ in "outer" }
        outer.onError(RoomFull.self) { _, _ in "outer" }
        outer.mount("/in", inner)
        let client = try TestClient(outer)
        #expect(try await client.get("/in/x").text == "inner")
        #expect(try await client.get("/x").text == "outer")
        #expect(try await client.get("/in/full").status == .internalServerError)
    }

    private func get(_ setUp: (inout App) -> Void) async throws -> TestResponse {
        var app = App(bare: ())
        setUp(&app)
        return try await TestClient(app).get("/")
    }

    /// Errors whose answers must have fields: RFC 9110 §11.6.1, §15.5.6, §10.2.3, §7.8.
    private static let errors: [HTTPError] = [
        HTTPError(.unauthorized, headers: [.wwwAuthenticate: "Basic"]),
        HTTPError(.methodNotAllowed, headers: [.allow: "GET"]),
        HTTPError(.tooManyRequests, headers: [.retryAfter: "5"]),
        HTTPError(.upgradeRequired, headers: [.upgrade: "websocket"]),
    ]

    @Test("the fields of an error stay, whatever its handler returns", arguments: errors)
    func fieldsStay(error: HTTPError) async throws {
        let field = try #require(error.headers.first)
        func check(_ problem: Comment, _ setUp: (inout App) -> Void) async throws {
            let response = try await get { app in
                setUp(&app)
                app.get("/") { _ -> String in throw error }
            }
            #expect(response.status == error.status, problem)
            #expect(response.headers[values: field.name] == [field.value], problem)
            #expect(response.headers[.contentType] == "application/problem+json", problem)
        }
        let problem = Response(headers: [.contentType: "application/problem+json"], body: .text("{}"))
        try await check("of its type") { $0.onError(HTTPError.self) { _, _ in problem } }
        try await check("of its status") { $0.onError(error.status) { _, _ in problem } }
        try await check("of any type") { $0.onError((any Error).self) { _, _ in problem } }
        try await check("with a status of its own") { app in
            app.onError(HTTPError.self) { _, error in
                Response(error.status, headers: [.contentType: "application/problem+json"])
            }
        }
        try await check("thrown again") { app in
            app.onError(HTTPError.self) { _, error -> Response in
                throw HTTPError(error.status, headers: [.contentType: "application/problem+json"])
            }
        }
    }

    @Test("a handler's own fields and another status win, and a content's fields go with the content")
    func ownFieldsWin() async throws {
        let error = HTTPError(
            .unauthorized, headers: [.wwwAuthenticate: "Basic", .contentType: "text/html", .contentLanguage: "en"])
        let own = try await get { app in
            app.onError(HTTPError.self) { _, _ in
                Response(headers: [.wwwAuthenticate: "Bearer", .contentType: "application/json"])
            }
            app.get("/") { _ -> String in throw error }
        }
        #expect(own.headers[values: .wwwAuthenticate] == ["Bearer"])
        #expect(own.headers[.contentLanguage] == nil)
        let other = try await get { app in
            app.onError(.unauthorized) { _, _ in redirect("/login") }
            app.get("/") { _ -> String in throw error }
        }
        #expect(other.status == .seeOther && other.headers[.wwwAuthenticate] == nil)
        let plain = try await get { app in app.get("/") { _ -> String in throw error } }
        #expect(plain.headers[values: .contentType] == ["text/html"])
    }

    @Test("an error that answers for itself keeps its fields too, several of a name as well")
    func replies() async throws {
        struct Wait: Error, Reply {
            func response(to request: Request) throws -> Response {
                var response = Response(.serviceUnavailable, text: "wait")
                response.headers[.retryAfter] = "7"
                try response.setCookie(Cookie("a", "1"))
                try response.setCookie(Cookie("b", "2"))
                return response
            }
        }
        let response = try await get { app in
            app.onError(Wait.self) { _, _ in Response(html: "<p>wait") }
            app.get("/") { _ -> String in throw Wait() }
        }
        #expect(response.status == .serviceUnavailable && response.headers[.retryAfter] == "7")
        #expect(response.headers[values: .setCookie].count == 2)
        #expect(response.headers[values: .contentType] == ["text/html; charset=utf-8"])
        let thrown = try await get { app in
            app.onError(.notFound) { _, _ -> String in throw Wait() }
            app.get("/") { _ -> String in throw HTTPError(.notFound) }
        }
        #expect(thrown.status == .serviceUnavailable && thrown.text == "wait")
    }
}
