import CarafeRedisCodec

/// The scripts: each is one step in Redis. Their sources have their keys, arguments and replies.
enum RoomScripts {
    static let append = room(PackageResources.append_lua)
    static let open = room(PackageResources.open_lua)
    static let read = room(PackageResources.read_lua)
    static let end = room(PackageResources.end_lua)
    static let claim = room(PackageResources.claim_lua)
    static let remove = room(PackageResources.remove_lua)
    static let ends = script(PackageResources.term_lua + PackageResources.ends_lua)
    static let lease = script(PackageResources.term_lua + PackageResources.lease_lua)
    static let session = script(PackageResources.session_lua)
    static let rate = script(PackageResources.rate_lua)

    /// A step of a room begins with the comparison of the term.
    private static func room(_ source: [UInt8]) -> RedisScript {
        script(PackageResources.term_lua + PackageResources.room_lua + source)
    }

    private static func script(_ source: [UInt8]) -> RedisScript {
        RedisScript(String(decoding: source, as: UTF8.self))
    }
}
