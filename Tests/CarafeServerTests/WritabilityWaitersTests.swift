import CarafeHTTP
import Testing

@Suite("WritabilityWaiters", .timeLimit(.minutes(10)))
struct WritabilityWaitersTests {
    @Test(
        "a stream that waits goes on when the client reads, and ends when the client leaves", arguments: [true, false])
    func waits(reads: Bool) async throws {
        let connection = try await TestConnection { _ in
            Response { writer in
                try await writer.write("first")
                try await writer.write("second")
            }
        }
        try await connection.setRoom(writes: 1)
        try await connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try await !connection.received().contains("second"))
        if reads {
            try await connection.setRoom(writes: .max)
            #expect(try await connection.received(until: "0\r\n\r\n").contains("second"))
        } else {
            try await connection.dropConnection()
            #expect(try await !connection.received().contains("second"))
        }
    }
}
