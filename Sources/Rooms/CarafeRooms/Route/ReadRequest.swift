import CarafeApp
import CarafeEventStream
import HTTPTypes
import NIOCore

/// The query of a request that reads a room.
// A class, so that a waiting task holds one reference to it: CarafeRuntime's README.
final class ReadRequest: Sendable {
    /// The greatest number of seconds that a poll may wait: 60.
    static let waitLimit = 60

    /// The place where it begins.
    let start: RoomStart
    /// Whether it asks for the present names.
    private let asksWho: Bool

    /// Returns whether it gets the present names. A client that has read this log, and not one of an earlier run, has
    /// them.
    func wantsList(in epoch: String) -> Bool {
        guard !asksWho, case .after(let position) = start else { return true }
        return position.epoch != epoch
    }

    /// Whether a socket gets an item with each ping.
    let wantsBeat: Bool
    /// The time that a poll waits for newer entries.
    let wait: TimeAmount
    /// The function of the page that gets each item of a hidden iframe's stream; nil for any other way.
    let callback: String?

    /// Parses the query.
    ///
    /// - Throws: 400, which names the parameter with the expected value.
    // Not inlined, for small frames: CarafeRuntime's README.
    @inline(never)
    init(_ request: Request) throws(HTTPError) {
        let query = request.query
        start = try Self.start(query, request)
        asksWho = query["here"] == "1"
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
        // A browser's EventSource reconnects to the old URL, so the field takes precedence.
        if let id = request.lastEventID {
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

    /// Returns whether a name is that of a function for this purpose. Otherwise a link could make the page call any
    /// function.
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
