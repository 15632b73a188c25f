import FoundationEssentials
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A program of others that talks to us, and its output.
// By `posix_spawn`: Foundation's `Process` does not always notice the end of one of several programs.
package final class ForeignProgram: Sendable {
    private static let root = URL(filePath: #filePath).appending(path: "../../..").standardized.path
    private static let pythonPath = root + "/.build/peer-test/bin/python"

    /// Whether `.ci/setup peers` has made the Python environment.
    package static var hasPython: Bool { access(pythonPath, X_OK) == 0 }

    private let process: pid_t
    private let output: Int32
    private let status = Mutex<Int32?>(nil)

    /// Starts a program, which is looked for as a shell does; what it says of a failure goes into the test's own output.
    package init(_ name: String, _ arguments: [String]) throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw CannotStart(name: name, code: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        Self.closeOtherFiles(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var process = pid_t()
        var words: [UnsafeMutablePointer<CChar>?] = ([name] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        let code = posix_spawnp(&process, name, &actions, nil, &words, environ)
        close(ends[1])
        guard code == 0 else {
            close(ends[0])
            throw CannotStart(name: name, code: code)
        }
        self.process = process
        output = ends[0]
    }

    /// SwiftNIO's sockets would stay open in the program, and their peers would hear of no end.
    private static func closeOtherFiles(_ actions: inout posix_spawn_file_actions_t) {
        #if canImport(Glibc)
            // Swift does not import this function; its type is that of spawn.h.
            typealias Function = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, CInt) -> CInt
            guard let symbol = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np") else { return }
            _ = unsafeBitCast(symbol, to: Function.self)(&actions, 3)
        #endif
    }

    /// Starts a script of Tests/Foreign.
    package convenience init(python script: String, _ arguments: String...) throws {
        try self.init(Self.pythonPath, [Self.root + "/Tests/Foreign/\(script)"] + arguments)
    }

    deinit {
        if status.withLock({ $0 }) == nil {
            // Not by SIGTERM: the thread that starts a program may have that blocked, and the program inherits it.
            kill(process, SIGKILL)
            waitpid(process, nil, 0)
        }
        close(output)
    }

    /// The first line that it prints.
    package func firstLine() async -> String {
        await elsewhere { self.read { $0.contains(UInt8(ascii: "\n")) }.prefix { $0 != UInt8(ascii: "\n") } }
    }

    /// All that it prints, once it has ended.
    package func wholeOutput() async -> String {
        await elsewhere { self.read { _ in false }[...] }
    }

    private func read(until isEnough: ([UInt8]) -> Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while !isEnough(bytes) {
            #if canImport(Darwin)
                let count = Darwin.read(output, &piece, piece.count)
            #elseif canImport(Musl)
                let count = Musl.read(output, &piece, piece.count)
            #else
                let count = Glibc.read(output, &piece, piece.count)
            #endif
            if count <= 0 { break }
            bytes += piece.prefix(count)
        }
        return bytes
    }

    private func elsewhere(_ body: @escaping @Sendable () -> ArraySlice<UInt8>) async -> String {
        await onThread { String(decoding: body(), as: UTF8.self) }
    }

    /// Its exit status; of one that a signal has ended the negative number of that.
    package func end() async -> Int32 {
        await onThread { [self] in
            var word: Int32 = 0
            waitpid(process, &word, 0)
            let code = word & 0x7F == 0 ? word >> 8 & 0xFF : -(word & 0x7F)
            status.withLock { $0 = code }
            return code
        }
    }
}

/// Does `body`, which blocks, on a thread of its own.
private func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        let work = Unmanaged.passRetained(Work { continuation.resume(returning: body()) })
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, { Work.run($0) }, work.toOpaque())
        precondition(code == 0, "expected a thread, found error \(code)")
        pthread_detach(thread)
    }
}

private final class Work: Sendable {
    private let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }

    static func run(_ pointer: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        // What `onThread` has retained.
        pointer.map { Unmanaged<Work>.fromOpaque($0).takeRetainedValue().body() }
        return nil
    }
}

private struct CannotStart: Error {
    let name: String
    let code: Int32
}
