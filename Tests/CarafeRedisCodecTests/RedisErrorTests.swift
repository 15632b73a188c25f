import CarafeRedisCodec
import Testing

@Suite("Errors of Redis", .timeLimit(.minutes(10)))
struct RedisErrorTests {
    @Test(
        "an error has its first word as the code",
        arguments: [
            ("OOM command not allowed when used memory > 'maxmemory'.", RedisError.Code.outOfMemory),
            ("READONLY You can't write against a read only replica.", .readOnly),
            ("MOVED 3999 127.0.0.1:6381", .moved),
            ("LOADING Redis is loading the dataset in memory", .loading),
            ("BUSY Redis is busy running a script.", .busy),
            ("NOSCRIPT No matching script. Please use EVAL.", .noScript),
            ("NOAUTH Authentication required.", .noAuthentication),
            ("WRONGPASS invalid username-password pair or user is disabled.", .wrongPassword),
        ])
    func code(line: String, code: RedisError.Code) {
        let error = RedisError(line: line)
        #expect(error.code == code)
        #expect("\(error.code) \(error.message)" == line)
        #expect("\(error)".contains(line))
    }

    @Test("a line of one word is a code without a message")
    func oneWord() {
        let error = RedisError(line: "ERR")
        #expect(error.code == .general)
        #expect(error.message.isEmpty)
    }
}
