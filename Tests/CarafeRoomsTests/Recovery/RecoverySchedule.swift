import Carafe
import CarafeRuntime
import Foundation
import HTTPTypes
import Synchronization
import TestSupport

@testable import CarafeRooms
@testable import CarafeTesting

/// One drawn run of a room on its nodes, its publisher and a subscriber.
struct RecoverySchedule {
    private var random: SeededGenerator
    private let client: TestClient
    private let world: RecoveryWorld
    private let hasPresence: Bool
    private var subscriber: RecoverySubscriber
    private var count = 0

    init(seed: UInt64) throws {
        random = SeededGenerator(seed: seed)
        let history = RoomHistory(countLimit: [1, 3, 10, 100].randomElement(using: &random) ?? 1)
        let slowMembers = [SlowMembers<String>.skip, .close, .hold(atMost: .seconds(1))].randomElement(using: &random)
        hasPresence = Bool.random(using: &random)
        let presence = hasPresence ? PresenceOptions() : nil
        let hasEngine = Int.random(in: 0..<4, using: &random) > 0
        let world = RecoveryWorld(nodeCount: hasEngine ? 3 : nil, seed: seed) { rooms in
            try rooms.room(
                "tea", history: history, slowMembers: slowMembers ?? .close, presence: presence,
                limits: RoomLimits(memberRate: nil))
        }
        self.world = world
        var options = WebSocketOptions()
        options.outboundLimit = [200, 100_000].randomElement(using: &random) ?? 200
        var app = App(bare: ())
        let permit: RoomAuthorizer<String> = { $0.name = $0.request.query["name"] }
        app.room("/<int:node>/room", options: options, permit: permit) { (_, node: Int) in try world.room(on: node) }
        client = try TestClient(app)
        world.run(on: EventLoopExecutor(eventLoop: client.eventLoop, turnTime: TurnTime(limit: nil)))
        subscriber = RecoverySubscriber(world: world, history: history)
    }

    /// The broken law, if any.
    mutating func run() async -> String? {
        do {
            try await play()
            await world.stop()
            return nil
        } catch {
            await world.stop()
            return "\(error)\n" + subscriber.trace.events.withLock { $0 }.joined(separator: "\n")
        }
    }

    private mutating func play() async throws {
        for _ in 0..<Int.random(in: 2...8, using: &random) {
            drawFaults()
            try await publishSome()
            switch Int.random(in: 0..<15, using: &random) {
            case 0..<3: try await poll(wait: 0)
            case 3..<5: try await poll(wait: 5)
            case 5..<7: try await stream(isIframe: false)
            case 7: try await stream(isIframe: true)
            case 8..<11: try await socket()
            case 11: try await entries()
            default: await loseSomething()
            }
            switch Int.random(in: 0..<6, using: &random) {
            // Members without a connection leave, and the nodes look for what they have missed.
            case 0: await client.advanceTime(by: .seconds(11))
            // Somebody else comes by.
            case 1 where hasPresence: _ = try await get("/\(node())/room?name=bob")
            case 2 where hasPresence: await removeAnn()
            default: break
            }
        }
        try await settle()
    }

    /// Without faults the subscriber comes to the end of the log, and has got or been told of everything.
    private mutating func settle() async throws {
        for node in 0..<world.nodeCount {
            world.engine(of: node)?.set(.none)
            world.engine(of: node)?.setAway(false)
        }
        await client.advanceTime(by: .seconds(13))
        var polls = 0
        repeat {
            try await poll(wait: 0)
            polls += 1
            if polls > 50 { throw BrokenLaw(description: "never at the end \(world.end): \(subscriber.position)") }
        } while !subscriber.isAtEnd
        try subscriber.checkEnd()
        if hasPresence { try subscriber.checkPeople() }
    }

    // MARK: Faults

    private mutating func node() -> Int { Int.random(in: 0..<world.nodeCount, using: &random) }

