import CCarafeHiredis
import NIOCore

/// Makes a Swift value of the parts of a reply that hiredis' parser reports, depth first.
final class ReplyBuilder {
    /// The most bytes of one reply.
    let sizeLimit: Int
    /// Whether a reply was past the limit; the parser has stopped then.
    private(set) var isTooLarge = false

    /// An array whose elements are not all there yet.
    private struct OpenArray {
        let count: Int
        var elements: [RedisReply]
    }

    private var open: [OpenArray] = []
    private var reply: RedisReply?
    private var size = 0
    private let allocator = ByteBufferAllocator()

    init(sizeLimit: Int) {
        self.sizeLimit = sizeLimit
    }

    /// Returns the whole reply, once.
    func take() -> RedisReply? {
        defer {
            reply = nil
            size = 0
        }
        return reply
    }

    /// Counts a part of a reply.
    ///
    /// - Returns: Whether the reply is still within the limit.
    private func grow(by count: Int) -> Bool {
        size += count + MemoryLayout<RedisReply>.size
        if size > sizeLimit { isTooLarge = true }
        return !isTooLarge
    }

    private func add(_ part: RedisReply) {
        var part = part
        while var array = open.popLast() {
            array.elements.append(part)
            guard array.elements.count == array.count else { return open.append(array) }
            part = .array(array.elements)
        }
        reply = part
    }

    private func beginArray(of count: Int) {
        guard count > 0 else { return add(.array([])) }
        var elements: [RedisReply] = []
        // The count is the peer's word; the elements have to come first.
        elements.reserveCapacity(min(count, 1024))
        open.append(OpenArray(count: count, elements: elements))
    }

    private func addBytes(_ bytes: UnsafeRawBufferPointer, type: Int32) {
        switch type {
        case REDIS_REPLY_STATUS: add(.simple(String(decoding: bytes, as: UTF8.self)))
        case REDIS_REPLY_ERROR: add(.error(RedisError(line: String(decoding: bytes, as: UTF8.self))))
        default: add(.bulk(allocator.buffer(bytes: bytes)))
        }
    }
}

extension ReplyBuilder {
    typealias Task = UnsafePointer<redisReadTask>

    /// The functions that hiredis' parser calls, at an address that stays.
    // Unchecked: written once, and only read after that.
    struct Functions: @unchecked Sendable {
        let pointer: UnsafeMutablePointer<redisReplyObjectFunctions>
    }

    static let functions: Functions = {
        // Field by field: later versions of hiredis have more of them, for RESP3.
        var functions = redisReplyObjectFunctions()
        functions.createString = { task, bytes, count in
            part(task, size: Int(count)) { builder, type in
                builder.addBytes(UnsafeRawBufferPointer(start: bytes, count: Int(count)), type: type)
            }
        }
        functions.createArray = { task, count in part(task) { builder, _ in builder.beginArray(of: Int(count)) } }
        functions.createInteger = { task, number in part(task) { builder, _ in builder.add(.integer(Int(number))) } }
        functions.createNil = { task in part(task) { builder, _ in builder.add(.null) } }
        // The parts are Swift's, which frees them.
        functions.freeObject = { _ in }
        let pointer = UnsafeMutablePointer<redisReplyObjectFunctions>.allocate(capacity: 1)
        pointer.initialize(to: functions)
        return Functions(pointer: pointer)
    }()

    /// - Returns: Any pointer, for a part that was added, or nil, which stops the parser.
    private static func part(
        _ task: Task?, size: Int = 0, add: (ReplyBuilder, Int32) -> Void
    ) -> UnsafeMutableRawPointer? {
        guard let task, let pointer = task.pointee.privdata else { return nil }
        // The builder that `RedisReplyReader` has set, and that lives as long as the parser.
        let builder = Unmanaged<ReplyBuilder>.fromOpaque(pointer).takeUnretainedValue()
        guard builder.grow(by: size) else { return nil }
        add(builder, task.pointee.type)
        return pointer
    }
}
