import HTTPTypes
import NIOCore
import Testing

@testable import CarafeHTTP

@Suite(.timeLimit(.minutes(10))) struct PartHeadTests {
    private func head(_ lines: String...) throws -> PartHead {
        try PartHead(ByteBuffer(string: lines.map { $0 + "\r\n" }.joined()))
    }

    @Test("RFC 7578 §4.2") func readsAField() throws {
        let head = try head("Content-Disposition: form-data; name=\"title\"")
        #expect(head.name == "title" && head.fileName == nil && head.contentType == nil)
    }

    @Test("reads a file") func readsAFile() throws {
        let head = try head(
            "CONTENT-TYPE:image/png", "X-Other: 1",
            "content-disposition : form-data;name=a".replacing(" :", with: ":")
                + ";filename=\"C:\\temp\\Jörg \\\"1\\\".png\"")
        #expect(head.name == "a" && head.contentType == "image/png")
        #expect(head.fileName == "C:\\temp\\Jörg \"1\".png")
    }

    @Test("RFC 7578 §4.2: filename* must not be used") func anEncodedFileNameIsPassedOver() throws {
        let head = try head("Content-Disposition: form-data; name=a; filename*=UTF-8''evil.txt")
        #expect(head.fileName == nil)
    }

    @Test("RFC 7578 §4.7", arguments: ["7bit", "8bit", "BINARY"]) func noEncodingIsFine(encoding: String) throws {
        let disposition = "Content-Disposition: form-data; name=a"
        #expect(try head(disposition, "Content-Transfer-Encoding: \(encoding)").name == "a")
    }

    @Test(
        "any other text is 400",
        arguments: [
            "", "Content-Type: text/plain\r\n", "Content-Disposition: form-data\r\n",
            "Content-Disposition: attachment; name=a\r\n", "Content-Disposition: form-data; name=a; name=b\r\n",
            "Content-Disposition: form-data; name=a; filename=b; filename=c\r\n",
            "Content-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=b\r\n",
            "Content-Disposition: form-data; name=a\n", "Content-Disposition: form-data; name=a\rX: y\r\n",
            "Content-Disposition: form-data; name=a\u{0}\r\n", "Content-Disposition: form-data;\r\n name=a\r\n",
            "Content-Disposition : form-data; name=a\r\n", ": form-data\r\n", "Content-Disposition\r\n",
            "Content-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64\r\n",
            "Content-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: quoted-printable\r\n",
            "Content-Disposition: form-data; name=\(String(repeating: "n", count: 257))\r\n",
        ])
    func anythingElseIs400(text: String) {
        let error = #expect(throws: HTTPError.self) { try PartHead(ByteBuffer(string: text)) }
        #expect(error?.status == .badRequest)
    }

    @Test("bytes that are not UTF-8 are 400") func bytesNotUTF8() {
        var bytes = ByteBuffer(string: "Content-Disposition: form-data; name=\"")
        bytes.writeBytes([0xFF, 0x22, 0x0D, 0x0A])
        #expect(throws: HTTPError.self) { try PartHead(bytes) }
    }
}
