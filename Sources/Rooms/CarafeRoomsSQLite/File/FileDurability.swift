/// The losses that an acknowledged message in a file survives.
///
/// With both it survives the end of the program, also by `kill -9`. See "`PRAGMA synchronous`" in SQLite's manual.
public enum FileDurability: String, Sendable, CaseIterable {
    /// A power cut too: each commit waits for the disk (`synchronous=FULL`).
    case full
    /// A power cut may lose the newest messages, of which every subscriber is then told a gap (`synchronous=NORMAL`).
    case normal
}
