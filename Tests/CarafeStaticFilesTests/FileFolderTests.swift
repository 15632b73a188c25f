import CarafeHTTP
import CarafeRuntime
import TestSupport
import Testing

@testable import CarafeStaticFiles

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

@Suite(.timeLimit(.minutes(10))) struct FileFolderTests {
    private let temporary: TemporaryFolder
    private let folder: FileFolder

    init() throws {
        temporary = try TemporaryFolder()
        try temporary.write("secret", to: "secret.txt")
        try temporary.write("hello", to: "root/a.txt")
        try temporary.write("deep", to: "root/sub/deeper/b c.txt")
        folder = try FileFolder(temporary.path + "/root")
    }

    @Test("opens a regular file") func opensARegularFile() throws {
        let file = try #require(try folder.open("a.txt"))
        #expect(file.name == "a.txt")
        #expect(file.status.size == 5)
        #expect(try folder.open("sub/deeper/b c.txt")?.status.size == 4)
    }

    @Test(
        "opens nothing else",
        arguments: [
            "", "/", "nothing", "a.txt/", "/a.txt", "a.txt/x", "sub", "sub/", "sub/deeper", "sub//deeper/b c.txt", ".",
            "..",
            "../secret.txt", "sub/../../secret.txt", "sub/../a.txt", "./a.txt", "a.txt\0", "a.txt\0.png", "\0",
            "..\\secret.txt", "sub/deeper/../../../secret.txt",
        ])
    func opensNothingElse(path: String) throws {
        #expect(try folder.open(path) == nil)
    }

    @Test("does not open a dot-file") func opensNoDotFile() throws {
        for name in [".env", ".git/config", "sub/.hidden/x.txt", ".\u{301}joined"] {
            try temporary.write("x", to: "root/" + name)
            #expect(try folder.open(name) == nil, "\(name)")
        }
    }

    @Test("finds slashes beside characters that combine with them") func seesSlashesBesideCharacters() throws {
        // U+0600 joins with what follows it into one Character.
        try temporary.write("x", to: "root/\u{600}/file.txt")
        try temporary.write("x", to: "root/\u{600}/.hidden")
        #expect(try folder.open("\u{600}/file.txt") != nil)
        #expect(try folder.open("\u{600}/.hidden") == nil)
        #expect(try folder.open("\u{600}/../a.txt") == nil)
    }

    @Test("follows links that stay inside") func followsLinksThatStay() throws {
        try temporary.link("root/file-link.txt", to: "sub/deeper/b c.txt")
        try temporary.link("root/folder-link", to: "sub")
        try temporary.link("root/sub/up", to: "../a.txt")
        try temporary.link("root/absolute", to: temporary.path + "/root/a.txt")
        try temporary.link("root/chain", to: "file-link.txt")
        try temporary.link("root/sub/round", to: "../../root/sub")
        #expect(try folder.open("file-link.txt")?.status.size == 4)
        #expect(try folder.open("folder-link/deeper/b c.txt")?.status.size == 4)
        #expect(try folder.open("sub/up")?.status.size == 5)
        #expect(try folder.open("absolute")?.status.size == 5)
        #expect(try folder.open("chain")?.status.size == 4)
        #expect(try folder.open("sub/round/deeper/b c.txt")?.status.size == 4)
        #expect(try folder.open("folder-link") == nil, "a folder")
    }

    @Test("follows no link that leads outside") func followsNoLink() throws {
        try temporary.link("root/file-link", to: "../secret.txt")
        try temporary.link("root/absolute", to: temporary.path + "/secret.txt")
        try temporary.link("root/folder-link", to: "..")
        try temporary.link("root/sub/chain", to: "../folder-link")
        try temporary.link("root/everything", to: "/")
        // Its path begins with the folder's, and yet it is another.
        try temporary.write("secret", to: "root-of-another/secret.txt")
        try temporary.link("root/sibling", to: "../root-of-another")
        for path in [
            "file-link", "absolute", "folder-link/secret.txt", "sub/chain/secret.txt", "everything/etc/passwd",
            "sibling/secret.txt",
        ] {
            #expect(try folder.open(path) == nil, "\(path)")
        }
    }

    @Test("does not follow a link to a dot-file, or a broken link") func followsNoLinkToADot() throws {
        try temporary.write("x", to: "root/.env")
        try temporary.link("root/env", to: ".env")
        try temporary.link("root/broken", to: "nothing")
        try temporary.link("root/circle", to: "circle")
        for path in ["env", "broken", "circle"] { #expect(try folder.open(path) == nil, "\(path)") }
    }

    @Test("opens no FIFO and does not wait for one") func opensNoFIFO() throws {
        try #require(mkfifo(temporary.path + "/root/pipe", 0o600) == 0)
        #expect(try folder.open("pipe") == nil)
        #expect(try folder.open("pipe/x") == nil)
    }

    @Test("the folder itself may be a link or have a dot") func folderItself() throws {
        try temporary.link("link", to: "root")
        try temporary.write("hello", to: ".dot/a.txt")
        #expect(try FileFolder(temporary.path + "/link").open("a.txt")?.status.size == 5)
        #expect(try FileFolder(temporary.path + "/.dot").open("a.txt")?.status.size == 5)
        #expect(try FileFolder(temporary.path + "/root/").open("a.txt")?.status.size == 5)
    }

    @Test("a missing folder names the absolute path") func missingFolderNames() throws {
        let missing = temporary.path + "/nothing"
        #expect(throws: StaticFolderError(path: missing)) { try FileFolder(missing) }
        #expect(throws: StaticFolderError.self) { try FileFolder(temporary.path + "/secret.txt") }
        let relative = #expect(throws: StaticFolderError.self) { try FileFolder("no/such/folder") }
        #expect(relative?.path.hasPrefix("/") == true)
        #expect(relative?.path.hasSuffix("/no/such/folder") == true)
        #expect(relative?.description == "expected a folder at \(relative?.path ?? ""), found none")
    }

    @Test("RFC 9110 §8.8.3: the tag changes with the file") func theTagChangesWithTheFile() throws {
        try temporary.setModified(999_999, of: "root/a.txt")
        let first = try #require(try folder.open("a.txt")?.status.entityTag())
        #expect(try folder.open("a.txt")?.status.entityTag() == first)
        try temporary.setModified(1_000_000, of: "root/a.txt")
        let second = try #require(try folder.open("a.txt"))
        #expect(second.status.entityTag() != first)
        #expect(second.status.modified == 1_000_000)
        try temporary.write("longer", to: "root/a.txt")
        try temporary.setModified(1_000_000, of: "root/a.txt")
        #expect(try folder.open("a.txt")?.status.entityTag() != second.status.entityTag())
        #expect(first.hasPrefix("\"") && first.hasSuffix("\""))
    }

    @Test("RFC 9110 §8.8.1, §8.8.3: while a write may leave the time as it is, the tag is weak")
    func theTagOfAFileThatIsBeingWritten() throws {
        let now = FileStatus.now
        // With a time in whole seconds, the file system may know no others.
        for (seconds, isWeak) in [(now, true), (now - 1, true), (now - 10, false), (now + 3600, false)] {
            try temporary.setModified(seconds, of: "root/a.txt")
            let tag = try #require(try folder.open("a.txt")?.status.entityTag())
            #expect(tag.hasPrefix("W/\"") == isWeak, "\(seconds - now) s")
        }
    }
}
