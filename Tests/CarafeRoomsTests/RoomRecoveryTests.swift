import Carafe
import CarafeRooms
import CarafeTesting
import FoundationEssentials
import HTTPTypes
import NIOCore
import Synchronization
import TestSupport
import Testing

/// The law of rooms: a subscriber that comes back with its position reads each acknowledged message once and in order,
/// by whatever way it comes, or is told a gap at the place where the message would have been.
///
/// The truth is what was acknowledged: each position that `publish` returned or a 201 named, whatever became of the log
/// afterwards. Schedules are drawn from a seed: clients that leave in the middle, stall, change their way, ask twice;
/// publishers who try again; a log that is short, lost, or restored from a clean end, from the last snapshot or from an
/// older one, several times in a row. `make test-recovery` runs 100,000 of them.
@Suite(.timeLimit(.minutes(10))) struct RoomRecoveryTests {
    private static let schedules = ProcessInfo.processInfo.environment["RECOVERY_SCHEDULES"].flatMap(Int.init) ?? 1000
    private static let cases = 8

    @Test("no entry is lost, doubled or out of order", arguments: 0..<cases)
    func law(first: Int) async throws {
        for seed in stride(from: first, to: Self.schedules, by: Self.cases) {
            var schedule = try Schedule(seed: UInt64(seed))
            let broken = await schedule.run()
            #expect(broken == nil, "seed \(seed)")
            if broken != nil { return }
        }
    }
}

/// A broken law, with an explanation.
private struct BrokenLaw: Error, CustomStringConvertible {
    var description: String
}

/// The ends of the program that has the room, by the snapshot that the next run finds.
private enum Restart: CaseIterable {
    /// The room was finished, and its last snapshot written down.
    case clean
    /// The last snapshot: later messages are lost.
    case crash
    /// The last snapshots are lost too.
    case crashToOlder
    /// No snapshot was saved.
    case loss
}

/// The room that is there now, and what was acknowledged in all that ever were.
private final class World: Sendable {
    private struct State {
        var room: Room<String>
        /// By epoch: what was said at which offset.
        var said: [String: [UInt64: String]] = [:]
        /// From what a room was restored: the epoch, and up to which offset.
        var parents: [String: (epoch: String, last: UInt64)] = [:]
        /// The snapshots saved while the room was running, oldest first.
        var snapshots: [RoomSnapshot] = []
        /// The numbers of acknowledged messages, of all rooms and before the present log.
        var acknowledged = 0
        var acknowledgedBeforeLog = 0
        /// Whether nothing was ever lost but by the bounds of the history.
        var isWhole = true
    }

    private let state: Mutex<State>
    private let makeRoom: @Sendable (RoomSnapshot?) -> Room<String>

    init(_ makeRoom: @escaping @Sendable (RoomSnapshot?) -> Room<String>) {
        self.makeRoom = makeRoom
        state = Mutex(State(room: makeRoom(nil)))
    }

    var room: Room<String> { state.withLock { $0.room } }
    var acknowledged: Int { state.withLock { $0.acknowledged } }
    var acknowledgedBeforeLog: Int { state.withLock { $0.acknowledgedBeforeLog } }
    var isWhole: Bool { state.withLock { $0.isWhole } }

    func note(_ text: String, at position: RoomPosition) throws {
        try state.withLock { state in
            var said = state.said[position.epoch ?? ""] ?? [:]
            guard position.offset > said.keys.max() ?? 0 else {
                throw BrokenLaw(description: "published at \(position)")
            }
            said[position.offset] = text
            state.said[position.epoch ?? ""] = said
            state.acknowledged += 1
        }
    }

    func takeSnapshot() { state.withLock { $0.snapshots.append($0.room.snapshot) } }

    func restart(_ restart: Restart, using random: inout SeededGenerator) throws {
        try state.withLock { state in
            let snapshot: RoomSnapshot?
            switch restart {
            case .clean:
                snapshot = state.room.finish()
                guard (try? state.room.publish("too late")) == nil else {
                    throw BrokenLaw(description: "published in a room that has ended")
                }
            case .crash: snapshot = state.snapshots.last
            case .crashToOlder:
                state.snapshots.removeLast(min(Int.random(in: 0...2, using: &random), state.snapshots.count))
                snapshot = state.snapshots.last
            case .loss: snapshot = nil
            }
            if restart != .clean { state.isWhole = false }
            state.room = makeRoom(snapshot)
            guard let position = snapshot?.position, let parent = position.epoch,
                let epoch = state.room.position.epoch
            else {
                state.snapshots = []
                state.acknowledgedBeforeLog = state.acknowledged
                return
            }
            state.said[epoch] = state.said[parent]?.filter { $0.key <= position.offset }
            state.parents[epoch] = (parent, position.offset)
            // A clean end counts once: from now on the snapshots are those of a running room.
            if restart == .clean { state.snapshots = [state.room.snapshot] }
        }
    }