    private mutating func drawFaults() {
        for node in 0..<world.nodeCount {
            guard let engine = world.engine(of: node) else { continue }
            engine.set(.drawn(using: &random))
            if Int.random(in: 0..<4, using: &random) == 0 { engine.setAway(Bool.random(using: &random)) }
        }
    }

    private mutating func loseSomething() async {
        let loss = Int.random(in: 0..<5, using: &random)
        subscriber.note("loss \(loss) at \(world.end)")
        switch loss {
        case 0: world.log?.restart(losing: 0)
        case 1: world.log?.restart(losing: Int.random(in: 1...5, using: &random))
        case 2: world.empty()
        case 3: world.engine(of: node())?.loseClaims()
        default:
            let endLease = await world.restart(node())
            if Bool.random(using: &random) { await client.advanceTime(by: .seconds(15)) }
            endLease()
        }
    }

    private mutating func removeAnn() async {
        let room = try? world.room(on: node())
        try? await drive { try await room?.remove("ann") }
    }

    // MARK: Time

    /// Does something while time passes, as much as it takes.
    private func drive<Value: Sendable>(
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let isDone = Flag()
        let work = Task {
            defer { isDone.set() }
            return try await work()
        }
        var turns = 0
        while !isDone.isSet {
            await client.advanceTime(by: turns < 20 ? .zero : .milliseconds(250))
            await Task.yield()
            turns += 1
        }
        return try await work.value
    }

    private func get(_ path: String, headers: HTTPFields = [:]) async throws -> TestResponse {
        try await drive { [client] in try await client.get(path, headers: headers) }
    }

    /// The path by which the subscriber resumes, on any node.
    private mutating func path() -> String {
        "/\(node())/room?after=\(subscriber.position)" + (hasPresence ? "&name=ann" : "")
    }

    // MARK: Publishing

    private mutating func publishSome() async throws {
        for _ in 0..<Int.random(in: 0...4, using: &random) { try await publish() }
    }

