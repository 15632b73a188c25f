package import CarafeRedisCodec
import CarafeWebSocketCodec

/// A Lua script, which Redis knows by the SHA-1 of its source.
package struct RedisScript: Sendable {
    package let source: String
    package let hash: String

    package init(_ source: String) {
        self.source = source
        hash = SHA1.digest(source.utf8).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    /// Returns the command that runs the script by its hash; the reply is NOSCRIPT if the server does not know it.
    package func runByHash(keys: [RedisCommand.Argument], _ arguments: [RedisCommand.Argument] = []) -> RedisCommand {
        RedisCommand(["EVALSHA", .text(hash), .integer(keys.count)] + keys + arguments)
    }

    /// Returns the command that runs the script by its source, after which the server knows the hash.
    package func runBySource(keys: [RedisCommand.Argument], _ arguments: [RedisCommand.Argument] = []) -> RedisCommand {
        RedisCommand(["EVAL", .text(source), .integer(keys.count)] + keys + arguments)
    }
}
