import CarafeRedisCodec
import CarafeRooms
import CarafeWebSocketCodec
import NIOCore
import RoomEngineContract
import Synchronization
import TestSupport
import Testing

@testable import CarafeRoomsRedis

/// Failures of Redis, and its epochs, keys and leases; the contract of all engines is in `RedisContractTests`.
@Suite(
    "Rooms in Redis", .enabled(if: RedisProgram.isInstalled, "no redis-server: `.ci/setup peers` installs it"),
    .timeLimit(.minutes(10)))
struct RedisEngineTests {
    private let tea = EngineRoom(name: "tea", history: RoomHistory())

    /// Sends a command on a node's connection.
    @discardableResult
    private func send(_ words: RedisCommand.Argument..., by node: ContractNode) async throws -> RedisReply {
        let engine = try #require(node.engine as? RedisEngine)
        return try await engine.steps.send(RedisCommand(words))
    }

    /// Starts a replica, and waits until it has the primary's data.
    private func replica(of primary: RedisProgram) async throws -> RedisProgram {
        let replica = try await RedisProgram(["--replicaof", "127.0.0.1 \(primary.port)"])
        try await linked(replica)
        return replica
    }

    private func linked(_ replica: RedisProgram) async throws {
        while try await !replica.send("INFO", "replication").contains("master_link_status:up") { await Task.yield() }
    }

    /// Waits until a node can take a step again.
    private func connected(_ node: ContractNode) async throws {
        while (try? await node.end(of: tea)) == nil { await Task.yield() }
    }

    private func claimsLost(_ node: ContractNode) async throws {
        try await node.first { if case .claimsLost = $0 { () } else { nil } }
    }

    /// Waits until the server has written its append-only file: while the disk is busy it does so after its reply.
    private func written(_ node: ContractNode) async throws {
        while true {
            let state = try #require(try await send("INFO", "persistence", by: node).text)
            if state.contains("aof_buffer_length:0\r\n") { return }
        }
    }

    // MARK: Epochs

    @Test("a crash of a server with an append-only file is a new epoch and a break, and loses no entry")
    func crash() async throws {
        let server = try await RedisProgram(["--appendonly", "yes", "--appendfsync", "everysec"])
        let node = try await RedisNode.start(at: server.port)
        try await node.append("a", key: "k", in: tea)
        let last = try await node.append("b", in: tea)
        try await written(node)
        await server.kill()
        await #expect(throws: RoomError.unavailable) { try await node.append("c", in: tea) }
        try await server.restart()
        try await connected(node)
        #expect(try await node.lines(in: tea) == ["1 message a", "2 message b", "3 break"])
        let line = try await node.engine.open(tea).line
        #expect(line.earlier == [RoomLine.Epoch(name: last.epoch ?? "", last: 2)])
        #expect(line.epoch.hasSuffix(last.epoch ?? "none") && line.epoch.utf8.count == 32)
        #expect(try await node.append("a", key: "k", in: tea) == RoomPosition(offset: 1, epoch: last.epoch))
        #expect(try await node.append("c", in: tea) == RoomPosition(offset: 4, epoch: line.epoch))
    }

    @Test(
        "a lost tail is reported by the new epoch, also if the room is only read", arguments: ["open", "read", "ends"])
    func lostTail(step: String) async throws {
        let server = try await RedisProgram()
        let node = try await RedisNode.start(at: server.port)
        let saved = try await node.append("a", in: tea)
        try await send("SAVE", by: node)
        try await node.append("lost", in: tea)
        await server.kill()
        try await server.restart()
        while (try? await send("PING", by: node)) == nil { await Task.yield() }
        let end =
            switch step {
            case "open": try await node.engine.open(tea).page.end
            case "read": try await node.engine.read(tea, after: 2).end
            default: try await node.end(of: tea)
            }
        #expect(end.offset == 2 && end.epoch != saved.epoch)
        let opening = try await node.engine.open(tea)
        #expect(opening.page.end == end)
        #expect(opening.page.entries.map(\.post.line) == ["message a", "break"])
        #expect(opening.line.earlier == [RoomLine.Epoch(name: saved.epoch ?? "", last: 1)])
    }

