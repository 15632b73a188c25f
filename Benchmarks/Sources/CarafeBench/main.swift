// CarafeBench PORT FOLDER: everything that is measured, in one app on one event loop; FOLDER is served under /static.

import Carafe
import CarafeWebSocket

let arguments = CommandLine.arguments
guard arguments.count == 3, let port = Int(arguments[1]) else {
    fatalError("expected CarafeBench PORT FOLDER, found \(arguments.dropFirst())")
}

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

let room = Room()
app.webSocket("/room") { socket in
    try await room.join(socket)
    for try await message in socket {
        room.broadcast(message)
    }
}

BenchRooms().add(to: &app)

var configuration = ServerConfiguration(port: port, threads: 1)
configuration.accessLog = false
await app.run(configuration)
