import CarafeRooms
import CarafeSessions
import Foundation
import NIOCore

/// The place where the demos keep their rooms and sessions.
public struct Store: Sendable {
    let rooms: Rooms
    let sessions: any SessionStore
    /// The secret that signs the sessions.
    let secret: String

    /// The memory of this process.
    public static var memory: Store {
        Store(rooms: Rooms(), sessions: MemorySessionStore(), secret: UUID().uuidString + UUID().uuidString)
    }
}