    /// The message at the offset; nil for a change of presence.
    func said(_ offset: UInt64, in epoch: String) -> String? { state.withLock { $0.said[epoch]?[offset] } }

    /// Whether a log begins with all that one has read who is at a position.
    func isHeir(_ epoch: String?, of position: RoomPosition) -> Bool {
        guard let old = position.epoch, var epoch else { return true }
        return state.withLock { state in
            while epoch != old {
                guard let parent = state.parents[epoch], position.offset <= parent.last else { return false }
                epoch = parent.epoch
            }
            return true
        }
    }
}

/// A subscriber: what it got, held against what was acknowledged.
private struct Subscriber {
    private(set) var position = RoomPosition(offset: 0)
    /// The number of the newest message that it got; messages are numbered as they are acknowledged.
    private var newest = 0
    /// Whether it was told a gap after that message.
    private var knowsOfGap = false
    /// The members, as a page would count them.
    private var people: Set<String> = []
    private let world: World
    private let history: RoomHistory

    struct Item: Decodable {
        struct Gap: Decodable {
            var from: String
            var to: String
        }
        var id: String
        var data: String?
        var gap: Gap?
        var here: [String]?
        var joined: String?
        var left: String?
    }

    init(world: World, history: RoomHistory) {
        self.world = world
        self.history = history
    }

    var isAtEnd: Bool {
        let end = world.room.position
        return position.offset == end.offset && world.isHeir(end.epoch, of: position)
    }

    /// Holds the people counted against those of the room.
    func checkPeople() throws {
        guard people == Set(world.room.names) else {
            throw BrokenLaw(description: "counted \(people), here are \(world.room.names)")
        }
    }

    /// At the end of the log: whatever was acknowledged and did not come is covered by a gap.
    mutating func checkEnd() throws {
        begin()
        guard newest == world.acknowledged || knowsOfGap else {
            throw BrokenLaw(description: "\(world.acknowledged) were acknowledged, \(newest) came, and no gap after it")
        }
    }

    /// One that has read nothing yet is new to the log that is there.
    private mutating func begin() {
        if position.epoch == nil { newest = max(newest, world.acknowledgedBeforeLog) }
    }

    /// Messages come in the order in which they were acknowledged; where one is missing a gap was told.
    private mutating func hear(_ text: String) throws {
        guard let number = text.split(separator: " ").last.flatMap({ Int($0) }), number > newest else {
            throw BrokenLaw(description: "\(text) after message \(newest)")
        }
        guard number == newest + 1 || knowsOfGap else {
            throw BrokenLaw(description: "\(text) after message \(newest), and no gap between them")
        }
        newest = number
        knowsOfGap = false
    }

    mutating func take(item json: String) throws {
        try take(try JSONDecoder().decode(Item.self, from: Data(json.utf8)))
    }

    mutating func take(_ item: Item) throws {
        count(here: item.here, joined: item.joined, left: item.left)
        if let gap = item.gap {
            try take(gap, id: item.id)
        } else if item.data == nil, item.joined == nil, item.left == nil {
            try take(beginning: item.id)
        } else {
            try take(item.data, id: item.id)
        }
    }

    mutating func count(here: [String]?, joined: String? = nil, left: String? = nil) {
        if let here { people = Set(here) }
        if let joined { people.insert(joined) }
        if let left { people.remove(left) }
    }

    mutating func take(beginning id: String) throws {
        begin()
        let place = try read(id)
        // A client that is cut after it goes on there: nothing may be missing before.
        guard place.offset == position.offset, world.isHeir(place.epoch, of: position) else {
            throw BrokenLaw(description: "began at \(place) after \(position)")
        }
        position = place
    }

    private mutating func take(_ data: String?, id: String) throws {
        begin()
        let place = try read(id)
        guard place.offset == position.offset + 1, world.isHeir(place.epoch, of: position) else {
            throw BrokenLaw(description: "\(place) after \(position)")
        }
        guard world.said(place.offset, in: place.epoch ?? "") == data else {
            throw BrokenLaw(description: "\(data ?? "somebody") at \(place)")
        }
        if let data { try hear(data) }
        position = place
    }

    /// Takes an entry as code of the server gets it: messages only.
    mutating func take(_ item: RoomItem<String>) throws {
        begin()
        if item.gap != nil { knowsOfGap = true }
        guard world.said(item.position.offset, in: item.position.epoch ?? "") == item.element else {
            throw BrokenLaw(description: "\(item.element) at \(item.position)")
        }
        try hear(item.element)
        position = item.position
    }

