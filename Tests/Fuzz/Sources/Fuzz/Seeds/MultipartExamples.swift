/// Forms with files, with the boundary `b`.
enum MultipartExamples {
    static let bodies = [
        // RFC 7578 §4: a field, a file, several files of one name.
        "--b\r\nContent-Disposition: form-data; name=\"field1\"\r\n\r\nJoe owes \u{20AC}100.\r\n--b--\r\n",
        "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"file1.txt\"\r\nContent-Type: text/plain\r\n\r\ndata\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--b--",
        // RFC 2046 §5.1.1: a preamble, padding after the boundary, an epilogue, the beginnings of boundaries.
        "preamble\r\n--b \t\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n-\r\n--\r\n--a\r\n--b--epilogue",
        "--b\r\nX: y\r\nContent-Disposition: form-data; name=\"a\\\"b\"\r\nContent-Transfer-Encoding: 8bit\r\n\r\nx\r\n--b--",
        "--b--",
    ]

    static let words = [
        "\r\n--b", "\r\n--b--", "--b\r\n", "\r\n\r\n", "\r\n", "\r\nContent-Disposition: form-data; name=a\r\n\r\n",
        "; filename=x", "Content-Type: ", "Content-Transfer-Encoding: base64", "\r\n--AaB03x", "\"",
    ]
}
