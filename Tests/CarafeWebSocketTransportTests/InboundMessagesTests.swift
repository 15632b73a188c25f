import CarafeWebSocketCodec
import NIOCore
import Testing

@testable import CarafeWebSocketTransport

@Suite("InboundMessages", .timeLimit(.minutes(10)))
struct InboundMessagesTests {
    private let limits: ConnectionLimits
    private var inbound: InboundMessages

    init() {
        var limits = ConnectionLimits()
        limits.inboundMessageLimit = 2
        self.limits = limits
        inbound = InboundMessages(role: .server, limits: limits, compression: nil)
    }

    private mutating func deliver(_ text: String) -> String {
        switch inbound.deliver(.text(text), limits: limits) {
        case .resume: "resume"
        case .queued: "queued"
        case .pauseReading: "pause"
        }
    }

    @Test("a full queue pauses reading and decoding, until a message is taken")
    mutating func pause() {
        var bytes = FrameEncoder.encode([.message(.text("c"))], role: .client)
        inbound.receive(&bytes)
        #expect(deliver("a") == "queued")
        #expect(deliver("b") == "pause")
        #expect(inbound.isPaused)
        #expect(inbound.nextEvent() == nil)
        let first = inbound.take(limits: limits)
        #expect(first?.message == .text("a"))
        #expect(first?.resumesReading == true)
        #expect(inbound.nextEvent() == .message(.text("c")))
        let second = inbound.take(limits: limits)
        #expect(second?.message == .text("b"))
        #expect(second?.resumesReading == false)
        #expect(inbound.take(limits: limits)?.message == nil)
    }

    @Test("messages that are dropped leave space, and reading resumes if it was paused")
    mutating func drop() {
        #expect(inbound.drop() == false)
        #expect(deliver("a") == "queued")
        #expect(deliver("b") == "pause")
        #expect(inbound.drop() == true)
        #expect(!inbound.isPaused)
        #expect(inbound.take(limits: limits)?.message == nil)
    }

    @Test("a message goes to the task that waits, and not into the queue")
    func receiver() async throws {
        let message = try await withUnsafeThrowingContinuation { continuation in
            var inbound = inbound
            let ticket = inbound.receiver.makeTicket()
            inbound.receiver.put(continuation, ticket: ticket)
            if case .resume(let waiting) = inbound.deliver(.text("a"), limits: limits) {
                waiting.resume(returning: .text("a"))
            } else {
                continuation.resume(returning: nil)
            }
            #expect(inbound.take(limits: limits)?.message == nil)
        }
        #expect(message == .text("a"))
    }
}
