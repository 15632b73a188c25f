import CarafeRuntime

extension FileStatus {
    /// It changes with each write that the file system's clock can tell apart, and is the same on two servers with the
    /// same file. While another write may have the same time, it is weak (RFC 9110 §8.8.1, §8.8.3). `form` tells it
    /// from those of its other forms.
    func entityTag(_ form: String = "") -> String {
        let parts = [modified, nanoseconds, size].map { String($0, radix: 36) } + (form.isEmpty ? [] : [form])
        return (mayChangeUnseen ? "W/\"" : "\"") + parts.joined(separator: "-") + "\""
    }
}