    private mutating func take(_ gap: Item.Gap, id: String) throws {
        begin()
        let (start, end) = (try read(gap.from), try read(gap.to))
        let isSame = start.epoch == position.epoch || world.isHeir(start.epoch, of: position)
        guard gap.to == id, start.offset == position.offset, isSame else {
            throw BrokenLaw(description: "a gap from \(gap.from) to \(gap.to) at \(id) after \(position)")
        }
        guard end.offset > start.offset || !world.isHeir(end.epoch, of: start) else {
            throw BrokenLaw(description: "a gap from \(gap.from) to \(gap.to), where nothing is")
        }
        guard !world.isWhole || history.countLimit < 100 else {
            throw BrokenLaw(description: "a gap from \(gap.from) to \(gap.to), which the history holds")
        }
        position = end
        knowsOfGap = true
    }

    private func read(_ text: String) throws -> RoomPosition {
        guard let position = RoomPosition(text) else { throw BrokenLaw(description: "the position \(text)") }
        return position
    }
}

/// One drawn run of a room, its publisher and a subscriber.
private struct Schedule {
    private var random: SeededGenerator
    private let client: TestClient
    private let world: World
    private let hasPresence: Bool
    private var subscriber: Subscriber
    private var count = 0

    init(seed: UInt64) throws {
        random = SeededGenerator(seed: seed)
        let history = RoomHistory(countLimit: [1, 3, 10, 100].randomElement(using: &random) ?? 1)
        let slowMembers = [SlowMembers<String>.skip, .close, .hold(atMost: .seconds(1))].randomElement(using: &random)
        hasPresence = Bool.random(using: &random)
        let presence = hasPresence ? PresenceOptions() : nil
        let world = World { snapshot in
            Room(
                history: history, slowMembers: slowMembers ?? .close, presence: presence,
                limits: RoomLimits(memberRate: nil),
                restoring: snapshot)
        }
        self.world = world
        var options = WebSocketOptions()
        options.outboundLimit = [200, 100_000].randomElement(using: &random) ?? 200
        var app = App(bare: ())
        let permit: RoomAuthorizer<String> = { $0.name = $0.request.query["name"] }
        app.room("/room", options: options, permit: permit) { _ in world.room }
        client = try TestClient(app)
        subscriber = Subscriber(world: world, history: history)
    }

    /// The broken law, if any.
    mutating func run() async -> String? {
        do {
            try await play()
            return nil
        } catch {
            return "\(error)"
        }
    }

    private mutating func play() async throws {
        for _ in 0..<Int.random(in: 2...8, using: &random) {
            try await publishSome()
            switch Int.random(in: 0..<15, using: &random) {
            case 0..<3: try await poll(wait: 0)
            case 3..<5: try await poll(wait: 5)
            case 5..<7: try await stream(isIframe: false)
            case 7: try await stream(isIframe: true)
            case 8..<11: try await socket()
            case 11: try await entries()
            default: try world.restart(Restart.allCases.randomElement(using: &random) ?? .clean, using: &random)
            }
            switch Int.random(in: 0..<6, using: &random) {
            case 0: world.takeSnapshot()
            // Those who have gone are missed.
            case 1: await client.advanceTime(by: .seconds(11))
            // Somebody else comes by.
            case 2 where hasPresence: _ = try await client.get("/room?name=bob")
            default: break
            }
        }
        var polls = 0
        repeat {
            try await poll(wait: 0)
            polls += 1
            if polls > 50 { throw BrokenLaw(description: "never at the end: \(subscriber.position)") }
        } while !subscriber.isAtEnd
        try subscriber.checkEnd()
        if hasPresence { try subscriber.checkPeople() }
    }

    /// The position from which the subscriber resumes.
    private var path: String { "/room?after=\(subscriber.position)" + (hasPresence ? "&name=ann" : "") }

    // MARK: Publishing

    private mutating func publishSome() async throws {
        for _ in 0..<Int.random(in: 0...4, using: &random) { try await publish() }
    }

