import Carafe
import CarafeRooms
import CarafeTesting
import HTTPTypes
import NIOCore
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct SlowMembersTests {
    private struct Price: Codable, Sendable {
        var share: String
        var value: Int
        var padding: String?
    }

    private static let permit: RoomAuthorizer<Price> = { $0.name = $0.request.query["name"] }

    private static let long = Message.binary(ByteBuffer(repeating: 1, count: 1 << 19))

    @Test("of each subject only the newest is sent") func ofEachSubject() async throws {
        let room = Room<Price>(slowMembers: .latest { $0.share })
        var options = WebSocketOptions()
        options.outboundLimit = 1000
        var app = App()
        app.room("/room", options: options) { _ in room }
        let client = try TestClient(app)
        try await client.webSocket("/room") { socket async throws in
            _ = try await socket.receiveText()
            try await socket.setReading(false)
            for value in 1...200 {
                try await room.publish(Price(share: value.isMultiple(of: 2) ? "even" : "odd", value: value))
                await client.advanceTime(by: .zero)
            }
            try await socket.setReading(true)
            var values: [Int] = []
            while values.last != 200 {
                let item = try #require(try await socket.receive()).json(Item.self)
                values.append(item.data.value)
            }
            #expect(values.suffix(2) == [199, 200] && values.count < 50, "\(values)")
            #expect(values.dropLast(2) == Array(1..<max(values.count - 1, 1))[...], "before that it was not behind")
        }
    }

    private struct Item: Decodable {
        var data: Price
    }

    @Test("entries for other members do not replace a subject's newest") func entriesOtherMembersDo() async throws {
        let room = Room<Price>(slowMembers: .latest { $0.share })
        var app = App()
        app.room("/room", permit: Self.permit) { _ in room }
        let client = try TestClient(app)
        try await client.webSocket("/room?name=ann") { ann async throws in
            try await client.webSocket("/room?name=bob") { bob async throws in
                _ = try await (ann.receiveText(), bob.receiveText())
                try await room.publish(Price(share: "a", value: 1))
                try await room.publish(Price(share: "a", value: 2), to: ["ann"])
                try await room.publish(Price(share: "a", value: 3), to: ["bob"])
                #expect(try await ann.receiveText()?.contains("\"value\":1") == true)
                #expect(try await ann.receiveText()?.contains("\"value\":2") == true)
                #expect(try await bob.receiveText()?.contains("\"value\":1") == true)
                #expect(try await bob.receiveText()?.contains("\"value\":3") == true)
            }
        }
    }

    @Test("code of the server reads all entries of each subject") func serverReadsAll() async throws {
        let room = Room<Price>(slowMembers: .latest { $0.share })
        var entries = room.entries().makeAsyncIterator()
        for value in 1...5 { try await room.publish(Price(share: "a", value: value)) }
        for value in 1...5 { #expect(try await entries.next()?.element.value == value) }
    }

    @Test("a skipped member stays when the server sends to it") func skippedMemberStays() async throws {
        let room = Room<Price>(history: .none, slowMembers: .skip)
        var options = WebSocketOptions()
        options.outboundLimit = 1000
        var app = App()
        app.room("/room", options: options) { _ in room }
        let client = try TestClient(app)
        try await client.webSocket("/room") { socket async throws in
            _ = try await socket.receiveText()
            try await socket.setReading(false)
            for value in 1...200 {
                try await room.publish(Price(share: "a", value: value))
                await client.advanceTime(by: .zero)
            }
            // The server answers that this is no message.
            try await socket.send("{}")
            await client.settle()
            try await socket.setReading(true)
            for value in 1...200 { #expect(try await socket.receive()?.json(Item.self).data.value == value) }
            #expect(try await socket.receiveText()?.contains("error") == true)
        }
    }

    // MARK: Holding

    @Test("a stream that reads holds no publisher") func streamThatReads() async throws {
        let room = Room<Price>(history: .none, slowMembers: .hold(atMost: .seconds(10)))
        var app = App()
        app.room("/room") { _ in room }
        let client = try TestClient(app)
        let padding = String(repeating: "x", count: 1 << 19)
        try await client.stream("/room", headers: [.accept: "text/event-stream"]) { stream async throws in
            _ = try await stream.nextText()
            for value in 1...4 { try await room.publish(Price(share: "a", value: value, padding: padding)) }
            await client.advanceTime(by: .zero)
            for _ in 1...4 { _ = try await stream.nextText() }
            await client.settle()
            let waits = Task { await room.waitForSlowMembers() }
            await client.settle()
            await waits.value
        }
    }

    private let held = Room(slowMembers: .hold(atMost: .seconds(10)))

    /// Passes on what it gets as it is.
    private func heldClient() throws -> TestClient {
        let room = held
        var app = App()
        app.webSocket("/room") { socket in
            try await room.join(socket)
            for try await _ in socket {}
        }
        return try TestClient(app)
    }

    /// Publishes 20 messages of 512 KiB.
    private func publish(_ client: TestClient, _ published: Counter) -> Task<Void, any Error> {
        Task {
            for _ in 1...20 {
                await held.waitForSlowMembers()
                try await held.publish(Self.long)
                published.add()
                await client.advanceTime(by: .zero)
            }
        }
    }

    @Test("a publisher waits for a lagging subscriber") func publisherWaits() async throws {
        let client = try heldClient()
        let published = Counter()
        try await client.webSocket("/room") { socket async throws in
            try await socket.setReading(false)
            let publisher = publish(client, published)
            await client.settle()
            #expect(published.value < 20)
            try await socket.setReading(true)
            for _ in 1...20 {
                #expect(try await socket.receive()?.bytes.readableBytes == 1 << 19)
                await client.settle()
            }
            try await publisher.value
        }
    }

    @Test("a publisher does not wait for ever") func publisherDoes() async throws {
        let client = try heldClient()
        let published = Counter()
        try await client.webSocket("/room") { socket async throws in
            try await socket.setReading(false)
            let publisher = publish(client, published)
            await client.settle()
            #expect(published.value < 20)
            await client.advanceTime(by: .seconds(10))
            try await publisher.value
            try await socket.setReading(true)
            await client.settle()
            var end: CloseCode?
            for event in try await socket.pendingEvents() {
                if case .close(let code, _) = event { end = code }
            }
            #expect(end == .tryAgainLater)
        }
        // Who is gone holds nobody.
        await held.waitForSlowMembers()
    }

    @Test("a waiting publisher can be cancelled") func waitingPublisherCanCancelled() async throws {
        let client = try heldClient()
        try await client.webSocket("/room") { socket async throws in
            try await socket.setReading(false)
            for _ in 1...20 {
                try await held.publish(Self.long)
                await client.advanceTime(by: .zero)
            }
            let waits = Task { await held.waitForSlowMembers() }
            await client.settle()
            waits.cancel()
            await waits.value
            await socket.dropConnection()
        }
    }
}

private final class Counter: Sendable {
    private let count = Mutex(0)
    func add() { count.withLock { $0 += 1 } }
    var value: Int { count.withLock { $0 } }
}

extension TestClient {
    /// Lets what can go on go on.
    fileprivate func settle() async {
        for _ in 1...50 {
            await Task.yield()
            await advanceTime(by: .zero)
        }
    }
}