    @Test("a line knows the newest 16 earlier epochs")
    func manyEpochs() async throws {
        let server = try await RedisProgram()
        let node = try await RedisNode.start(at: server.port)
        let first = try await node.append("a", in: tea)
        for number in 1...18 {
            // As if another process had taken the writes.
            try await send("HSET", "carafe:{tea}:meta", "term", "another", by: node)
            let offset = UInt64(1 + 2 * number)
            #expect(try await node.append("a", in: tea).offset == offset)
        }
        let line = try await node.engine.open(tea).line
        let lasts = stride(from: 5, through: 35, by: 2).map { UInt64($0) }
        #expect(line.earlier.map(\.last) == lasts)
        #expect(Set(line.earlier.map(\.name)).count == 16)
        #expect(line.earlier.allSatisfy { $0.name.hasSuffix(first.epoch ?? "none") })
    }

    @Test("a lossless server has no break after a restart")
    func lossless() async throws {
        let server = try await RedisProgram(["--appendonly", "yes", "--appendfsync", "always"])
        var options = RedisNode.patience
        options.isLossless = true
        let node = try await RedisNode.start(at: server.port, options)
        try await node.append("a", in: tea)
        await server.kill()
        try await server.restart()
        try await connected(node)
        try await node.append("b", in: tea)
        #expect(try await node.lines(in: tea) == ["1 message a", "2 message b"])
        #expect(try await node.engine.open(tea).line.earlier.map(\.last) == [1])
    }

    @Test("an emptied server begins a line that knows no earlier one, and the claims are made again")
    func emptied() async throws {
        let server = try await RedisProgram()
        let node = try await RedisNode.start(at: server.port)
        let last = try await node.append("a", key: "k", in: tea)
        try await send("FLUSHALL", by: node)
        let end = try await node.end(of: tea)
        #expect(end.offset == 0 && end.epoch != last.epoch)
        #expect(try await node.engine.open(tea).line == RoomLine(epoch: end.epoch ?? ""))
        try await node.claim("ann", in: tea)
        try await claimsLost(node)
        #expect(try await node.append("a", key: "k", in: tea) == RoomPosition(offset: 2, epoch: end.epoch))
    }

    @Test("steps go on after the server has forgotten its scripts")
    func forgottenScripts() async throws {
        let server = try await RedisProgram()
        let node = try await RedisNode.start(at: server.port)
        for number in 1...3 as ClosedRange<UInt64> {
            #expect(try await node.append("a", in: tea).offset == number)
            try await send("SCRIPT", "FLUSH", by: node)
        }
    }

