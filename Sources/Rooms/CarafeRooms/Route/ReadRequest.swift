import CarafeApp
import CarafeEventStream
import HTTPTypes
import NIOCore

/// The query of a request to read a room's route.
// A class: the frame of a waiting task has one word of it, and no copies.
final class ReadRequest: Sendable {
    /// The maximum time that a poll waits, in seconds.
    static let waitLimit = 60

    /// The start in the log.
    let start: RoomStart
    /// Whether the client asks for the names of the members.
    private let asksForList: Bool

    /// Returns whether the client gets the names of the members: one that has read this log, of this run, has them.
    func wantsList(in epoch: String) -> Bool {
        guard !asksForList, case .after(let position) = start else { return true }
        return position.epoch != epoch
    }

    /// Whether a socket gets a message with each ping.
    let wantsBeat: Bool
    /// The time that the response waits for an entry.
    let wait: TimeAmount
    /// The function of the page that gets each item of the hidden iframe's stream; nil for other requests.
    let callback: String?

    /// Parses a request, or throws 400 with the expected and the found.
    // Keeps the frame of the waiting task small: CarafeRuntime's README.
    @inline(never)
    init(_ request: Request) throws(HTTPError) {
        let query = request.query
        start = try Self.start(query, request)
        asksForList = query["here"] == "1"
        wantsBeat = query["beat"] == "1"
        wait = try Self.wait(query)
        callback = try Self.callback(query)
    }

    private static func start(_ query: Form, _ request: Request) throws(HTTPError) -> RoomStart {
        var start = RoomStart.now
        if let text = query["after"] {
            guard let position = RoomPosition(text) else {
                throw HTTPError(.badRequest, "Expected a position in after, such as 12-9f3c21d8.")
            }
            start = .after(position)
        } else if let text = query["last"] {
            guard let count = Int(text), (0...1000).contains(count) else {
                throw HTTPError(.badRequest, "Expected a number from 0 to 1000 in last.")
            }
            start = .newest(count)
        }
        // A browser's EventSource reconnects to the old URL.
        if let id = request.headers.ascii(.lastEventID), !id.isEmpty {
            guard let position = RoomPosition(id) else {
                throw HTTPError(.badRequest, "Expected a position in Last-Event-ID, such as 12-9f3c21d8.")
            }
            start = .after(position)
        }
        return start
    }

    private static func wait(_ query: Form) throws(HTTPError) -> TimeAmount {
        guard let text = query["wait"] else { return .zero }
        guard let seconds = Int(text), (0...waitLimit).contains(seconds) else {
            throw HTTPError(.badRequest, "Expected 0 to \(waitLimit) seconds in wait.")
        }
        return .seconds(Int64(seconds))
    }

    private static func callback(_ query: Form) throws(HTTPError) -> String? {
        guard let stream = query["stream"] else { return nil }
        guard stream == "iframe" else { throw HTTPError(.badRequest, "Expected iframe in stream.") }
        let name = query["callback"] ?? "carafe"
        guard isFunction(name) else {
            throw HTTPError(.badRequest, "Expected the name of a function that begins with carafe in callback.")
        }
        return name
    }

    /// Returns whether a name is one that pages use for this alone: a link could call any other function, or one of
    /// another window.
    private static func isFunction(_ name: String) -> Bool {
        name.utf8.count <= 64 && name.hasPrefix("carafe")
            && name.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"): true
                default: false
                }
            }
    }
}

extension HTTPField.Name {
    // Force-unwrap is safe: these literals are valid field names.
    static let roomPosition = HTTPField.Name("Room-Position")!
    static let idempotencyKey = HTTPField.Name("Idempotency-Key")!
}
