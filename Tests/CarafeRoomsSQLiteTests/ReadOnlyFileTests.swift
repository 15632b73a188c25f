import CarafeRooms
import Foundation
import TestSupport
import Testing

@testable import CarafeRoomsSQLite

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Files that cannot be written at the start: one line with the remedy, and the file stays as it is.
@Suite(.timeLimit(.minutes(10))) struct ReadOnlyFileTests {
    private func expectLine(_ path: String, _ problem: String, at line: SourceLocation = #_sourceLocation) {
        let error = #expect(throws: RoomFileError.self, sourceLocation: line) { try Rooms(file: path) }
        let text = error?.description ?? ""
        #expect(text.contains(path) && text.contains(problem) && !text.contains("\n"), "\(text)", sourceLocation: line)
    }

    @Test("a database that says that it is for reading does not start, and is not changed")
    func header() async throws {
        let file = try RoomFileFixture()
        try await file.post("one")
        try await file.end()
        // SQLite, "Database File Format", section 1.3.3: "If the write version number is greater than 2, then the
        // database file must be treated as read-only".
        try file.overwrite(at: 18, [3])
        let before = try Data(contentsOf: URL(filePath: file.path))
        expectLine(file.path, "cannot be written; change its permissions")
        #expect(try Data(contentsOf: URL(filePath: file.path)) == before)
    }

    @Test(
        "a file or a folder without write permission does not start",
        .enabled(if: Permissions.areEnforced, "expected Linux for root, whose file-system user is one of a thread"))
    func permissions() async throws {
        let file = try RoomFileFixture()
        try await file.end()
        let folder = file.folder.path
        // The file alone: its folder is for all.
        chmod(file.path, 0o444)
        chmod(folder, 0o777)
        Permissions.enforce { expectLine(file.path, "cannot be written; change its permissions") }
        // The folder too, where the log would be.
        chmod(folder, 0o555)
        Permissions.enforce {
            expectLine(file.path, "cannot be written; change its permissions")
            expectLine(folder + "/new.sqlite", "expected a folder that exists and can be written")
        }
        chmod(folder, 0o755)
        chmod(file.path, 0o644)
        #expect(throws: Never.self) { try Rooms(file: file.path) }
    }
}

/// The permissions of files, which hold for root too while it is somebody else.
private enum Permissions {
    private typealias SetUser = @convention(c) (UInt32) -> Int32

    /// Linux's `setfsuid`, whose header Swift's module of the C library has not.
    private static let setUser: SetUser? = {
        #if os(Linux)
            // Unsafe: the type is that of the manual page, setfsuid(2).
            return dlsym(nil, "setfsuid").map { unsafeBitCast($0, to: SetUser.self) }
        #else
            return nil
        #endif
    }()

    static var areEnforced: Bool { geteuid() != 0 || setUser != nil }

    /// Does work on this thread as a user who may do nothing that is for root alone.
    static func enforce(_ work: () -> Void) {
        guard geteuid() == 0 else { return work() }
        _ = setUser?(65_534)
        work()
        _ = setUser?(0)
    }
}
