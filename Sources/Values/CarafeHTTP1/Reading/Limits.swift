extension RequestReader {
    /// The limits past which a request is refused; all are for one request.
    package struct Limits: Sendable {
        /// The longest request line in bytes, with its CRLF; beyond it 414.
        package var requestLineBytes: Int
        /// The longest header section in bytes, with its empty line; beyond it 431.
        package var fieldSectionBytes: Int
        /// The most lines in the header section, and in the trailer section; beyond it 431.
        package var fieldCount: Int
        /// The most bytes of chunk extensions in all chunks together; beyond it 413.
        package var chunkExtensionBytes: Int
        /// The longest trailer section in bytes, with its empty line; beyond it 431.
        package var trailerBytes: Int

        /// Limits that no browser's request reaches.
        package init(
            requestLineBytes: Int = 8 * 1024, fieldSectionBytes: Int = 16 * 1024, fieldCount: Int = 100,
            chunkExtensionBytes: Int = 1024, trailerBytes: Int = 4 * 1024
        ) {
            self.requestLineBytes = requestLineBytes
            self.fieldSectionBytes = fieldSectionBytes
            self.fieldCount = fieldCount
            self.chunkExtensionBytes = chunkExtensionBytes
            self.trailerBytes = trailerBytes
        }
    }
}
