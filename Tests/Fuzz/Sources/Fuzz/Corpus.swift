import Foundation

/// The seeds of a target as libFuzzer reads them: a file for each seed, and one with all words.
struct Corpus {
    private let seeds: [Seed]
    private let words: [String]

    init(of target: any Target.Type) {
        seeds = target.seeds
        words = target.words
    }

    func write(to folder: String) throws {
        let folder = URL(fileURLWithPath: folder)
        let seedFolder = folder.appendingPathComponent("seeds")
        try? FileManager.default.removeItem(at: seedFolder)
        try FileManager.default.createDirectory(at: seedFolder, withIntermediateDirectories: true)
        for (index, seed) in seeds.enumerated() {
            try Data(seed.bytes).write(to: seedFolder.appendingPathComponent(String(index)))
        }
        let lines = words.map { "\"\($0.utf8.map(Self.escaped).joined())\"\n" }.joined()
        try Data(lines.utf8).write(to: folder.appendingPathComponent("words"))
    }

    private static func escaped(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return "\\x" + (byte < 16 ? "0" : "") + digits
    }
}
