import FoundationEssentials
import TestSupport
import Testing

/// Compiles what a user of the package may write, outside of the package, and reads what the compiler says.
@Suite(
    "Messages of the compiler", .timeLimit(.minutes(5)),
    .enabled(if: Compiler.isThere, "no built modules beside the tests"))
struct CompilerMessagesTests {
    private let takesRequest = "a handler takes the request"
    private let mixed = "values of several types in one literal cannot be sent as JSON"
    private let nothing = "a GET answers with something"
    private let noType = "say which type the value has"

    @Test("a mistake is told in words that say what to write")
    func mistakes() async throws {
        let lines: [(String, String)] = [
            (#"app.get("/a") { "hello" }"#, takesRequest),
            (#"app.post("/a") { "hello" }"#, takesRequest),
            (#"blueprint.delete("/a", bodyLimit: 5) { let x = 1; return x }"#, takesRequest),
            (#"app.route(methods: [.get], "/a") { "hello" }"#, takesRequest),
            (#"app.get("/d") { _ in ["a": 1, "b": "x"] }"#, mixed),
            (#"app.get("/d/<int:id>") { (_, id: Int) in let x = id; return ["a": x, "b": "x"] }"#, mixed),
            (#"app.get("/d") { _ in [1, "x"] }"#, mixed),
            (#"app.post("/d") { _ in ["a": 1, "b": "x"] }"#, mixed),
            (#"blueprint.put("/d") { _ in ["a": 1, "b": "x"] }"#, mixed),
            (#"app.get("/f") { request in let name = request.path; "Hello \(name)" }"#, nothing),
            (#"blueprint.get("/f/<name>") { (_, name: String) in let x = name; x.uppercased() }"#, nothing),
            (#"app.get("/f") { _ in NotEncodable() }"#, nothing),
            (#"if let name = session["name"] { print(name) }"#, noType),
            (#"print(session["name"] == nil)"#, noType),
            (#"session["name"] = nil"#, noType),
        ]
        let output = try await Compiler.check(source(lines.map(\.0)))
        for (index, (line, message)) in lines.enumerated() {
            let marks = [": error: ", ": warning: "]
            let told = output.contains { text in
                text.contains("snippet.swift:\(index + 6):") && marks.contains(where: text.contains)
                    && text.contains(message)
            }
            #expect(told, "\(line)\n\(output.filter { $0.contains("snippet.swift:\(index + 6):") })")
        }
    }

    @Test("correct lines compile without a message")
    func right() async throws {
        let output = try await Compiler.check(
            source([
                #"app.get("/a") { _ in "hello" }"#, #"app.get("/a") { _ in ["a": 1, "b": 2] }"#,
                #"app.get("/a") { _ in [1, 2.5] }"#,
                #"app.get("/a/<name>") { (_, name: String) in let x = name; return x }"#,
                #"app.post("/a") { request in print(request.path) }"#,
                #"app.get("/a") { _ in HTTPResponse.Status.noContent }"#,
                #"let name: String? = session["name"]; print(name ?? "")"#, #"session["count", default: 0] += 1"#,
                #"session["name"] = "Ann""#, #"print(session["name"] == "Ann")"#,
            ]))
        #expect(output.filter { $0.contains("snippet.swift") } == [])
    }

    @Test("plugins need public calls only")
    func plugins() async throws {
        let file = Compiler.root + "/Tests/CarafeTestingTests/Plugins.swift"
        #expect(try await Compiler.check(file: file).filter { $0.contains("Plugins.swift") } == [])
    }

    private func source(_ lines: [String]) -> String {
        """
        import Carafe
        import CarafeSessions
        import HTTPTypes
        struct NotEncodable {}
        func setUp(_ app: inout App, _ blueprint: inout Blueprint, _ session: Session) {
        \(lines.joined(separator: "\n"))
        }
        """
    }
}

/// `swiftc -typecheck` with the modules that SwiftPM has built for these tests.
private enum Compiler {
    static let root = URL(filePath: #filePath).appending(path: "../../..").standardized.path
    private static let build = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().path
    private static let modules = build + "/Modules"

    /// The folder in which SwiftPM has the packages' sources: beside the folders of the platforms.
    private static let checkouts = build + "/../../checkouts"

    static var isThere: Bool {
        [modules + "/CarafeSessions.swiftmodule", checkouts].allSatisfy { FileManager.default.fileExists(atPath: $0) }
    }

    static func check(_ source: String) async throws -> [String] {
        let folder = try TemporaryFolder()
        try folder.write(source, to: "snippet.swift")
        return try await check(file: folder.path + "/snippet.swift")
    }

    static func check(file: String) async throws -> [String] {
        let arguments = ["-c", "exec \"$@\" 2>&1", "sh", "swiftc", "-typecheck", "-swift-version", "6", "-I", modules]
        let program = try ForeignProgram("sh", arguments + cModules + [file])
        return await program.wholeOutput().split(separator: "\n").map(String.init)
    }

    /// The C modules of the packages: those with a map of their own, and those that SwiftPM has made one for.
    private static var cModules: [String] {
        let files = FileManager.default
        func children(_ path: String) -> [String] {
            ((try? files.contentsOfDirectory(atPath: path)) ?? []).map { path + "/" + $0 }
        }
        let made = children(build).map { $0 + "/module.modulemap" }
        let sources = children(checkouts).flatMap { children($0 + "/Sources") }.map { $0 + "/include" }
        let own = sources.map { $0 + "/module.modulemap" } + [root + "/Sources/Base/CCarafeZlib/module.modulemap"]
        let maps = (made + own).filter { files.fileExists(atPath: $0) }.map { "-fmodule-map-file=" + $0 }
        let folders = sources.filter { files.fileExists(atPath: $0) }.map { "-I" + $0 }
        return (maps + folders).flatMap { ["-Xcc", $0] }
    }
}
