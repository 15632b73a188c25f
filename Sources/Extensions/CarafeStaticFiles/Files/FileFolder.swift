public import CarafeApp
import CarafeRuntime
import HTTPTypes

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A folder from which handlers send files, and never a file outside of it.
///
/// ```swift
/// let reports = try FileFolder("reports")
/// app.get("/reports/<path:name>") { (_, name: String) in try reports.file(name).download() }
/// ```
public struct FileFolder: Sendable {
    /// The path, absolute and without links.
    let root: String

    /// Opens a folder.
    ///
    /// - Parameter folder: The path, absolute or relative to the working directory.
    /// - Throws: `StaticFolderError`.
    public init(_ folder: String) throws(StaticFolderError) {
        guard let real = Self.realPath(folder), Self.isDirectory(real) else {
            throw StaticFolderError(path: Self.absolute(folder))
        }
        root = real
    }

    /// Returns a file as a reply, with its type and validators, and in ranges if the client asks for them.
    ///
    /// - Parameter path: The path relative to the folder. It may come from a client.
    /// - Throws: 404 for a file that does not exist, is not regular, is hidden or lies outside of the folder, and 503
    ///   if the process has no descriptor left.
    public func file(_ path: String) throws(HTTPError) -> FileReply {
        guard let file = try open(path) else { throw HTTPError(.notFound) }
        return FileReply(
            file: Representation(file, type: ContentType.of(file.name), cacheControl: CacheRules.standard),
            name: file.name)
    }

    /// Opens the file at a decoded path relative to the folder, or returns nil if it is not to be served.
    ///
    /// - Throws: 503 if the process has no descriptor left.
    func open(_ path: String) throws(HTTPError) -> StaticFile? {
        guard let segments = Self.segments(path) else { return nil }
        switch try walk(segments) {
        case .file(let file): return file
        case .link:
            // A link may be followed as long as it stays inside. Then the path without links is walked again, so that
            // no change in the meantime leads outside.
            let above = root == "/" ? root : root + "/"
            guard let real = Self.realPath(above + path), real.utf8.starts(with: above.utf8),
                let inside = Self.segments(String(real.utf8.dropFirst(above.utf8.count)) ?? ""),
                case .file(let file) = try walk(inside)
            else { return nil }
            return file
        case .none: return nil
        }
    }

    private enum Step {
        case file(StaticFile)
        case link
        case none
    }

    /// Opens the path segment by segment, refusing links at each.
    private func walk(_ segments: [Substring]) throws(HTTPError) -> Step {
        var above: OpenFile?
        for (index, segment) in segments.enumerated() {
            let isLast = index == segments.count - 1
            // O_NONBLOCK: opening a FIFO must not wait for a writer.
            let flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | (isLast ? 0 : O_DIRECTORY)
            // An absolute path is taken from the root, whatever the descriptor.
            let path = above == nil ? "\(root)/\(segment)" : String(segment)
            let descriptor = openat(above?.descriptor ?? AT_FDCWD, path, flags)
            guard descriptor >= 0 else {
                if errno == EMFILE || errno == ENFILE { throw HTTPError(.serviceUnavailable) }
                // A link to a directory fails with ENOTDIR.
                return errno == ELOOP || errno == ENOTDIR ? .link : .none
            }
            above = OpenFile(descriptor: descriptor)
        }
        return above.flatMap { StaticFile($0, name: String(segments[segments.count - 1])) }.map(Step.file) ?? .none
    }

    /// Returns the segments, or nil if one is empty, begins with a dot, or contains a NUL.
    private static func segments(_ path: String) -> [Substring]? {
        // By bytes: a slash or dot and a character that combines with it are one `Character`.
        let segments = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let isFine = segments.allSatisfy { !$0.isEmpty && $0.first != UInt8(ascii: ".") && !$0.contains(0) }
        return isFine ? segments.map(Substring.init) : nil
    }

    private static func realPath(_ path: String) -> String? {
        guard !path.utf8.contains(0), let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let current = getcwd(nil, 0) else { return path }
        defer { free(current) }
        return String(cString: current) + "/" + path
    }
}
