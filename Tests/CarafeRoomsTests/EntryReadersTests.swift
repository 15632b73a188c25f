import Testing

@testable import CarafeRooms

@Suite(.timeLimit(.minutes(10))) struct EntryReadersTests {
    @Test("the low watermark is that of the slowest reader, and nil without readers")
    func lowWatermark() {
        var readers = EntryReaders()
        #expect(readers.lowWatermark == nil)
        let slow = readers.add(at: 3)
        let quick = readers.add(at: 5)
        #expect(readers.lowWatermark == 3 && readers[slow] == 3 && readers[quick] == 5)
        readers.advance(slow, to: 7)
        #expect(readers.lowWatermark == 5)
        readers.remove(quick)
        #expect(readers.lowWatermark == 7 && readers[quick] == nil)
        readers.remove(slow)
        #expect(readers.lowWatermark == nil)
    }
}
