import Carafe
import Foundation
import Synchronization

@testable import CarafeRooms

/// The events of a schedule, in order.
final class Trace: Sendable {
    let events = Mutex<[String]>([])
}

/// A subscriber: what it got, held against what was acknowledged.
struct RecoverySubscriber {
    private(set) var position = RoomPosition(offset: 0)
    /// The number of the newest message that it got; messages are numbered in the order of the log.
    private var newest = 0
    /// Whether it was told a gap after that message.
    private var knowsOfGap = false
    /// All that has happened to it, to look into a broken law.
    let trace = Trace()
    /// The members, as a page would count them.
    private var people: Set<String> = []
    private let world: RecoveryWorld
    private let history: RoomHistory

    struct Item: Decodable {
        struct Gap: Decodable {
            var from: String
            var to: String
        }
        var id: String
        var data: String?
        var gap: Gap?
        var here: [String]?
        var joined: String?
        var left: String?
    }

    init(world: RecoveryWorld, history: RoomHistory) {
        self.world = world
        self.history = history
    }

    var isAtEnd: Bool {
        let end = world.end
        return position.offset == end.offset && world.isHeir(end.epoch, of: position)
    }

    /// Holds the people counted against those of the room.
    func checkPeople() throws {
        guard people == world.names else {
            throw BrokenLaw(description: "counted \(people), here are \(world.names)")
        }
    }

    /// At the end of the log: whatever was acknowledged and did not come is covered by a gap.
    mutating func checkEnd() throws {
        begin(world.end.epoch)
        guard !world.hasAcknowledged(between: newest, and: .max) || knowsOfGap else {
            throw BrokenLaw(description: "\(newest) came, later ones were acknowledged, and no gap after it")
        }
    }

    /// One that has read nothing yet is new to the log that is there.
    private mutating func begin(_ epoch: String?) {
        if position.epoch == nil, let epoch { newest = max(newest, world.newest(before: epoch)) }
    }

    /// Messages come in the order in which they were acknowledged; where one is missing a gap was told.
    private mutating func hear(_ text: String) throws {
        guard let number = text.split(separator: " ").last.flatMap({ Int($0) }),
            // One that was lost with its key, before it was acknowledged, may have been sent again.
            number > newest || number == newest && knowsOfGap
        else {
            throw BrokenLaw(description: "\(text) after message \(newest)")
        }
        guard !world.hasAcknowledged(between: newest, and: number) || knowsOfGap else {
            throw BrokenLaw(description: "\(text) after message \(newest), and no gap between them")
        }
        newest = number
        knowsOfGap = false
    }

    mutating func take(item json: String) throws {
        try take(try JSONDecoder().decode(Item.self, from: Data(json.utf8)))
    }

    func note(_ event: String) { trace.events.withLock { $0.append(event) } }

    mutating func take(_ item: Item) throws {
        note(
            "\(item.id) \(item.data ?? item.joined ?? item.left ?? "") \(item.gap.map { "gap \($0.from) \($0.to)" } ?? "")"
        )
        count(here: item.here, joined: item.joined, left: item.left)
        if let gap = item.gap {
            try take(gap, id: item.id)
        } else if item.data == nil, item.joined == nil, item.left == nil {
            try take(beginning: item.id)
        } else {
            try take(item.data, id: item.id)
        }
    }

    mutating func count(here: [String]?, joined: String? = nil, left: String? = nil) {
        if let here { people = Set(here) }
        if let joined { people.insert(joined) }
        if let left { people.remove(left) }
    }

    mutating func take(beginning id: String) throws {
        note("begins at \(id)")
        let place = try read(id)
        begin(place.epoch)
        // A client that is cut after it goes on there: nothing may be missing before.
        guard isNext(place, by: 0), isRelated(place) else {
            throw BrokenLaw(description: "began at \(place) after \(position)")
        }
        position = place
    }

    private mutating func take(_ data: String?, id: String) throws {
        let place = try read(id)
        begin(place.epoch)
        guard isNext(place, by: 1), isRelated(place) else {
            throw BrokenLaw(description: "\(place) after \(position)")
        }
        guard world.kind(at: place) == data.map({ .message($0) }) ?? .change else {
            throw BrokenLaw(description: "\(data ?? "somebody") at \(place)")
        }
        if let data { try hear(data) }
        position = place
    }

    /// Takes an entry as code of the server gets it: messages only.
    mutating func take(_ item: RoomItem<String>) throws {
        note("entry \(item.position) \(item.element)")
        begin(item.position.epoch)
        if item.gap != nil { knowsOfGap = true }
        guard world.kind(at: item.position) == .message(item.element) else {
            throw BrokenLaw(description: "\(item.element) at \(item.position)")
        }
        try hear(item.element)
        position = item.position
    }

    private mutating func take(_ gap: Item.Gap, id: String) throws {
        let (start, end) = (try read(gap.from), try read(gap.to))
        begin(end.epoch)
        guard gap.to == id, isNext(start, by: 0), isRelated(start) else {
            throw BrokenLaw(description: "a gap from \(gap.from) to \(gap.to) at \(id) after \(position)")
        }
        guard end.offset > start.offset || !world.isHeir(end.epoch, of: start) else {
            throw BrokenLaw(description: "a gap from \(gap.from) to \(gap.to), where nothing is")
        }
        guard !world.isWhole || history.countLimit < 100 else {
            throw BrokenLaw(description: "a gap from \(gap.from) to \(gap.to), which the history holds")
        }
        position = end
        knowsOfGap = true
    }

    /// Whether one of two logs begins with all that the other has up to the place: the subscriber's, and the place's.
    private func isRelated(_ place: RoomPosition) -> Bool {
        world.isHeir(place.epoch, of: position) || world.isHeir(position.epoch, of: place)
    }

    /// Whether a place is so many entries further, but for those that no subscriber gets.
    private func isNext(_ place: RoomPosition, by count: UInt64) -> Bool {
        guard place.offset >= position.offset + count else { return false }
        return (position.offset..<place.offset - count).allSatisfy { offset in
            world.kind(at: RoomPosition(offset: offset + 1, epoch: place.epoch)) == .hidden
        }
    }

    private func read(_ text: String) throws -> RoomPosition {
        guard let position = RoomPosition(text) else { throw BrokenLaw(description: "the position \(text)") }
        return position
    }
}
