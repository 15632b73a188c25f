public import CarafeWebSocketCodec

extension Room where Element == Message {
    /// Creates a room in memory that carries any message.
    ///
    /// - Parameters:
    ///   - history: The messages that are kept for later subscribers; none by default.
    ///   - slowMembers: The policy for members that do not keep up.
    ///   - presence: Whether subscribers of the room's route get the names of the members, and their changes.
    ///   - limits: The limits for names and for the rates of messages.
    public convenience init(
        history: RoomHistory = .none, slowMembers: SlowMembers<Message> = .close, presence: PresenceOptions? = nil,
        limits: RoomLimits = RoomLimits()
    ) {
        let options = RoomOptions(history: history, presence: presence, limits: limits)
        self.init(RoomStorage(options, policy: slowMembers.policy, isJSON: false), slowMembers, coding: .any)
    }

    /// Appends a text to the log, for all members.
    ///
    /// - Returns: The position of the message.
    /// - Throws: `RoomError.unavailable`.
    @discardableResult
    public func publish(_ text: String) async throws -> RoomPosition { try await publish(.text(text)) }

    /// Appends a value as JSON to the log, for all members.
    ///
    /// - Returns: The position of the message.
    /// - Throws: `RoomError.unavailable`, or the error of the encoder.
    @discardableResult
    public func publish(json value: some Encodable) async throws -> RoomPosition {
        try await publish(try Message(json: value))
    }

    /// Appends a value as JSON to the log, for the members of these names only.
    ///
    /// - Returns: The position of the message.
    /// - Throws: `RoomError.nobody` when none of them is in the room, `.unavailable`, or the error of the encoder.
    @discardableResult
    public func publish(json value: some Encodable, to names: [String]) async throws -> RoomPosition {
        try await publish(try Message(json: value), to: names)
    }
}
