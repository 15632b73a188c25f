import CarafeRedisCodec

/// The configuration of an engine on Redis.
struct RedisEngineOptions: Sendable {
    var prefix = "carafe"
    /// Whether another term of the server has all entries that were acknowledged.
    var isLossless = false
    /// The number of replicas that have an entry before it is acknowledged.
    var replicaCount = 0
    /// The time after which a node that does not renew its lease loses its claims. It is renewed three times in it.
    var lease = Duration.seconds(15)
    var client = RedisOptions()
}
