import Foundation
import TestSupport

/// A demo's executable, run as a user runs it.
final class DemoProcess: Sendable {
    private let program: ForeignProgram

    /// - Parameters:
    ///   - limits: What a shell does before, such as `ulimit -n 40`.
    ///   - redirection: Where the shell sends the output.
    init(
        _ name: String, _ arguments: [String], in folder: URL = Repository.root, limits: String = ":",
        redirection: String = "", environment: [String: String] = [:]
    ) throws {
        let path = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: name).path
        let script = "cd \"$0\" && { \(limits); exec env \"$@\" \(redirection); }"
        let values = environment.map { "\($0)=\($1)" }
        program = try ForeignProgram(
            "sh", ["-c", script, folder.path] + values + [path] + arguments, keepsErrors: true)
    }

    var identifier: Int32 { program.process }

    /// The first line on standard output; waits for it.
    func firstLine() async -> String { await program.firstLine() }

    /// Returns its standard error up to and with this text, and waits for it.
    func errors(until text: String) async -> String { await program.errors(until: text) }

    /// Waits for the end, and returns the exit status and the rest of standard output and standard error.
    func end() async -> (status: Int32, output: String, errors: String) {
        let output = await program.wholeOutput()
        let errors = await program.errors()
        return (await program.end(), output, errors)
    }

    func terminate() { program.send(SIGTERM) }

    func interrupt() { program.send(SIGINT) }
}
