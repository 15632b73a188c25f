import CarafeHTTP
import Synchronization
import Testing

@Suite("Admission", .timeLimit(.minutes(10))) struct AdmissionTests {
    @Test("an end is told once, to those who have not left, and at once to those who come later")
    func end() {
        let admission = Admission()
        let told = Mutex(0)
        let forgotten = admission.onEnd { told.withLock { $0 += 1 } }
        admission.onEnd { told.withLock { $0 += 10 } }
        admission.forget(forgotten)
        admission.end()
        admission.end()
        admission.onEnd { told.withLock { $0 += 100 } }
        #expect(told.withLock { $0 } == 110)
    }
}
