// What the blocks of the documents take for granted: the values that their chapters speak of, and the reader's own.
// A block may declare the same names itself.
import Carafe
import CarafeConfiguration
import CarafeRooms
import CarafeSessions
import CarafeTesting
import CarafeWebSocketCodec
import Logging
import NIOCore

var app: App {
    get { fatalError() }
    set { fatalError() }
}
var request: Request { fatalError() }
var response: Response {
    get { fatalError() }
    set { fatalError() }
}
var eventLoop: any EventLoop { fatalError() }
var logger: Logger { fatalError() }
var room: Room<Message> { fatalError() }
var client: TestClient { fatalError() }
var message: Message { fatalError() }
var bytes: ByteBuffer {
    get { fatalError() }
    set { fatalError() }
}

func makeApp(_ config: ConfigReader? = nil) throws -> App { fatalError() }
func makeEchoApp() -> App { fatalError() }
func makeShop() throws -> App { fatalError() }

// The reader's own.
let secret = "a secret of 32 bytes or more: it is random"
let database = Database()
let archive = Archive()
let prices = Prices()
var last: RoomPosition? { fatalError() }
func slowLibraryCall() -> Int { fatalError() }
func store(_ bytes: ByteBuffer) {}

func scrambled(_ piece: ByteBuffer) -> ByteBuffer { fatalError() }

struct Database: Sendable {
    func ping() async throws {}
}
struct Archive: Sendable {
    func add(_ message: Message) async throws {}
}
struct Login: Decodable { var name: String }
enum Order: String, Decodable, CaseIterable { case newest, oldest }
struct Started: Sendable { var time = ContinuousClock.now }
struct Price: Codable, Sendable {
    var id: String
    var amount: Int
}
struct Prices: Sendable {
    func after(_ id: String?) -> AsyncStream<Price> { fatalError() }
}
func results<Question>(of question: Question) -> String { fatalError() }
