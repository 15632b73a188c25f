/// An event that a client reports, on its event loop and in order.
package enum RedisClientEvent: Sendable {
    /// Commands are possible, with this process.
    case connected(RedisServer)
    /// Commands are not possible: the connection has ended. An attempt that failed is not reported.
    case disconnected(any Error)
    /// All subscriptions are made at this process, after a connection; messages before it are lost.
    case subscribed(RedisServer)
    /// No messages come: the connection for them has ended.
    case subscriptionsLost(any Error)
    /// Another client, or this one, published a message on a channel.
    case message(RedisMessage)
}
