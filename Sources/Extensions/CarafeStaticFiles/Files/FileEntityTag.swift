import CarafeRuntime

extension FileStatus {
    /// Returns the entity tag of the file.
    ///
    /// It changes with each write that the file system's clock can distinguish, and is the same on two servers with the
    /// same file. While another write could get the same time, it is weak (RFC 9110 §8.8.1, §8.8.3).
    ///
    /// - Parameter form: A name that distinguishes the tag from those of other representations.
    func entityTag(_ form: String = "") -> String {
        let parts = [modified, nanoseconds, size].map { String($0, radix: 36) } + (form.isEmpty ? [] : [form])
        return (mayChangeUnseen ? "W/\"" : "\"") + parts.joined(separator: "-") + "\""
    }
}
