import NIOCore
import Testing

@testable import CarafeHTTP1

@Suite("FieldLine", .timeLimit(.minutes(10)))
struct FieldLineTests {
    @Test("RFC 9112 §5: a name, a colon, a space and the value; an empty line ends the section")
    func line() {
        var output = ByteBuffer()
        FieldLine("Accept", "*/*").write(into: &output)
        FieldLine("Empty", "").write(into: &output)
        FieldLine.writeEnd(into: &output)
        #expect(String(buffer: output) == "Accept: */*\r\nEmpty: \r\n\r\n")
    }
}
