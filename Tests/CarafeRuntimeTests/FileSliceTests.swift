import FoundationEssentials
import NIOCore
import Testing

@testable import CarafeRuntime

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

@Suite(.timeLimit(.minutes(10))) struct FileSliceTests {
    @Test("a slice reads its part of the file") func readsItsPart() throws {
        let file = try makeFile("0123456789")
        #expect(String(buffer: FileSlice(file, offset: 2, count: 3).read()) == "234")
        #expect(FileSlice(file, offset: 2, count: 0).read().readableBytes == 0)
    }

    @Test("a slice past the end returns the bytes that exist") func slicePastEndReturns() throws {
        let file = try makeFile("0123456789")
        #expect(String(buffer: FileSlice(file, offset: 8, count: 30).read()) == "89")
        #expect(FileSlice(file, offset: 20, count: 5).read().readableBytes == 0)
    }

    @Test("closes the file with its last user") func closesTheFile() throws {
        // A pipe tells its writer when the reader's end is closed; a number alone could be another file's by then.
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { close(ends[1]) }
        var slice: FileSlice? = FileSlice(OpenFile(descriptor: ends[0]), offset: 0, count: 1)
        #expect(!hasNoReader(ends[1]))
        #expect(slice?.count == 1)
        slice = nil
        #expect(hasNoReader(ends[1]))
    }

    private func hasNoReader(_ writer: Int32) -> Bool {
        var state = pollfd(fd: writer, events: 0, revents: 0)
        return poll(&state, 1, 0) == 1 && state.revents & Int16(POLLERR) != 0
    }

    private func makeFile(_ text: String) throws -> OpenFile {
        let path = FileManager.default.temporaryDirectory.appending(path: "carafe-\(UUID().uuidString)").path
        try Data(text.utf8).write(to: URL(filePath: path))
        defer { unlink(path) }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        try #require(descriptor >= 0)
        return OpenFile(descriptor: descriptor)
    }
}
