import FoundationEssentials
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A Redis of a test's own, on a free port of 127.0.0.1, which ends with its last user.
package final class RedisProgram: Sendable {
    /// Whether `.ci/setup peers` has installed the server.
    package static let isInstalled = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"].contains { folder in
        access(folder + "/redis-server", X_OK) == 0
    }

    /// The port that it listens on, also after a restart.
    package let port: Int
    private let arguments: [String]
    private let folder: TemporaryFolder
    private let program: Mutex<ForeignProgram>

    /// Starts the server, and waits until it accepts connections.
    ///
    /// - Parameter settings: Lines of `redis.conf` as arguments, such as `["--requirepass", "secret"]`.
    package convenience init(_ settings: [String] = []) async throws {
        try await self.init { ["--port", "\($0)"] + settings }
    }

    /// Starts a server that accepts connections with TLS only.
    package convenience init(_ certificate: SelfMadeCertificate, _ settings: [String] = []) async throws {
        try await self.init { port in
            let files = ["--tls-cert-file", certificate.certificate, "--tls-key-file", certificate.key]
            return ["--port", "0", "--tls-port", "\(port)", "--tls-auth-clients", "no"] + files + settings
        }
    }

    private init(_ settings: (Int) -> [String]) async throws {
        let folder = try TemporaryFolder()
        let fixed = ["--bind", "127.0.0.1", "--dir", folder.path, "--save", "", "--daemonize", "no"]
        self.folder = folder
        let started = try await Self.start { fixed + settings($0) }
        port = started.port
        arguments = fixed + settings(started.port)
        program = Mutex(started.program)
    }

    private static func start(
        _ arguments: (Int) -> [String]
    ) async throws -> (port: Int, program: ForeignProgram) {
        for _ in 0..<20 {
            // The system takes the ports of outgoing connections from 32768 on, and so never this one after a kill.
            let port = Int.random(in: 20_000..<32_768)
            do {
                return (port, try await start(arguments(port)))
            } catch let error as CannotStartRedis where error.output.contains("in use") {
                continue
            }
        }
        throw CannotStartRedis(output: "no free port")
    }

    private static func start(_ arguments: [String]) async throws -> ForeignProgram {
        let program = try ForeignProgram("redis-server", arguments)
        let output = await program.output(until: ready)
        guard output.contains(ready) else { throw CannotStartRedis(output: output) }
        return program
    }

    private static let ready = "eady to accept connections"

    /// Ends it as a crash does; connections are closed by the system.
    package func kill() async {
        let program = program.withLock { $0 }
        program.send(SIGKILL)
        _ = await program.end()
    }

    /// Starts it on the same port after `kill`, and waits until it accepts connections.
    package func restart() async throws {
        let program = try await Self.start(arguments)
        self.program.withLock { $0 = program }
    }

    /// Has it do a command by `redis-cli`, and returns what that prints.
    package func send(_ words: String...) async throws -> String {
        let client = try ForeignProgram("redis-cli", ["-h", "127.0.0.1", "-p", "\(port)"] + words)
        return await client.wholeOutput()
    }

    /// Stops the process; its connections stay open and silent.
    package func pause() {
        program.withLock { $0.send(SIGSTOP) }
    }

    package func resume() {
        program.withLock { $0.send(SIGCONT) }
    }
}

/// The server ended, and printed this.
struct CannotStartRedis: Error {
    let output: String
}
