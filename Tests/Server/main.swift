// TestServer PORT: the server of the conformance suite, of the soak and of browsers; port 0 takes a free one.
//
//   /echo      every message comes back; the default options, but for a message limit of 16 MiB
//   /takeover  the same, both sides keeping their compression windows
//   /plain     the same without compression
//   /room      every message goes to everybody
//   /state     GET: the handlers that have started and ended, as JSON
//   /rooms/…   a room's route; the room keeps five messages, and is named after what it does with slow members
//   /chaos/…   a room of Tests/Chaos, with presence; `?name=` is the member, which nobody checks
//   /carafe.js the browser's side of it

import Carafe
import CarafeRooms
import FoundationEssentials
import Logging
import NIOCore

guard CommandLine.arguments.count == 2, let port = Int(CommandLine.arguments[1]) else {
    fatalError("expected TestServer PORT, found \(CommandLine.arguments.dropFirst())")
}

let environment = ProcessInfo.processInfo.environment

var options = WebSocketOptions()
options.messageLimit = 16 << 20
options.inboundLimit = 16 << 20

let handlers = HandlerCount()
let room = Room()
let echo: @Sendable (WebSocket) async throws -> Void = { socket in
    try await handlers.count {
        for try await message in socket { try await socket.send(message) }
    }
}
var app = App()
app.webSocket("/echo", options: options, echo)
options.compression = DeflateOptions(serverNoContextTakeover: false, clientNoContextTakeover: false)
app.webSocket("/takeover", options: options, echo)
options.compression = nil
app.webSocket("/plain", options: options, echo)
var patient = WebSocketOptions()
// A slow member that was dropped reads up to its close frame, while other programs have the processor.
patient.closeTimeout = .minutes(3)
app.webSocket("/room", options: patient) { socket in
    try await handlers.count {
        try await room.join(socket)
        for try await message in socket { try await room.publish(message) }
    }
}
app.get("/state") { _ in handlers.state }
let policies: [String: SlowMembers<String>] = [
    "close": .close, "hold": .hold(atMost: .seconds(1)), "skip": .skip, "latest": .latest { $0 },
]
let rooms = policies.mapValues { Room<String>(history: RoomHistory(countLimit: 5), slowMembers: $0) }
app.room("/rooms/<policy>") { (_, policy: String) in
    guard let room = rooms[policy] else { throw HTTPError(.notFound) }
    return room
}
let chaos = try ChaosRooms(environment: environment)
try app.install(chaos.rooms)
if let mutation = ChaosMutation(environment: environment) {
    app.use { request, next in try await mutation.handle(request, next) }
}
let permit: RoomAuthorizer<String> = { $0.name = $0.request.query["name"] }
app.room("/chaos/<room>", permit: permit) { (_, name: String) in try chaos.room(name) }
app.roomScript()

// Many connections come from one address at once here.
var configuration = ServerConfiguration(port: port, logger: Logger(label: "carafe"))
configuration.accessLog = false
configuration.backlog = 4096
await app.run(configuration)
print("handlers: \(handlers.state.started) started, \(handlers.state.ended) ended")
