import Foundation

/// A program in Python that talks to us; `.ci/setup peers` installs what it needs.
final class PythonPeer {
    private static let root = URL(filePath: #filePath).appending(path: "../../..").standardized
    private static let python = root.appending(path: ".build/peer-test/bin/python")

    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: python.path) }

    private let process = Process()
    private let output = Pipe()

    init(_ script: String, _ arguments: String...) throws {
        process.executableURL = Self.python
        process.arguments = [Self.root.appending(path: "Tests/Foreign/\(script)").path] + arguments
        process.standardOutput = output
        // What it has to say of a failure, in the test's own output.
        process.standardError = FileHandle.standardError
        try process.run()
    }

    deinit {
        // Not by SIGTERM: the thread that starts a process may have that blocked, and the process inherits it.
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    /// The first line that it prints.
    func firstLine() async -> String {
        let file = output.fileHandleForReading
        return await elsewhere {
            var bytes = Data()
            while !bytes.contains(UInt8(ascii: "\n")) {
                let piece = file.availableData
                if piece.isEmpty { break }
                bytes.append(piece)
            }
            return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        }
    }

    /// Its exit status.
    func end() async -> Int32 {
        let process = process
        return await elsewhere {
            process.waitUntilExit()
            return process.terminationStatus
        }
    }

    /// Waits on a thread that may be blocked.
    private func elsewhere<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: body()) }
        }
    }
}
