// HummingbirdBench PORT [FOLDER]: the routes of CarafeBench, written as Hummingbird's guide writes them.
// FOLDER is served under /static; without it no file middleware stands before the routes.

import Hummingbird
import NIOPosix

let arguments = CommandLine.arguments
guard arguments.count >= 2, let port = Int(arguments[1]) else {
    fatalError("expected HummingbirdBench PORT [FOLDER], found \(arguments.dropFirst())")
}

let router = Router()
if arguments.count > 2 {
    router.add(middleware: FileMiddleware(arguments[2], urlBasePath: "/static"))
}
router.get("/") { _, _ in
    "Hello, World!"
}
router.get("/users/:id") { _, context in
    let id = try context.parameters.require("id", as: Int.self)
    return "user \(id)"
}

let app = Application(
    router: router,
    configuration: .init(address: .hostname("127.0.0.1", port: port)),
    eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup(numberOfThreads: 1)))
try await app.runService()
