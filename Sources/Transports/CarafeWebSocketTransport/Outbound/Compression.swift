package import CarafeWebSocketCodec
package import NIOCore

/// The compression of a connection: the parameters agreed with the peer, and the compressors.
package struct Compression {
    package let parameters: DeflateParameters
    package let compressors: Compressors

    package init(parameters: DeflateParameters, compressors: Compressors) {
        self.parameters = parameters
        self.compressors = compressors
    }
}

/// Compressors of one connection, or of all those on an event loop that were made with the same options.
// Unchecked: touched on that event loop only.
package final class Compressors: @unchecked Sendable {
    /// After so long without use the memory is given back.
    private static let idleTime = TimeAmount.seconds(10)

    /// Messages of fewer bytes go as they are.
    let threshold: Int
    private var pool: DeflaterPool
    private var lastUse = NIODeadline.distantPast

    package init(options: DeflateOptions) {
        threshold = options.threshold
        pool = DeflaterPool(options: options)
    }

    /// Uses the compressors.
    package func use<Value>(at now: NIODeadline, _ body: (inout DeflaterPool) -> Value) -> Value {
        lastUse = now
        return body(&pool)
    }

    /// To be called now and then.
    func rest(at now: NIODeadline) {
        if now >= lastUse + Self.idleTime { pool.release() }
    }
}
