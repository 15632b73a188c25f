import Foundation
import TestSupport
import Testing

@testable import CarafeRoomsSQLite

@Suite("The place of a file", .timeLimit(.minutes(10)))
struct FilePlaceTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test("a file that is written to, and one that appears later, are no change")
    func same() throws {
        try folder.write("a", to: "file")
        let place = FilePlace(folder.path + "/file")
        let file = try FileHandle(forUpdating: URL(filePath: folder.path + "/file"))
        try file.write(contentsOf: Data("bc".utf8))
        try file.close()
        try folder.write("log", to: "file-wal")
        #expect(throws: Never.self) { try place.require() }
    }

    @Test("a file that is gone or another is an error of one line with its path", arguments: ["file", "file-wal"])
    func gone(name: String) throws {
        for name in ["file", "file-wal", "file-shm"] { try folder.write("a", to: name) }
        let place = FilePlace(folder.path + "/file")
        let path = "\(folder.path)/\(name)"
        try FileManager.default.moveItem(atPath: path, toPath: path + ".old")
        for _ in 1...2 {
            let error = #expect(throws: RoomFileError.self) { try place.require() }
            #expect(error?.description.contains(path) == true && error?.description.contains("\n") == false)
            try folder.write("a", to: name)
        }
        try folder.remove(name)
        try FileManager.default.moveItem(atPath: path + ".old", toPath: path)
        #expect(throws: Never.self) { try place.require() }
    }

    @Test("a link is followed, to the log beside the file that it leads to")
    func link() throws {
        try folder.write("a", to: "data/file")
        try folder.write("a", to: "data/file-wal")
        try folder.link("link", to: folder.path + "/data/file")
        #expect(FilePlace.resolved(folder.path + "/link") == folder.path + "/data/file")
        let place = FilePlace(folder.path + "/link")
        #expect(throws: Never.self) { try place.require() }
        try folder.remove("data/file-wal")
        #expect(throws: RoomFileError.self) { try place.require() }
    }

    @Test("a database in memory has no place to leave", arguments: [":memory:", "file:a?mode=memory"])
    func memory(path: String) {
        #expect(throws: Never.self) { try FilePlace(path).require() }
    }
}
