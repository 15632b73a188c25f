import FoundationEssentials
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A program that a test starts, and what it prints.
// By `posix_spawn`: Foundation's `Process` does not always notice the end of one of several programs.
package final class ForeignProgram: Sendable {
    private static let root = URL(filePath: #filePath).appending(path: "../../..").standardized.path
    private static let pythonPath = root + "/.build/peer-test/bin/python"

    /// Whether `.ci/setup peers` has made the Python environment.
    package static var hasPython: Bool { access(pythonPath, X_OK) == 0 }

    /// The number of its process.
    package let process: Int32
    private let output: Int32
    private let errors: Int32?
    private let status = Mutex<Int32?>(nil)

    /// Starts a program, which is looked for as a shell does.
    ///
    /// - Parameter keepsErrors: Whether the test reads what it writes to standard error; otherwise that goes to the
    ///   test's own.
    package init(_ name: String, _ arguments: [String], keepsErrors: Bool = false) throws {
        let output = try Self.makePipe(for: name)
        let errors = keepsErrors ? try Self.makePipe(for: name) : nil
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, output.write, 1)
        if let errors { posix_spawn_file_actions_adddup2(&actions, errors.write, 2) }
        Self.closeOtherFiles(&actions)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        // The thread that starts it may have SIGTERM blocked, which a program inherits.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        var process = pid_t()
        var words: [UnsafeMutablePointer<CChar>?] = ([name] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        let code = posix_spawnp(&process, name, &actions, &attributes, &words, environ)
        close(output.write)
        if let errors { close(errors.write) }
        guard code == 0 else {
            close(output.read)
            if let errors { close(errors.read) }
            throw CannotStart(name: name, code: code)
        }
        self.process = process
        self.output = output.read
        self.errors = errors?.read
    }

    private static func makePipe(for name: String) throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw CannotStart(name: name, code: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
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
            kill(process, SIGKILL)
            waitpid(process, nil, 0)
        }
        close(output)
        if let errors { close(errors) }
    }

    /// The first line that it prints.
    package func firstLine() async -> String {
        let text = await Self.text(from: output) { $0.contains("\n") }
        return String(text.prefix { $0 != "\n" })
    }

    /// Returns its standard output, up to a piece with this text or the end.
    package func output(until text: String) async -> String {
        await Self.text(from: output) { $0.contains(text) }
    }

    /// The rest of what it prints, once it has closed its standard output.
    package func wholeOutput() async -> String {
        await Self.text(from: output) { _ in false }
    }

    /// Returns its standard error, up to a piece with this text or the end.
    package func errors(until text: String? = nil) async -> String {
        guard let errors else { return "" }
        return await Self.text(from: errors) { found in text.map(found.contains) ?? false }
    }

    /// Sends it a signal, such as `SIGTERM`.
    package func send(_ signal: Int32) {
        if status.withLock({ $0 }) == nil { kill(process, signal) }
    }

    private static func text(
        from descriptor: Int32, until isEnough: @escaping @Sendable (String) -> Bool
    ) async -> String {
        await onThread {
            var bytes: [UInt8] = []
            var piece = [UInt8](repeating: 0, count: 65_536)
            while !isEnough(String(decoding: bytes, as: UTF8.self)) {
                let count = read(descriptor, &piece, piece.count)
                if count <= 0 { break }
                bytes += piece.prefix(count)
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    /// Returns its exit status, or the negative number of the signal that ended it.
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
