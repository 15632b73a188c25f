import CarafeApp
import HTTPTypes
import NIOCore

/// What a request asks of a room's route.
// A class, so that whoever waits keeps one word of it and no copies.
final class ReadRequest: Sendable {
    /// The longest that a poll may wait: 60 seconds.
    static let waitLimit = 60

    /// Where it begins.
    let start: RoomStart
    /// Whether it asks who is here.
    private let asksWho: Bool

    /// Whether it is to be told who is here: one who has read this log before, and not one of an earlier run, knows.
    func wantsList(in epoch: String) -> Bool {
        guard !asksWho, case .after(let position) = start else { return true }
        return position.epoch != epoch
    }

    /// Whether a socket is to get a word with each ping.
    let wantsBeat: Bool
    /// How long the answer may wait for something newer.
    let wait: TimeAmount
    /// The function of the page that gets each item of the hidden iframe's stream; nil where that is not asked for.
    let callback: String?

    /// Throws 400 with what is wrong.
    // Not inlined: what it works with would be in the frame of each poll and socket that waits.
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
        // A browser's EventSource that connects anew asks at the old address.
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

    /// A name of the page's own that is meant for this: any other function, or one of another window, could be made to run.
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
    // All are tokens, so that there are names.
    static let lastEventID = HTTPField.Name("Last-Event-ID")!
    static let roomPosition = HTTPField.Name("Room-Position")!
    static let idempotencyKey = HTTPField.Name("Idempotency-Key")!
    static let xAccelBuffering = HTTPField.Name("X-Accel-Buffering")!
}
