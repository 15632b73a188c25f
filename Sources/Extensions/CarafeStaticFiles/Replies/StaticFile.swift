import CarafeApp
import CarafeHTTP
import CarafeRuntime

/// An open regular file.
struct StaticFile: Sendable {
    let file: OpenFile
    let name: String
    let status: FileStatus

    init?(_ file: OpenFile, name: String) {
        guard let status = FileStatus(file), status.isRegular else { return nil }
        self.file = file
        self.name = name
        self.status = status
    }

    /// Returns a run of its bytes.
    func slice(_ range: Range<Int>) -> FileSlice {
        FileSlice(file, offset: range.lowerBound, count: range.count)
    }
}
