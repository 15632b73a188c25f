import CarafeApp
import CarafeRuntime
import CarafeTesting
import FoundationEssentials
import HTTPTypes
import NIOCore
import TestSupport
import Testing

@testable import CarafeMultipart

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

@Suite("TemporaryFile", .timeLimit(.minutes(10)))
struct TemporaryFileTests {
    @Test("it has no name, and nobody else may open it")
    func isHidden() async throws {
        let folder = try TemporaryFolder()
        let file = try await TemporaryFile.make(in: folder.path)
        var status = stat()
        #expect(fstat(file.file.descriptor, &status) == 0)
        #expect(status.st_nlink == 0 && status.st_mode & 0o777 == 0o600)
        #expect(fcntl(file.file.descriptor, F_GETFD) & FD_CLOEXEC != 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test("what was added is there in its order once it was flushed")
    func whatWasAddedThere() async throws {
        let folder = try TemporaryFolder()
        var file = try await TemporaryFile.make(in: folder.path)
        var all = ""
        for number in 0..<300 {
            let piece = String(repeating: "\(number) ", count: number * 3)
            all += piece
            try await file.append(ByteBuffer(string: piece))
        }
        try await file.flush()
        #expect(file.length == all.utf8.count)
        #expect(String(buffer: FileSlice(file.file, offset: 0, count: file.length).read()) == all)
    }

    @Test("a folder that is not there is an error that names it")
    func noFolder() async {
        let error = await #expect(throws: TemporaryFileError.self) { try await TemporaryFile.make(in: "/nowhere") }
        #expect(error?.description == "cannot make a file: /nowhere: No such file or directory")
    }

    @Test("an old file stays where the new one cannot be made, and nothing else is left")
    func keepsTheOldFile() async throws {
        let folder = try TemporaryFolder()
        try folder.write("old", to: "kept/file")
        let file = UploadedFile(
            fieldName: "f", fileName: "f", contentType: nil,
            // A file that is shorter than its length: the copy fails half-way.
            content: .disk(FileSlice(try await TemporaryFile.make(in: folder.path).file, offset: 0, count: 10)))
        for overwriting in [true, false] {
            let path = folder.path + "/kept/" + (overwriting ? "file" : "new")
            await #expect(throws: TemporaryFileError.self) { try await file.save(to: path, overwriting: overwriting) }
        }
        await #expect(throws: TemporaryFileError.unreadable) { try await file.bytes() }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/kept") == ["file"])
        #expect(try Data(contentsOf: URL(filePath: folder.path + "/kept/file")) == Data("old".utf8))
    }

    @Test(
        "an upload that fills the disk is 500 and frees its space; the next one that fits is accepted",
        .enabled(if: SmallDisk.isAvailable, "expected to be allowed to mount a tmpfs, as root may"))
    func fullDiskOfUploads() async throws {
        let disk = try SmallDisk(kibibytes: 512)
        var app = App(bare: ())
        app.post("/", bodyLimit: 8 << 20) { request in
            var limits = MultipartLimits()
            limits.memoryBytes = 1024
            limits.temporaryFolder = disk.path
            let files = try await request.multipart(limits).files
            return "\(files.map(\.count).reduce(0, +)) bytes, on disk: \(files.allSatisfy(\.isOnDisk))"
        }
        let client = try TestClient(app)
        for (length, status) in [(100_000, 200), (2_000_000, 500), (600_000, 500), (100_000, 200)] {
            let body =
                "--b\r\nContent-Disposition: form-data; name=f; filename=f\r\n\r\n"
                + String(repeating: "x", count: length) + "\r\n--b--\r\n"
            let answer = try await client.post(
                "/", headers: [.contentType: "multipart/form-data; boundary=b"], body: body)
            #expect(answer.status.code == status)
            if status == 200 { #expect(answer.text == "\(length) bytes, on disk: true") }
        }
    }

    @Test("a disk that takes no more is an error")
    func fullDisk() throws {
        // Linux only.
        let descriptor = open("/dev/full", O_WRONLY)
        guard descriptor >= 0 else { return }
        let error = #expect(throws: TemporaryFileError.self) {
            try OpenFile(descriptor: descriptor).write(ByteBuffer(string: "x"), at: 0, called: "a temporary file")
        }
        #expect(error == TemporaryFileError(path: "a temporary file", step: "write", code: ENOSPC))
    }
}
