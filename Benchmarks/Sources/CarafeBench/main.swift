// CarafeBench PORT FOLDER [queues | tls | sqlite:FILE | redis://HOST:PORT]: everything that is measured, in one app on
// one event loop; FOLDER is served under /static. With `queues` the members of /room have a queue each; with `tls` it
// is served over TLS, with certificate.pem and key.pem of the folder; with a store the rooms below /rooms are there.

import Carafe
import CarafeCompression
import CarafeRooms
import CarafeRoomsRedis
import CarafeRoomsSQLite
import CarafeTLS

let arguments = CommandLine.arguments
guard (3...4).contains(arguments.count), let port = Int(arguments[1]) else {
    fatalError("expected CarafeBench PORT FOLDER, found \(arguments.dropFirst())")
}
let mode = arguments.count > 3 ? arguments[3] : ""

var app = App()
try app.install(StaticFiles(folder: arguments[2], urlPath: "/static"))

app.get("/") { _ in
    "Hello, World!"
}
app.get("/users/<int:id>") { (_, id: Int) in
    "user \(id)"
}
app.webSocket("/echo") { socket in
    for try await message in socket {
        try await socket.send(message)
    }
}

if mode == "queues" {
    let room = QueueRoom()
    app.webSocket("/room") { socket in
        try await room.serve(socket)
    }
} else {
    let room = Room()
    app.webSocket("/room") { socket in
        try await room.join(socket)
        for try await message in socket {
            try await room.publish(message)
        }
    }
}

let rooms =
    if mode.hasPrefix("sqlite:") {
        try Rooms(file: String(mode.dropFirst("sqlite:".count)))
    } else if mode.hasPrefix("redis:") {
        try Rooms(redis: mode)
    } else {
        Rooms()
    }
try BenchRooms(rooms).add(to: &app)
try BenchTurns().add(to: &app)

var configuration = ServerConfiguration(port: port, threads: 1)
configuration.accessLog = false
if mode == "tls" {
    configuration.tls = try TLS(certificate: arguments[2] + "/certificate.pem", key: arguments[2] + "/key.pem")
}
await app.run(configuration)
