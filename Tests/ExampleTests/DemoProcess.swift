import Foundation

/// A demo's executable, run as a user runs it.
final class DemoProcess {
    private let process = Process()
    private let output = Pipe()
    private let errors = Pipe()

    /// `limits` is what a shell does before, such as `ulimit -n 40`, and `redirection` where it sends the output.
    init(
        _ name: String, _ arguments: [String], in folder: URL = Repository.root, limits: String? = nil,
        redirection: String = "", environment: [String: String] = [:]
    ) throws {
        let program = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: name)
        if let limits {
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            process.arguments = ["-c", "\(limits); exec \"$0\" \"$@\" \(redirection)", program.path] + arguments
        } else {
            process.executableURL = program
            process.arguments = arguments
        }
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.currentDirectoryURL = folder
        process.standardOutput = output
        process.standardError = errors
        try process.run()
    }

    deinit {
        if process.isRunning { process.terminate() }
    }

    var identifier: Int32 { process.processIdentifier }

    /// The first line on standard output; waits for it.
    func firstLine() -> String { String(read(output, until: "\n").prefix { $0 != "\n" }) }

    /// What it has said on standard error up to and with this text; waits for it.
    func errors(until text: String) -> String { read(errors, until: text) }

    private func read(_ pipe: Pipe, until end: String) -> String {
        var bytes = Data()
        while !String(decoding: bytes, as: UTF8.self).contains(end) {
            let piece = pipe.fileHandleForReading.availableData
            if piece.isEmpty { break }
            bytes.append(piece)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Waits for the end: the exit status, and what is left on standard output and standard error.
    func end() -> (status: Int32, output: String, errors: String) {
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let complaint = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (
            process.terminationStatus, String(decoding: text, as: UTF8.self), String(decoding: complaint, as: UTF8.self)
        )
    }

    func terminate() {
        process.terminate()
    }

    func interrupt() {
        process.interrupt()
    }
}
