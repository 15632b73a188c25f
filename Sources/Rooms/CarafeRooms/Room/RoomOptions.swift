/// What a room is made with.
struct RoomOptions {
    /// The most characters (Unicode scalars) in a member's name.
    var nameLimit: Int
    var history: RoomHistory
    var presence: PresenceOptions?
    var memberRate: RoomRate?
    var roomRate: RoomRate?
    var snapshot: RoomSnapshot?
}
