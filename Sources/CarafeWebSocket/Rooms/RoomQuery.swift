import CarafeApp
import HTTPTypes
import NIOCore

/// What a request asks of a room's route.
struct RoomQuery {
    /// The longest that a poll may wait: 60 seconds.
    static let waitLimit = 60

    var start = RoomStart.now
    /// Whether it asks who is here.
    private var asksWho = false

    /// Whether it is to be told who is here: one who has read this log before, and not one of an earlier run, knows.
    func wantsList(in epoch: String) -> Bool {
        guard !asksWho, case .after(let position) = start else { return true }
        return position.epoch != epoch
    }

    /// How long the answer may wait for something newer.
    var wait = TimeAmount.zero
    /// The function of the page that gets each item of the hidden iframe's stream; nil where that is not asked for.
    var callback: String?

    /// Throws 400 with what is wrong.
    init(_ request: Request) throws(HTTPError) {
        let query = request.query
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
        asksWho = query["here"] == "1"
        if let text = query["wait"] {
            guard let seconds = Int(text), (0...Self.waitLimit).contains(seconds) else {
                throw HTTPError(.badRequest, "Expected 0 to \(Self.waitLimit) seconds in wait.")
            }
            wait = .seconds(Int64(seconds))
        }
        if let stream = query["stream"] {
            guard stream == "iframe" else { throw HTTPError(.badRequest, "Expected iframe in stream.") }
            let name = query["callback"] ?? "carafe"
            guard Self.isFunction(name) else {
                throw HTTPError(.badRequest, "Expected the name of a function that begins with carafe in callback.")
            }
            callback = name
        }
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
