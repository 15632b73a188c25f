// EngineBench posts STORE WRITERS SECONDS: acknowledged posts a second of an engine, and the times of a post, in JSON.
// EngineBench post STORE: one post.
//
//   EngineBench posts sqlite:/tmp/rooms.sqlite 256 5          synchronous=FULL
//   EngineBench posts sqlite-normal:/tmp/rooms.sqlite 256 5   synchronous=NORMAL
//   EngineBench posts redis://localhost:6379 256 5
//   EngineBench posts floor:/tmp/floor.sqlite 256 5           as many rows in a commit, by one thread, without rooms

import CarafeRooms
import CarafeRoomsRedis
import CarafeRoomsSQLite
import Foundation
import GRDB
import Synchronization

let arguments = CommandLine.arguments
guard arguments.count > 2, arguments.count == 3 || arguments.count == 5 else {
    fatalError("expected EngineBench posts STORE WRITERS SECONDS, or post STORE, found \(arguments.dropFirst())")
}
let store = arguments[2]
let writers = arguments.count == 5 ? Int(arguments[3])! : 1
let seconds = arguments.count == 5 ? Int(arguments[4])! : 0
let message = String(repeating: "x", count: 100)

/// Prints the rate, and the median and 99th percentile of the times.
func report(_ times: [Duration], within time: Duration) {
    let sorted = times.sorted()
    let rate = Double(sorted.count) / (time / .seconds(1))
    func milliseconds(_ part: Double) -> Double { sorted[Int(Double(sorted.count - 1) * part)] / .milliseconds(1) }
    print(
        "{\"rate\": \(Int(rate)), \"median_ms\": \(milliseconds(0.5)), \"p99_ms\": \(milliseconds(0.99))}")
}

/// Posts by so many tasks, each waiting for its acknowledgement.
func post(in room: Room<String>) async throws {
    let clock = ContinuousClock()
    let start = clock.now
    let end = start + .seconds(seconds)
    let times = try await withThrowingTaskGroup(of: [Duration].self) { group in
        for _ in 0..<writers {
            group.addTask {
                var times: [Duration] = []
                repeat {
                    let begin = clock.now
                    try await room.publish(message)
                    times.append(clock.now - begin)
                } while clock.now < end
                return times
            }
        }
        return try await group.reduce(into: []) { $0 += $1 }
    }
    report(times, within: clock.now - start)
}

/// Commits rows by one thread: the most that the disk allows with groups of this size.
func floor(_ path: String) throws {
    let database = try DatabasePool(path: path)
    let clock = ContinuousClock()
    var times: [Duration] = []
    let start = clock.now
    try database.writeWithoutTransaction { database in
        // A pool sets NORMAL after its configuration was applied.
        try database.execute(sql: "PRAGMA synchronous = FULL")
        try database.execute(sql: "CREATE TABLE IF NOT EXISTS entry (id INTEGER PRIMARY KEY, message)")
        while clock.now < start + .seconds(seconds) {
            let begin = clock.now
            try database.inTransaction(.immediate) {
                let statement = try database.cachedStatement(sql: "INSERT INTO entry (message) VALUES (?)")
                for _ in 0..<writers { try statement.execute(arguments: [message]) }
                return .commit
            }
            times += Array(repeating: clock.now - begin, count: writers)
        }
    }
    report(times, within: clock.now - start)
}

if store.hasPrefix("floor:") {
    try floor(String(store.dropFirst(6)))
} else {
    let rooms =
        if store.hasPrefix("sqlite:") {
            try Rooms(file: String(store.dropFirst(7)))
        } else if store.hasPrefix("sqlite-normal:") {
            try Rooms(file: String(store.dropFirst(14)), durability: .normal)
        } else {
            try Rooms(redis: store)
        }
    try await rooms.engine?.waitUntilReady()
    try await post(in: try rooms.room("bench", of: String.self))
    await rooms.engine?.stop()
}