    /// Publishes once, by code or by posts that are tried again: acknowledged, or perhaps there.
    private mutating func publish() async throws {
        count += 1
        let (number, text) = (count, "message \(count)")
        world.sent(number)
        if Bool.random(using: &random) {
            let room = try world.room(on: node())
            do {
                try world.note(number, text, at: try await drive { try await room.publish(text) })
            } catch RoomError.unavailable {}
            return await client.advanceTime(by: .zero)
        }
        var headers: HTTPFields = [.contentType: "application/json"]
        headers[HTTPField.Name("Idempotency-Key")!] = text.replacing(" ", with: "-")  // A token.
        // Answers get lost: the publisher tries again.
        var position: RoomPosition?
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let path = "/\(node())/room"
            let answer = try await drive { [client, headers] in
                try await client.post(path, headers: headers, body: "\"\(text)\"")
            }
            if answer.status == .serviceUnavailable { continue }
            let told = answer.headers[HTTPField.Name("Room-Position")!].flatMap { RoomPosition($0) }
            guard answer.status == .created, let told, position == nil || position == told else {
                throw BrokenLaw(description: "posted once at \(position as Any), then \(told as Any): \(answer.status)")
            }
            if position == nil { try world.note(number, text, at: told) }
            position = told
        }
    }

    // MARK: Reading

    private mutating func poll(wait: Int) async throws {
        struct Answer: Decodable {
            var position: String
            var gap: RecoverySubscriber.Item.Gap?
            var here: [String]?
            var entries: [RecoverySubscriber.Item]
        }
        let path = path() + (wait > 0 ? "&wait=\(wait)" : "")
        subscriber.note(path)
        // The first answer may get lost.
        if Int.random(in: 0..<4, using: &random) == 0, wait == 0 { _ = try await get(path) }
        var response: TestResponse
        if wait > 0 {
            let client = client
            async let asked = drive { try await client.get(path) }
            for _ in 0..<Int.random(in: 0...2, using: &random) { try await publish() }
            response = try await asked
        } else {
            response = try await get(path)
        }
        if response.status == .noContent || response.status == .serviceUnavailable { return }
        let answer = try response.json(Answer.self)
        if let gap = answer.gap { try subscriber.take(RecoverySubscriber.Item(id: gap.to, gap: gap)) }
        subscriber.count(here: answer.here)
        for item in answer.entries { try subscriber.take(item) }
        try subscriber.take(beginning: answer.position)
    }

    /// By code of the server, up to the end of the log as it is then.
    private mutating func entries() async throws {
        let node = node()
        guard let position = try await publishForSure() else { return }
        let room = try world.room(on: node)
        let start = subscriber.position
        // A reader that has nothing to wait for would wait without an end.
        guard !subscriber.isAtEnd, world.engine(of: node)?.isReachable ?? true else { return }
        let items = try? await drive {
            var items: [RoomItem<String>] = []
            for try await item in room.entries(after: start) {
                items.append(item)
                if item.position.offset >= position.offset || item.position.epoch != position.epoch { break }
            }
            return items
        }
        for item in items ?? [] { try subscriber.take(item) }
        // It is told of no changes.
        if items?.isEmpty == false { subscriber.count(here: Array(world.names)) }
    }

    /// Publishes until it is acknowledged; nil if the engine cannot be reached.
    private mutating func publishForSure() async throws -> RoomPosition? {
        for node in 0..<world.nodeCount { world.engine(of: node)?.set(.none) }
        count += 1
        let (number, text) = (count, "message \(count)")
        world.sent(number)
        let room = try world.room(on: node())
        guard let position = try? await drive({ try await room.publish(text) }) else { return nil }
        try world.note(number, text, at: position)
        return position
    }

    private mutating func stream(isIframe: Bool) async throws {
        let path = path() + (isIframe ? "&stream=iframe" : "")
        subscriber.note("stream \(path)")
        let headers: HTTPFields = isIframe ? [:] : [.accept: "text/event-stream"]
        let client = client
        let parent = self
        self = try await drive {
            var drawn = parent
            try await client.stream(path, headers: headers) { stream async throws in
                guard stream.response.status == .ok else { return }
                guard let beginning = try? await stream.nextText() else { return }
                try drawn.take(beginning, isIframe: isIframe)
                for _ in 0..<Int.random(in: 0...4, using: &drawn.random) {
                    switch Int.random(in: 0..<4, using: &drawn.random) {
                    case 0: try await drawn.publish()
                    case 1: await drawn.client.advanceTime(by: .seconds(14))
                    default:
                        // It ends if its member is removed; a heartbeat comes at the latest.
                        guard let piece = try await stream.nextText() else { return }
                        try drawn.take(piece, isIframe: isIframe)
                    }
                }
            }
            return drawn
        }
    }

    private mutating func take(_ text: String, isIframe: Bool) throws {
        try isIframe ? take(scripts: text) : take(events: text)
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
                // The list of the members has no position of its own.
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
        let path = path()
        subscriber.note("socket \(path)")
        guard let socket = try? await drive({ [client] in try await client.openWebSocket(path) }) else { return }
        var isOpen = true
        for _ in 0..<Int.random(in: 1...6, using: &random) where isOpen {
            switch Int.random(in: 0..<6, using: &random) {
            case 0: try await publish()
            case 1: try? await socket.setReading(false)
            case 2:
                try? await socket.setReading(true)
                for _ in 1...Int.random(in: 1...5, using: &random) { try await publish() }
            case 3: await client.advanceTime(by: .seconds(7))
            default:
                for event in (try? await socket.pendingEvents()) ?? [] {
                    switch event {
                    case .message(let message): try subscriber.take(item: message.text ?? "")
                    case .close: isOpen = false
                    default: break
                    }
                }
            }
        }
        // A client that goes without a word, or with one.
        if Bool.random(using: &random) { await socket.dropConnection() } else { try? await socket.close() }
    }
}

private final class Flag: Sendable {
    private let value = Atomic<Bool>(false)

    var isSet: Bool { value.load(ordering: .sequentiallyConsistent) }

    func set() { value.store(true, ordering: .sequentiallyConsistent) }
}
