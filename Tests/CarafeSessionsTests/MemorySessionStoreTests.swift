import CarafeHTTP
import NIOCore
import Synchronization
import Testing

@testable import CarafeSessions

@Suite("MemorySessionStore", .timeLimit(.minutes(10)))
struct MemorySessionStoreTests {
    @Test("keeps what it is given until its time is over, or it is removed")
    func time() {
        let time = Mutex(NIODeadline.uptimeNanoseconds(0))
        let store = MemorySessionStore(limit: 100) { time.withLock { $0 } }
        store.save("a", ByteBuffer(string: "1"), for: .hours(1))
        store.save("b", ByteBuffer(string: "2"), for: .hours(2))
        store.remove("nothing")
        #expect(store.load("a") == ByteBuffer(string: "1"))
        time.withLock { $0 = $0 + .hours(1) }
        #expect(store.load("a") == nil)
        #expect(store.load("b") == ByteBuffer(string: "2"))
        store.remove("b")
        #expect(store.load("b") == nil)
    }
}
