import Foundation

/// A demo's executable, run as a user runs it.
final class DemoProcess {
    private let process = Process()
    private let output = Pipe()
    private let errors = Pipe()

    init(_ name: String, _ arguments: [String], in folder: URL = Repository.root) throws {
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appending(path: name)
        process.arguments = arguments
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
    func firstLine() -> String {
        var bytes = Data()
        while !bytes.contains(UInt8(ascii: "\n")) {
            let piece = output.fileHandleForReading.availableData
            if piece.isEmpty { break }
            bytes.append(piece)
        }
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
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
