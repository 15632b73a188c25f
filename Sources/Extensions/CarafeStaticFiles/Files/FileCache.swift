import CarafeApp
import CarafeHTTP
import CarafeRuntime
import NIOCore
import Synchronization

/// A cache of a folder's small files, and of the fingerprints of files that pages name.
final class FileCache: Sendable {
    /// The largest file that is kept, in bytes.
    static let fileLimit = 256 << 10
    /// The bytes that a file costs beside its content.
    private static let overhead = 2 << 10

    private struct Cached {
        let entry: StaticEntry
        let checked: NIODeadline
    }

    private struct State {
        var entries: RecentValues<FilePath, Cached>
        var fingerprints: [FilePath: (status: FileStatus, text: String)] = [:]
    }

    private let folder: FileFolder
    private let rules: CacheRules
    private let state: Mutex<State>

    /// - Parameter limit: The memory for all files together, in bytes; 0 for none.
    init(_ folder: FileFolder, rules: CacheRules, limit: Int) {
        self.folder = folder
        self.rules = rules
        state = Mutex(State(entries: RecentValues(limit: limit) { $0.entry.size + Self.overhead }))
    }

    /// Returns a file as it is, or was less than `age` ago, or nil if there is no such file.
    ///
    /// - Throws: 503 if the process has no descriptor left.
    func entry(_ path: String, age: TimeAmount, at now: NIODeadline) throws(HTTPError) -> StaticEntry? {
        let key = FilePath(path)
        let known = state.withLock { $0.entries[key] }
        if let known, now - known.checked < age { return known.entry }
        let found = try StaticEntry(path, in: folder, rules: rules)
        // A file that has not changed is not read again.
        let kept = found.flatMap { found in
            known.flatMap { $0.entry.isSurelySame(as: found) ? $0.entry : nil } ?? found.inMemory(limit: Self.fileLimit)
        }
        if kept != nil || known != nil {
            state.withLock { $0.entries[key] = kept.map { Cached(entry: $0, checked: now) } }
        }
        return kept ?? found
    }

    /// Returns the fingerprint of a file's content, or nil if there is no such file. The whole file is read if it is
    /// new or has changed.
    func fingerprint(_ path: String, age: TimeAmount, at now: NIODeadline) throws(HTTPError) -> String? {
        guard let plain = try entry(path, age: age, at: now)?.plain else { return nil }
        if let known = state.withLock({ $0.fingerprints[FilePath(path)] }), known.status.isSurelySame(as: plain.status)
        {
            return known.text
        }
        let text = Self.fingerprint(of: plain).text
        state.withLock { $0.fingerprints[FilePath(path)] = (plain.status, text) }
        return text
    }

    private static func fingerprint(of file: Representation) -> Fingerprint {
        let pieceLength = 256 << 10
        var fingerprint = Fingerprint()
        var offset = 0
        while offset < file.status.size {
            let piece = file.read(offset..<min(offset + pieceLength, file.status.size))
            // The file has become shorter: its next state gets another fingerprint.
            if piece.readableBytes == 0 { break }
            fingerprint.add(piece)
            offset += piece.readableBytes
        }
        return fingerprint
    }

    /// Whether this is the fingerprint of the file, so far as one was made.
    func isFingerprint(_ text: Substring, of path: String, _ entry: StaticEntry) -> Bool {
        state.withLock { state in
            state.fingerprints[FilePath(path)].map {
                $0.status.isSurelySame(as: entry.plain.status) && $0.text.utf8.elementsEqual(text.utf8)
            } ?? false
        }
    }
}
