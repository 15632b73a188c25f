import CarafeHTTP
import NIOCore
import Testing

@testable import CarafeServer

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

@Suite("ServerError", .timeLimit(.minutes(10)))
struct ServerErrorTests {
    private func expectOneLine(_ error: ServerError, about part: String) {
        #expect(error.description.hasPrefix("cannot listen on "))
        #expect(error.description.contains(part))
        #expect(!error.description.contains("\n"))
    }

    private func error(host: String, port: Int) async throws -> ServerError {
        let error = await #expect(throws: ServerError.self) {
            try await Server(configuration: ServerConfiguration(host: host, port: port, threads: 1)) { _ in Response() }
                .run()
        }
        return try #require(error)
    }

    @Test("a port in use")
    func portInUse() async throws {
        let server = try await RunningServer.start { _ in Response() }
        let error = try await error(host: "127.0.0.1", port: server.port)
        expectOneLine(error, about: "127.0.0.1:\(server.port): the port is in use")
        try await server.stop()
    }

    @Test("a listener that fails while the server runs ends it with an error")
    func listenerFails() async throws {
        let server = try await RunningServer.start { _ in Response() }
        let listener = try #require(
            (Int32(3)..<4096).first { descriptor in
                // Read as bytes: `sockaddr_in` is of a different module from one compilation to the next.
                withUnsafeTemporaryAllocation(byteCount: 128, alignment: 8) { memory in
                    var length = socklen_t(memory.count)
                    guard let start = memory.baseAddress,
                        getsockname(descriptor, start.assumingMemoryBound(to: sockaddr.self), &length) == 0
                    else { return false }
                    // An address of IPv4, with the port at byte 2.
                    return length == 16
                        && UInt16(bigEndian: memory.load(fromByteOffset: 2, as: UInt16.self)) == server.port
                }
            })
        // Accepting fails from now on.
        shutdown(listener, Int32(SHUT_RDWR))
        let error = await #expect(throws: ServerError.self) { try await server.waitForEnd() }
        expectOneLine(try #require(error), about: "the system has closed the port")
    }

    @Test("a host that is nowhere")
    func unknownHost() async throws {
        expectOneLine(try await error(host: "nowhere.invalid", port: 0), about: "the host is not known")
    }

    @Test("an address of another machine")
    func foreignAddress() async throws {
        expectOneLine(try await error(host: "192.0.2.1", port: 0), about: "this machine does not have the address")
    }

    @Test("a port that does not exist")
    func badPort() async throws {
        expectOneLine(try await error(host: "127.0.0.1", port: 70_000), about: "127.0.0.1:70000")
    }

    @Test("a port that only root may have")
    func noPermission() {
        let configuration = ServerConfiguration(host: "127.0.0.1", port: 80)
        let error = ServerError(configuration, IOError(errnoCode: EACCES, reason: "bind"))
        expectOneLine(error, about: "127.0.0.1:80: permission is missing")
    }
}
