import CarafeRooms
import NIOCore

/// A claim of a node on a name in a room, as it stands in the node's set of claims: `ROOM`, a zero byte, `NAME`.
struct NodeClaim: Equatable {
    let room: String
    let name: [UInt8]

    init(on name: [UInt8], in room: String) {
        self.room = room
        self.name = name
    }

    /// - Returns: Nil for bytes without a zero, which the name of a room does not have.
    init?(_ bytes: ByteBuffer) {
        let parts = bytes.readableBytesView.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let room = String(validating: parts[0], as: UTF8.self) else { return nil }
        self.init(on: Array(parts[1]), in: room)
    }

    var bytes: ByteBuffer {
        var bytes = ByteBuffer(string: room)
        bytes.writeInteger(UInt8(0))
        bytes.writeBytes(name)
        return bytes
    }
}