    private mutating func publish() async throws {
        count += 1
        let text = "message \(count)"
        if Bool.random(using: &random) {
            try world.note(text, at: try world.room.publish(text))
            return await client.advanceTime(by: .zero)
        }
        var headers: HTTPFields = [.contentType: "application/json"]
        headers[HTTPField.Name("Idempotency-Key")!] = text.replacing(" ", with: "-")  // A token.
        // Answers get lost: the publisher tries again.
        var position: RoomPosition?
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let answer = try await client.post("/room", headers: headers, body: "\"\(text)\"")
            let told = answer.headers[HTTPField.Name("Room-Position")!].flatMap { RoomPosition($0) }
            guard answer.status == .created, let told, position == nil || position == told else {
                throw BrokenLaw(description: "posted once at \(position as Any), then \(told as Any)")
            }
            if position == nil { try world.note(text, at: told) }
            position = told
        }
    }

    // MARK: Reading

    private mutating func poll(wait: Int) async throws {
        struct Answer: Decodable {
            var position: String
            var gap: Subscriber.Item.Gap?
            var here: [String]?
            var entries: [Subscriber.Item]
        }
        let path = path + (wait > 0 ? "&wait=\(wait)" : "")
        // The first answer may get lost.
        if Int.random(in: 0..<4, using: &random) == 0, wait == 0 { _ = try await client.get(path) }
        let client = client
        async let asked = client.get(path)
        if wait > 0 {
            for _ in 0..<Int.random(in: 0...2, using: &random) { try await publish() }
            while subscriber.isAtEnd { try await publish() }
        }
        let response = try await asked
        if response.status == .noContent { return }
        let answer = try response.json(Answer.self)
        if let gap = answer.gap { try subscriber.take(Subscriber.Item(id: gap.to, gap: gap)) }
        subscriber.count(here: answer.here)
        for item in answer.entries { try subscriber.take(item) }
        try subscriber.take(beginning: answer.position)
    }

    /// By code of the server, up to a message that is published meanwhile.
    private mutating func entries() async throws {
        var entries = world.room.entries(after: subscriber.position).makeAsyncIterator()
        try await publish()
        let newest = "message \(count)"
        while let item = try await entries.next() {
            try subscriber.take(item)
            guard item.element == newest else { continue }
            // It is told of no changes, and this is the end.
            return subscriber.count(here: world.room.names)
        }
    }

    private mutating func stream(isIframe: Bool) async throws {
        let path = path + (isIframe ? "&stream=iframe" : "")
        let headers: HTTPFields = isIframe ? [:] : [.accept: "text/event-stream"]
        var drawn = self
        try await client.stream(path, headers: headers) { stream async throws in
            let beginning = try await stream.nextText() ?? ""
            try isIframe ? drawn.take(scripts: beginning) : drawn.take(events: beginning)
            for _ in 0..<Int.random(in: 0...4, using: &drawn.random) {
                switch Int.random(in: 0..<4, using: &drawn.random) {
                case 0: try await drawn.publish()
                case 1: await drawn.client.advanceTime(by: .seconds(14))
                default:
                    guard !drawn.subscriber.isAtEnd else { continue }
                    let piece = try await stream.nextText() ?? ""
                    try isIframe ? drawn.take(scripts: piece) : drawn.take(events: piece)
                }
            }
        }
        self = drawn
    }

    private mutating func take(scripts: String) throws {
        for script in scripts.matches(of: /<script>parent\.carafe\((.*?)\)<\/script>/) {
            try subscriber.take(item: String(script.1))
        }
    }

    private mutating func take(events: String) throws {
        for event in events.split(separator: "\n\n") {
            var fields: [Substring: String] = [:]
            for line in event.split(separator: "\n") where line.first != ":" {
                let parts = line.split(separator: ": ", maxSplits: 1)
                if parts.count == 2 { fields[parts[0]] = String(parts[1]) }
            }
            let data = fields["data"] ?? ""
            guard let id = fields["id"] else {
                // Who is here has no place of its own.
                guard fields["event"] == "presence" else { continue }
                struct List: Decodable { var here: [String] }
                subscriber.count(here: try JSONDecoder().decode(List.self, from: Data(data.utf8)).here)
                continue
            }
            switch fields["event"] {
            case "presence": try subscriber.take(item: "{\"id\":\"\(id)\",\(data.dropFirst())")
            case "position": try subscriber.take(beginning: id)
            case "gap": try subscriber.take(item: "{\"id\":\"\(id)\",\"gap\":\(data)}")
            default: try subscriber.take(item: "{\"id\":\"\(id)\",\"data\":\(data)}")
            }
        }
    }

    private mutating func socket() async throws {
        let socket = try await client.openWebSocket(path)
        var isOpen = true
        for _ in 0..<Int.random(in: 1...6, using: &random) where isOpen {
            switch Int.random(in: 0..<5, using: &random) {
            case 0: try await publish()
            case 1: try await socket.setReading(false)
            case 2:
                try await socket.setReading(true)
                for _ in 1...Int.random(in: 1...5, using: &random) { try await publish() }
            default:
                for event in try await socket.pendingEvents() {
                    switch event {
                    case .message(let message): try subscriber.take(item: message.text ?? "")
                    case .close: isOpen = false
                    default: break
                    }
                }
            }
        }
        // A client that goes without a word, or with one.
        if Bool.random(using: &random) { await socket.dropConnection() } else { try await socket.close() }
    }
}
