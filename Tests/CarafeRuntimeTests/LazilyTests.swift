import CarafeRuntime
import Synchronization
import Testing

@Suite("Lazily", .timeLimit(.minutes(10)))
struct LazilyTests {
    @Test("a value is made when it is asked for, and once")
    func once() {
        let value = Lazily<Int>()
        #expect(value.value == nil)
        #expect(value.get { 1 } == 1)
        #expect(value.get { 2 } == 1)
        #expect(value.value == 1)
    }

    @Test("tasks that ask at once get the same value")
    func tasks() async {
        final class Box: Sendable {
            let value = Lazily<Int>()
            let made = Atomic(0)
        }
        let box = Box()
        let values = await withTaskGroup(of: Int.self) { group in
            for number in 0..<100 {
                group.addTask {
                    box.value.get {
                        box.made.add(1, ordering: .relaxed)
                        return number
                    }
                }
            }
            return await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        #expect(values.count == 1)
        #expect(box.made.load(ordering: .relaxed) == 1)
    }
}
