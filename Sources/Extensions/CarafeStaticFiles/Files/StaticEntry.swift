import CarafeApp
import CarafeHTTP
import CarafeRuntime

/// A file of the folder in all its representations: plain, and compressed in advance if such files exist beside it.
struct StaticEntry: Sendable {
    /// The last component of its path.
    let name: String
    /// The representations, the plain one first.
    let representations: [Representation]

    /// Opens a file, or returns nil if it does not exist. Throws 503 if the process has no descriptor left.
    init?(_ path: String, in folder: FileFolder, rules: CacheRules) throws(HTTPError) {
        guard let plain = try folder.open(path) else { return nil }
        name = plain.name
        let type = ContentType.of(name)
        let cacheControl = rules.value(for: path)
        var found = [Representation(plain, type: type, cacheControl: cacheControl)]
        for coding in Representation.codings {
            // An older one belongs to an earlier version of the file.
            guard let file = try folder.open(path + coding.suffix), file.status.modified >= plain.status.modified else {
                continue
            }
            found.append(Representation(file, coding: coding.name, type: type, cacheControl: cacheControl))
        }
        if found.count > 1 {
            for index in found.indices { found[index].setVaries() }
        }
        representations = found
    }

    private init(name: String, representations: [Representation]) {
        self.name = name
        self.representations = representations
    }

    var plain: Representation { representations[0] }

    /// The bytes of all representations.
    var size: Int { representations.reduce(0) { $0 + $1.status.size } }

    /// Returns the entry in memory, or nil if a representation is larger than `limit`, or has become shorter meanwhile.
    func inMemory(limit: Int) -> StaticEntry? {
        guard representations.allSatisfy({ $0.status.size <= limit }) else { return nil }
        let copies = representations.compactMap { $0.inMemory() }
        return copies.count == representations.count ? StaticEntry(name: name, representations: copies) : nil
    }

    /// Whether nothing has changed on disk since this entry was read.
    func isSurelySame(as later: StaticEntry) -> Bool {
        representations.count == later.representations.count
            && zip(representations, later.representations).allSatisfy {
                $0.coding == $1.coding && $0.status.isSurelySame(as: $1.status)
            }
    }

    /// Returns the best representation for a client.
    func representation(for request: Request) -> Representation {
        guard representations.count > 1 else { return plain }
        let accepted = request.acceptEncoding
        var best = plain
        for candidate in representations.dropFirst() {
            guard let coding = candidate.coding, accepted.prefers(coding) else { continue }
            if best.coding.map({ accepted.quality(of: $0) < accepted.quality(of: coding) }) ?? true { best = candidate }
        }
        return best
    }
}
