import Carafe
import CarafeTesting
import Foundation
import NIOCore
import TestSupport
import Testing

@testable import CarafeRooms

@Suite("Room over a real port", .timeLimit(.minutes(10)))
struct RoomPortTests {
    @Test("broadcasts of several event loops at once reach everybody, in each sender's order")
    func concurrentBroadcasts() async throws {
        let room = Room()
        var app = App()
        app.webSocket("/<name>") { (socket, name: String) in
            try await room.join(socket, as: name)
            for try await message in socket { try await room.publish("\(name) \(message.text ?? "")") }
        }
        let members = 8
        let messages = 100
        try await withServer(app) { url in
            let port = url.port ?? 0
            let everybodyIsIn = Gate()
            try await withThrowingTaskGroup(of: [String: [Int]].self) { group in
                for member in 0..<members {
                    group.addTask {
                        let client = try await FrameClient.open(port: port, "/member\(member)")
                        if room.members.count == members { everybodyIsIn.open() }
                        await everybodyIsIn.wait()
                        try await client.send((0..<messages).map { .message(.text("\($0)")) })
                        var heard: [String: [Int]] = [:]
                        for _ in 0..<(members * messages) {
                            let words = (await client.receiveText() ?? "").split(separator: " ")
                            guard words.count == 2 else { break }
                            heard[String(words[0]), default: []].append(Int(words[1]) ?? -1)
                        }
                        try await client.close()
                        return heard
                    }
                }
                for try await heard in group {
                    #expect(heard.count == members)
                    for numbers in heard.values { #expect(numbers == Array(0..<messages)) }
                }
            }
        }
    }

    @Test("a member that does not read its socket is closed, while another gets everything")
    func slowMember() async throws {
        let room = Room()
        var options = WebSocketOptions()
        // The member reads its close frame when the test says so.
        options.closeTimeout = .minutes(5)
        var app = App()
        app.webSocket("/<name>", options: options) { (socket, name: String) in
            try await room.join(socket, as: name)
            for try await message in socket { try await room.publish(message) }
        }
        try await withServer(app) { url in
            let port = url.port ?? 0
            let slow = try await FrameClient.open(port: port, "/slow")
            try await slow.socket.setReading(false)
            let quick = try await FrameClient.open(port: port, "/quick")
            let text = String(repeating: "a", count: 500_000)
            // Past what the buffers of the sockets hold, the member falls behind and then out.
            for _ in 1...60 {
                try await quick.send(text)
                #expect(await quick.receiveText() == text)
            }
            try await slow.socket.setReading(true)
            #expect(await slow.closeCode() == .tryAgainLater)
            try await slow.send([.close(.tryAgainLater)])
            try await slow.socket.close()
            try await quick.send("goes on")
            #expect(await quick.receiveText() == "goes on")
            try await quick.close()
        }
    }

    @Test("a stopping server answers a long poll at once")
    func stoppedPoll() async throws {
        let room = Room<String>(presence: PresenceOptions())
        var app = App()
        let permit: RoomAuthorizer<String> = { $0.name = "ann" }
        app.room("/room", permit: permit) { _ in room }
        var changes = room.changes.makeAsyncIterator()
        let poll = try await withServer(app) { url in
            let poll = Task {
                let client = try await SocketClient.connect(port: url.port ?? 0)
                try await client.send("GET /room?wait=60 HTTP/1.1\r\nHost: localhost\r\n\r\n")
                return await client.receiveAll()
            }
            // It is counted in before it waits, on one event loop without a pause.
            let change = try? await changes.next()
            #expect(change == .joined("ann"))
            return poll
        }
        let answer = try await poll.value
        #expect(answer.hasPrefix("HTTP/1.1 204 "))
        #expect(answer.lowercased().contains("\r\nconnection: close\r\n"))
    }
}
