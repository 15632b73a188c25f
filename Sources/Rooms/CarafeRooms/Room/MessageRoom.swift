public import CarafeWebSocketCodec

extension Room where Element == Message {
    /// Creates a room that carries any message.
    ///
    /// - Parameters:
    ///   - history: The messages that are kept for later subscribers; none by default.
    ///   - slowMembers: The policy for members that do not keep up.
    ///   - presence: Whether subscribers of the room's route get the names of the members, and their changes.
    ///   - limits: The limits for names and for the rates of messages.
    ///   - snapshot: The history of an earlier run.
    public convenience init(
        history: RoomHistory = .none, slowMembers: SlowMembers<Message> = .close, presence: PresenceOptions? = nil,
        limits: RoomLimits = RoomLimits(), restoring snapshot: RoomSnapshot? = nil
    ) {
        let options = RoomOptions(history: history, presence: presence, limits: limits, snapshot: snapshot)
        self.init(options, slowMembers, coding: .any, isJSON: false)
    }

    /// Appends a message to the log, for all members, the sender included.
    ///
    /// - Returns: The position of the message; nil after `finish`, when nothing is appended.
    @discardableResult
    public func publish(_ message: Message) -> RoomPosition? {
        // Only `ended` is possible: a message is encoded already, and its audience is everybody.
        try? append(try post(message))
    }

    /// Appends a text to the log, for all members.
    ///
    /// - Returns: The position of the message; nil after `finish`, when nothing is appended.
    @discardableResult
    public func publish(_ text: String) -> RoomPosition? { publish(.text(text)) }

    /// Appends a value as JSON to the log, for all members.
    ///
    /// - Returns: The position of the message; nil after `finish`, when nothing is appended.
    /// - Throws: The error of the encoder.
    @discardableResult
    public func publish(json value: some Encodable) throws -> RoomPosition? { publish(try Message(json: value)) }

    /// Appends a value as JSON to the log, for the members of these names only.
    ///
    /// - Returns: The position of the message.
    /// - Throws: `RoomError.nobody` when none of them is in the room, `.ended` after `finish`, or the error of the
    ///   encoder.
    @discardableResult
    public func publish(json value: some Encodable, to names: [String]) throws -> RoomPosition {
        try publish(try Message(json: value), to: names)
    }
}
