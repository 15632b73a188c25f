public import CarafeApp
import CarafeRuntime
public import CarafeWebSocketCodec
import NIOCore

/// The rooms of an app by name: in the memory of this process, or in an engine that keeps them and that several
/// processes share.
///
/// ```swift
/// struct ChatLine: Codable { var text: String }
/// let rooms = Rooms()
/// try app.install(rooms)
/// app.room("/rooms/<name>") { (_, name: String) in try rooms.room(name, of: ChatLine.self) }
/// ```
///
/// `Rooms(file: "rooms.sqlite")` of `CarafeRoomsSQLite` keeps them in a file, and `Rooms(redis: "redis://localhost")`
/// of `CarafeRoomsRedis` in Redis. Then a process keeps a copy of each room that is read there, until nobody has read
/// it for a minute; a room that nobody reads costs it nothing.
public final class Rooms: Extension {
    /// The maximum length of the name of a room, in bytes of UTF-8.
    public static let nameLimit = 200

    /// The start of a program whose engine cannot be reached.
    public enum Start: Sendable {
        /// The program ends with an error.
        case required
        /// The program starts, and its rooms respond with 503 until the engine can be reached.
        case optional
    }

    let node: RoomNode?
    private let start: Start
    private let known: KnownRooms

    /// Creates rooms in the memory of this process, which are lost at its end.
    public convenience init() { self.init(engine: nil) }

    /// Creates rooms in an engine.
    package init(engine: (any RoomEngine)?, start: Start = .required) {
        node = engine.map { RoomNode($0) }
        known = KnownRooms(areKept: engine == nil)
        self.start = start
    }

    /// Creates rooms in the engine of others, which are not used: `wrap` puts another in front of it.
    package convenience init(_ rooms: Rooms, wrap: (any RoomEngine) -> any RoomEngine) {
        self.init(engine: (rooms.node?.engine).map(wrap), start: rooms.start)
    }

    /// The engine that has the rooms, which is started; nil for rooms in memory.
    package var engine: (any RoomEngine)? {
        node?.start()
        return node?.engine
    }

    // MARK: Rooms

    /// Returns the room of a name, whose messages have a type and are JSON on the wire.
    ///
    /// The first call of a process for a name sets the limits and policies; all processes are to have the same.
    ///
    /// - Parameters:
    ///   - name: A name of 1 to `nameLimit` bytes, visible text.
    ///   - type: The type of the messages, which is the same in all calls for the name.
    ///   - history: The messages that are kept for later subscribers; 1,000 and 1 MiB by default.
    ///   - slowMembers: The policy for members that do not keep up.
    ///   - presence: Whether subscribers of the room's route get the names of the members, and their changes.
    ///   - limits: The limits for names and for the rates of messages, which each process counts for itself.
    ///   - coders: The encoder and decoder of the messages.
    /// - Throws: `RoomError.badRoomName`, which is a response of 400, `.tooManyRooms` or `RoomTypeError`.
    public func room<Element: Codable & Sendable>(
        _ name: String, of type: Element.Type = Element.self, history: RoomHistory = RoomHistory(),
        slowMembers: SlowMembers<Element> = .close, presence: PresenceOptions? = nil, limits: RoomLimits = RoomLimits(),
        coders: JSONCoders = .standard
    ) throws -> Room<Element> {
        let options = RoomOptions(history: history, presence: presence, limits: limits)
        let storage = try storage(name, of: type, options, slowMembers.policy, isJSON: true)
        return Room(storage, slowMembers, coding: .json(coders))
    }

    /// Returns the room of a name, which carries any message.
    ///
    /// The first call of a process for a name sets the limits and policies; all processes are to have the same.
    ///
    /// - Parameters:
    ///   - name: A name of 1 to `nameLimit` bytes, visible text.
    ///   - history: The messages that are kept for later subscribers; none by default.
    ///   - slowMembers: The policy for members that do not keep up.
    ///   - presence: Whether subscribers of the room's route get the names of the members, and their changes.
    ///   - limits: The limits for names and for the rates of messages, which each process counts for itself.
    /// - Throws: `RoomError.badRoomName`, which is a response of 400, `.tooManyRooms` or `RoomTypeError`.
    public func room(
        _ name: String, history: RoomHistory = .none, slowMembers: SlowMembers<Message> = .close,
        presence: PresenceOptions? = nil, limits: RoomLimits = RoomLimits()
    ) throws -> Room<Message> {
        let options = RoomOptions(history: history, presence: presence, limits: limits)
        let storage = try storage(name, of: Message.self, options, slowMembers.policy, isJSON: false)
        return Room(storage, slowMembers, coding: .any)
    }

    private func storage(
        _ name: String, of type: any Any.Type, _ options: RoomOptions, _ policy: SlowMemberPolicy, isJSON: Bool
    ) throws -> RoomStorage {
        try known.storage(name, of: type) {
            let link = node.map { node in
                EngineLink(engine: node.engine, room: EngineRoom(name: name, history: options.history), node: node)
            }
            return RoomStorage(options, policy: policy, isJSON: isJSON, link: link)
        }
    }

    // MARK: Extension

    /// A name of its own for each, since an app may have rooms in several engines.
    public var name: String { "Rooms \(UInt(bitPattern: ObjectIdentifier(self).hashValue))" }

    /// Adds nothing to the app.
    public func install(in app: inout App) {}

    /// Starts the engine, and stops it after the app.
    ///
    /// - Throws: An error that tells why the engine cannot be reached, if it is required.
    public func around(_ serve: Serve) async throws {
        guard let node else { return try await serve() }
        node.start()
        do {
            if start == .required { try await node.engine.waitUntilReady() }
            try await serve()
        } catch {
            await node.stop()
            throw error
        }
        await node.stop()
    }
}

/// An error for a room that is asked for with another type of messages than before.
public struct RoomTypeError: Error, CustomStringConvertible {
    let name: String
    let expected: String
    let found: String

    /// A description with both types.
    public var description: String {
        "expected \(expected) for the messages of the room \(name), as in its first use, found \(found)"
    }
}
