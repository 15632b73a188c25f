import Foundation
import Testing

@Suite("Code lines", .timeLimit(.minutes(10)))
struct CodeLinesTests {
    @Test(
        "promise 1 of the design: how short the demos are",
        arguments: [
            ("EchoApp", 14), ("AnonymousGroupChatApp", 16), ("NamedGroupChatApp", 30), ("PrivateChatApp", 36),
        ])
    func demo(file: String, limit: Int) throws {
        let lines = try Repository.text("Examples/Demos/\(file).swift").split(separator: "\n")
            .map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty && !$0.hasPrefix("//") }
        #expect(lines.contains("public import Carafe"))
        #expect(lines.count <= limit)
    }

    @Test(
        "each main has one line",
        arguments: [
            "Echo", "AnonymousGroupChat", "NamedGroupChat", "PrivateChat", "JQueryChat", "Transports", "Chat",
            "Gallery",
        ])
    func main(demo: String) throws {
        let lines = try Repository.text("Examples/\(demo)/main.swift").split(separator: "\n")
        let serve = demo == "Echo" ? "serve" : "serveWithStore"
        #expect(lines == ["import Demos", "await \(serve)(make\(demo)App)"])
    }
}

/// The checkout that the tests were built from.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }
}
