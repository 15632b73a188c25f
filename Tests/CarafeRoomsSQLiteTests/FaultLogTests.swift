import GRDB
import NIOCore
import TestSupport
import Testing

@testable import CarafeRoomsSQLite

@Suite("The log of a file's faults", .timeLimit(.minutes(10)))
struct FaultLogTests {
    @Test("each use has one line a minute, with the path and the remedy")
    func rate() {
        let captured = CapturedLog()
        let log = FaultLog(path: "rooms.sqlite", logger: captured.logger)
        let start = NIODeadline.uptimeNanoseconds(1)
        let full = DatabaseError(resultCode: .SQLITE_FULL)
        for seconds in [0, 1, 59, 60, 61] as [Int64] { log.note(full, at: .write, now: start + .seconds(seconds)) }
        #expect(captured.lines.count == 2)
        log.note(full, at: .read, now: start + .seconds(61))
        #expect(captured.lines.count == 3)
        for line in captured.lines {
            #expect(line.contains("path=rooms.sqlite") && line.contains("make space") && !line.contains("\n"))
        }
    }
}
