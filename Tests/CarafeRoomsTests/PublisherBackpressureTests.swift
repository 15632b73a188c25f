import NIOCore
import Testing

@testable import CarafeRooms

@Suite(.timeLimit(.minutes(10))) struct PublisherBackpressureTests {
    private static let limit = PublisherBackpressure.limit

    @Test("publishers are held while more than the limit waits, and only where there is a time")
    func held() {
        #expect(!PublisherBackpressure(atMost: nil).isHeld(waiting: .max))
        let backpressure = PublisherBackpressure(atMost: .seconds(1))
        #expect(!backpressure.isHeld(waiting: Self.limit) && backpressure.isHeld(waiting: Self.limit + 1))
    }

    @Test("a hold begins once, and ends when no more than the limit waits")
    func ends() {
        var backpressure = PublisherBackpressure(atMost: .seconds(1))
        var begun = backpressure.begin(waiting: Self.limit)
        #expect(begun == nil)
        begun = backpressure.begin(waiting: Self.limit + 1)
        #expect(begun == 1)
        begun = backpressure.begin(waiting: Self.limit + 1)
        #expect(begun == nil)
        #expect(backpressure.update(waiting: Self.limit).isEmpty)
        begun = backpressure.begin(waiting: Self.limit + 1)
        #expect(begun == 2)
    }

    @Test("after its time nobody is held until all have caught up; the time of an earlier hold changes nothing")
    func released() {
        var backpressure = PublisherBackpressure(atMost: .seconds(1))
        _ = backpressure.begin(waiting: .max)
        _ = backpressure.update(waiting: 0)
        _ = backpressure.begin(waiting: .max)
        _ = backpressure.release(1)
        #expect(backpressure.isHeld(waiting: .max))
        _ = backpressure.release(2)
        #expect(!backpressure.isHeld(waiting: .max))
        let begun = backpressure.begin(waiting: .max)
        #expect(begun == nil)
        _ = backpressure.update(waiting: Self.limit)
        #expect(backpressure.isHeld(waiting: .max))
    }
}
