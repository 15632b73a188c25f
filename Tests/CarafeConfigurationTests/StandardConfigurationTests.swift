import CarafeConfiguration
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct StandardConfigurationTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func port(_ file: String) async throws -> Int {
        let config = try await ConfigReader.standard(file: folder.path + "/" + file)
        return try ServerConfiguration(config.scoped(to: "carafeTest")).port
    }

    @Test("The file is read") func file() async throws {
        try folder.write(#"{"carafeTest": {"port": 4711}}"#, to: "app.json")
        #expect(try await port("app.json") == 4711)
    }

    @Test("A file that does not exist is an empty one", arguments: ["none.json", "no/folder/app.json"])
    func missing(file: String) async throws {
        #expect(try await port(file) == ServerConfiguration().port)
    }

    @Test(
        "A file that is there and cannot be used is an error of one line that names it",
        arguments: ["", "{", "[1]", "5", #"{"carafeTest": {"port": 4711}} and more"#])
    func bad(text: String) async throws {
        try folder.write(text, to: "bad.json")
        try await expectError(naming: "bad.json")
    }

    @Test("So is a folder") func isFolder() async throws {
        try folder.write("{}", to: "folder.json/app.json")
        try await expectError(naming: "folder.json")
    }

    @Test("So is what the system does not open") func loop() async throws {
        try folder.link("loop.json", to: folder.path + "/loop.json")
        try await expectError(naming: "loop.json")
    }

    private func expectError(naming name: String) async throws {
        let path = folder.path + "/" + name
        let error = await #expect(throws: ConfigurationFileError.self) { try await ConfigReader.standard(file: path) }
        let line = "\(try #require(error))"
        #expect(line.hasPrefix("expected \"\(path)\" to be a readable file with a JSON object, found: "))
        #expect(!line.contains("\n"), "\(line)")
    }
}