    @Test("a replica refuses steps, and begins a new epoch when it is promoted")
    func failover() async throws {
        let primary = try await RedisProgram()
        let replica = try await replica(of: primary)
        let first = try await RedisNode.start(at: primary.port)
        let last = try await first.append("a", in: tea)
        while try await send("WAIT", "1", "1000", by: first).number != 1 {}
        let second = try RedisNode.engine(at: replica.port)
        second.start { _ in }
        let error = await #expect(throws: RedisStartError.self) { try await second.waitUntilReady() }
        #expect("\(try #require(error))".contains("found a replica"))
        await #expect(throws: RoomError.unavailable) {
            try await second.append(RoomPost(.text("b")), key: nil, to: tea)
        }
        await primary.kill()
        _ = try await replica.send("REPLICAOF", "NO", "ONE")
        var appended: RoomPosition?
        while appended == nil {
            appended = try? await second.append(RoomPost(.text("b")), key: nil, to: tea)
            await Task.yield()
        }
        let position = try #require(appended)
        #expect(position.offset == 3 && position.epoch != last.epoch)
        let opening = try await second.open(tea)
        #expect(opening.page.entries.map(\.post.line) == ["message a", "break", "message b"])
        #expect(opening.line.earlier == [RoomLine.Epoch(name: last.epoch ?? "", last: 1)])
    }

    @Test("a server that was a replica for a while, and lost a tail by it, begins a new epoch")
    func demotion() async throws {
        let server = try await RedisProgram()
        let other = try await replica(of: server)
        let node = try await RedisNode.start(at: server.port)
        let kept = try await node.append("a", in: tea)
        while try await send("WAIT", "1", "1000", by: node).number != 1 {}
        _ = try await other.send("REPLICAOF", "NO", "ONE")
        try await node.append("lost", in: tea)
        _ = try await server.send("REPLICAOF", "127.0.0.1", "\(other.port)")
        try await linked(server)
        _ = try await server.send("REPLICAOF", "NO", "ONE")
        // Its connection is from before, and no command has met the replica.
        await #expect(throws: RoomError.unavailable) { try await node.append("refused", in: tea) }
        try await connected(node)
        try await node.append("b", in: tea)
        #expect(try await node.lines(in: tea) == ["1 message a", "2 break", "3 message b"])
        #expect(try await node.engine.open(tea).line.earlier == [RoomLine.Epoch(name: kept.epoch ?? "", last: 1)])
    }

    @Test("a post waits for the replicas that are asked for, and fails with fewer")
    func replicas() async throws {
        let primary = try await RedisProgram()
        let replica = try await replica(of: primary)
        var options = RedisNode.patience
        options.replicaCount = 1
        let node = try await RedisNode.start(at: primary.port, options)
        while try await send("WAIT", "1", "1000", by: node).number != 1 {}
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<50 { group.addTask { try await node.append("\(number)", in: tea) } }
            try await group.waitForAll()
        }
        await replica.kill()
        await #expect(throws: RoomError.unavailable) { try await node.append("a", in: tea) }
        #expect(try await node.end(of: tea).offset == 51)
    }

    // MARK: Failures

    @Test("a silent server is unavailable within the deadline, and used again when it speaks")
    func silence() async throws {
        let server = try await RedisProgram()
        var options = RedisNode.patience
        options.client.commandDeadline = .seconds(2)
        let node = try await RedisNode.start(at: server.port, options)
        while (try? await node.append("a", key: "1", in: tea)) == nil { await Task.yield() }
        server.pause()
        await #expect(throws: RoomError.unavailable) { try await node.append("b", key: "2", in: tea) }
        server.resume()
        try await connected(node)
        // The step may have been taken or not, and its key says which.
        while (try? await node.append("b", key: "2", in: tea)) == nil { await Task.yield() }
        #expect(try await node.lines(in: tea) == ["1 message a", "2 message b"])
    }

    @Test("an error of Redis is unavailable, with a line in the log for each kind")
    func errors() async throws {
        let server = try await RedisProgram()
        let log = CapturedLog()
        let engine = try RedisNode.engine(at: server.port, log: log)
        let node = try await ContractNode(engine)
        try await node.append("a", in: tea)
        try await send("CONFIG", "SET", "maxmemory", "1", by: node)
        for _ in 0..<3 {
            await #expect(throws: RoomError.unavailable) { try await node.append("b", in: tea) }
        }
        try await send("CONFIG", "SET", "maxmemory", "0", by: node)
        try await send("SET", "carafe:{tea}:log", "no stream", by: node)
        for _ in 0..<3 {
            await #expect(throws: RoomError.unavailable) { try await node.append("b", in: tea) }
        }
        #expect(log.lines.count == 2, "\(log.lines)")
        #expect(log.lines.first?.contains("OOM") == true)
    }

    @Test("without a server the start is an error with the address and the remedy, and the engine connects later")
    func start() async throws {
        let server = try await RedisProgram()
        await server.kill()
        let engine = try RedisNode.engine(at: server.port)
        engine.start { _ in }
        let error = await #expect(throws: RedisStartError.self) { try await engine.waitUntilReady() }
        #expect("\(try #require(error))".contains("redis://127.0.0.1:\(server.port)"))
        #expect("\(try #require(error))".contains(".optional"))
        try await server.restart()
        while (try? await engine.append(RoomPost(.text("a")), key: nil, to: tea)) == nil { await Task.yield() }
    }

    @Test("a wrong address, a wrong prefix and other rooms are errors")
    func configuration() throws {
        #expect(throws: RedisAddressError.self) { try Rooms(redis: "http://localhost") }
        #expect(throws: RedisPrefixError(prefix: "a{b}")) { try Rooms(redis: "redis://localhost", prefix: "a{b}") }
        #expect(throws: Never.self) { try Rooms(redis: "redis://localhost", start: .optional) }
        #expect(throws: RedisRoomsError.self) { try Rooms().redisEngine }
    }

    // MARK: The log

    @Test("a message on a room's channel that is no hint makes the node read")
    func hostileHints() async throws {
        let server = try await RedisProgram()
        let node = try await RedisNode.start(at: server.port)
        let epoch = try await node.engine.open(tea).page.end.epoch
        for payload in ["", "1", "1-a", "1-a 2", "-1-a 2 x", "18446744073709551616-a 1 x", "1-a x y", "a b c"] {
            try await send("PUBLISH", "carafe:{tea}", .text(payload), by: node)
            let page = try await node.hint(in: tea)
            #expect(page.entries.isEmpty && page.end.epoch != epoch)
        }
        // The post of this one is no post.
        try await send("PUBLISH", "carafe:{tea}", .text("1-\(epoch ?? "") 2 x"), by: node)
        #expect(try await node.hint(in: tea).entries.map(\.post.line) == ["break"])
    }

    @Test("entries that no version of this program has written are breaks")
    func hostileEntries() async throws {
        let server = try await RedisProgram()
        let node = try await RedisNode.start(at: server.port)
        try await node.append("a", in: tea)
        try await send("XADD", "carafe:{tea}:log", "2-0", "e", "?", "t", "5", "b", "1", "m", "1", by: node)
        try await send("HSET", "carafe:{tea}:meta", "last", "2", by: node)
        #expect(try await node.lines(in: tea) == ["1 message a", "2 break"])
    }

    @Test("entries that are too old are dropped, also when nobody posts")
    func age() async throws {
        let server = try await RedisProgram()
        let node = try await RedisNode.start(at: server.port)
        let brief = EngineRoom(name: "brief", history: RoomHistory(ageLimit: .milliseconds(50)))
        let position = try await node.append("a", in: brief)
        while try await !node.all(in: brief).isEmpty { await Task.yield() }
        #expect(try await node.end(of: brief) == position)
        #expect(try await node.append("b", in: brief).offset == 2)
        #expect(try await send("HGET", "carafe:{brief}:meta", "oldest", by: node).number == 2)
    }

    @Test("a message that is larger than the history drops all before it")
    func largeMessages() async throws {
        let server = try await RedisProgram()
        let node = try await RedisNode.start(at: server.port)
        let text = String(repeating: "a", count: 2 << 20)
        for _ in 0..<5 { try await node.append(text, in: tea) }
        #expect(try await node.lines(in: tea) == ["5 message \(text)"])
    }

    @Test("the newest 4000 keys are known, and those of the last two minutes")
    func manyKeys() async throws {
        let server = try await RedisProgram()
        let node = try await RedisNode.start(at: server.port)
        for start in stride(from: 1, through: 9000, by: 500) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in start..<start + 500 {
                    group.addTask { try await node.append("a", key: "\(number)", in: tea) }
                }
                try await group.waitForAll()
            }
        }
        #expect(try await node.append("a", key: "1", in: tea).offset <= 500)
        // As if the older ones were two minutes old.
        try await send("HSET", "carafe:{tea}:meta", "keystime", "1", by: node)
        try await node.append("a", key: "another", in: tea)
        #expect(try await node.append("a", key: "5001", in: tea).offset <= 5500)
        #expect(try await node.append("a", key: "2", in: tea).offset == 9002)
        for key in ["carafe:{tea}:keys", "carafe:{tea}:keys:old"] {
            let time = try await send("TTL", .text(key), by: node).number ?? -1
            #expect((1...86_400).contains(time))
        }
    }

    @Test("a post that is tried again is a write, so that it waits for replicas")
    func keyIsWritten() async throws {
        let server = try await RedisProgram()
        let node = try await RedisNode.start(at: server.port)
        func changes() async throws -> String? {
            try await server.send("INFO", "persistence").split(separator: "\r\n").map(String.init)
                .first { $0.hasPrefix("rdb_changes_since_last_save:") }
        }
        let position = try await node.append("a", key: "1", in: tea)
        let before = try #require(try await changes())
        #expect(try await node.append("a", key: "1", in: tea) == position)
        #expect(try await changes() != before)
    }

    @Test("a room without entries is kept for a day, and one with entries for good")
    func unusedRooms() async throws {
        let server = try await RedisProgram()
        let node = try await RedisNode.start(at: server.port)
        _ = try await node.engine.open(tea)
        #expect(try await send("TTL", "carafe:{tea}:meta", by: node).number ?? -1 > 0)
        _ = try await send("EXPIRE", "carafe:{tea}:meta", "1000", by: node)
        _ = try await node.end(of: tea)
        #expect(try await send("TTL", "carafe:{tea}:meta", by: node).number ?? -1 > 1000)
        try await node.append("a", in: tea)
        #expect(try await send("TTL", "carafe:{tea}:meta", by: node).number == -1)
    }

    @Test("the ends of many rooms come in order, also after a restart")
    func manyRooms() async throws {
        let server = try await RedisProgram()
        let node = try await RedisNode.start(at: server.port)
        let rooms = (0..<2500).map { EngineRoom(name: "\($0)", history: RoomHistory()) }
        for number in [0, 999, 1000, 2499] { try await node.append("a", in: rooms[number]) }
        let ends = try await node.engine.ends(of: rooms)
        #expect(ends.count == 2500)
        #expect(ends.indices.filter { ends[$0].offset == 1 } == [0, 999, 1000, 2499])
        #expect(try await node.engine.ends(of: rooms) == ends)
        #expect(Set(ends.map(\.epoch)).count == 2500)
    }

    // MARK: Leases

    @Test("the claims of a node that is gone are ended by another when its lease is over")
    func reaping() async throws {
        let server = try await RedisProgram()
        var options = RedisNode.patience
        options.lease = .seconds(9)
        let gone = try await RedisNode.start(at: server.port)
        let node = try await RedisNode.start(at: server.port, options)
        for number in 0..<250 { try await gone.claim("n\(number)", in: tea) }
        try await node.claim("n0", in: tea)
        // As if its lease had passed without a renewal.
        let lease = try #require(gone.engine as? RedisEngine).leaseID
        _ = try await node.engine.open(tea)
        try await send("ZADD", "carafe:nodes", "1", .text(lease), by: node)
        var left: Set<String> = []
        while left.count < 249 {
            for entry in try await node.hint(in: tea).entries { left.insert(entry.post.line) }
        }
        #expect(left.allSatisfy { $0.hasPrefix("left n") } && !left.contains("left n0"))
        #expect(try await node.engine.open(tea).names == [Array("n0".utf8)])
        while try await send("ZSCORE", "carafe:nodes", .text(lease), by: node) != .null { await Task.yield() }
        // It comes back, under another lease.
        try await gone.claim("n1", in: tea)
        try await claimsLost(gone)
        #expect(try await node.engine.open(tea).names.count == 2)
    }

    @Test("a node whose lease was ended while it was cut off makes its claims again, and nobody has left")
    func renewal() async throws {
        let server = try await RedisProgram()
        var options = RedisNode.patience
        options.lease = .milliseconds(600)
        let node = try await RedisNode.start(at: server.port, options)
        try await node.claim("ann", in: tea)
        let engine = try #require(node.engine as? RedisEngine)
        let lease = engine.leaseID
        try await send("ZADD", "carafe:nodes", "1", .text(lease), by: node)
        try await claimsLost(node)
        #expect(engine.leaseID != lease)
        try await node.claim("ann", in: tea)
        #expect(try await node.engine.open(tea).names == [Array("ann".utf8)])
    }

    @Test("another run of the server is told as a loss of claims")
    func claimsAfterRestart() async throws {
        let server = try await RedisProgram(["--appendonly", "yes"])
        let node = try await RedisNode.start(at: server.port)
        try await node.claim("ann", in: tea)
        try await written(node)
        await server.kill()
        try await server.restart()
        try await claimsLost(node)
        try await node.claim("ann", in: tea)
        #expect(try await node.lines(in: tea) == ["1 joined ann", "2 break"])
    }
}
