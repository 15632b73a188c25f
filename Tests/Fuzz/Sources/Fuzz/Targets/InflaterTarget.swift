import NIOCore

@testable import CarafeWebSocketCodec

/// Anything as compressed messages.
///
/// Input: the window, the limit, whether the context is kept, three lengths of messages; then the messages.
enum InflaterTarget: Target {
    static let name = "inflater"

    static var seeds: [Seed] {
        let all = DeflateExamples.payloads.flatMap(\.bytes)
        return DeflateExamples.payloads.map { Seed([7, 100, 0, 0, 0, 0], $0.bytes) }
            + [Seed([7, 100, 1, 7, 7, 5], all), Seed([0, 100, 0, 7, 5, 11], all)]
    }

    static func check(_ bytes: [UInt8]) {
        var input = Input(bytes)
        let windowBits = input.number(in: 8...15)
        let limit = input.number(in: 0...255) * 16
        let drops = input.byte() & 1 != 0
        let split = input.split()
        var inflater = Inflater(windowBits: windowBits)
        for payload in split.reads(of: input.remaining()).prefix(50) {
            if drops { inflater.reset() }
            let before = inflater
            let result = inflate(payload, with: &inflater, limit: limit)
            var copy = before
            law("a copy goes the same way", inflate(payload, with: &copy, limit: limit) == result)
            checkAlone(payload, result, windowBits, limit, isFresh: drops)
            // The limit sets the steps, and a distance beyond a smaller window is found only behind the current step.
            if windowBits == 15 { checkHigherLimit(payload, result, before, limit) }
            guard case .success(let message) = result else { return }
            law("no message is longer than the limit", message.readableBytes <= limit)
        }
    }

    private static func inflate(
        _ payload: [UInt8], with inflater: inout Inflater, limit: Int
    ) -> Result<ByteBuffer, ProtocolError> {
        do {
            return .success(try inflater.inflate(ByteBuffer(bytes: payload), limit: limit))
        } catch {
            return .failure(error)
        }
    }

    private static func checkAlone(
        _ payload: [UInt8], _ result: Result<ByteBuffer, ProtocolError>, _ windowBits: Int, _ limit: Int,
        isFresh: Bool
    ) {
        guard isFresh else { return }
        var alone = Inflater(windowBits: windowBits)
        law("a reset is as good as a new one", inflate(payload, with: &alone, limit: limit) == result)
    }

    /// With twice the limit a message can only resume after the cut.
    private static func checkHigherLimit(
        _ payload: [UInt8], _ result: Result<ByteBuffer, ProtocolError>, _ before: Inflater, _ limit: Int
    ) {
        var copy = before
        let other = inflate(payload, with: &copy, limit: 2 * limit + 100)
        switch result {
        case .failure(let failure) where failure.code == .messageTooBig:
            guard case .success(let message) = other else { return }
            law("a message is only refused if it is too long", message.readableBytes > limit)
        default:
            law("a limit that is not reached changes nothing", other == result, "\(other)\n\(result)")
        }
    }
}
