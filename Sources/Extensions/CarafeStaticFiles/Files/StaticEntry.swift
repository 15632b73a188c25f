import CarafeApp
import CarafeHTTP
import CarafeRuntime

/// A file of the folder in all its forms: plain, and compressed beforehand where such files lie beside it.
struct StaticEntry: Sendable {
    /// The last part of its path.
    let name: String
    /// The plain form first.
    let representations: [Representation]

    /// Nil where there is no such file; throws 503 when the process has no descriptor left.
    init?(_ path: String, in folder: FileFolder, rules: CacheRules) throws(HTTPError) {
        guard let plain = try folder.open(path) else { return nil }
        name = plain.name
        let type = ContentType.of(name)
        let cacheControl = rules.value(for: path)
        var found = [Representation(plain, type: type, cacheControl: cacheControl)]
        for coding in Representation.codings {
            // One that is older is of another file.
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

    /// Bytes of all forms.
    var size: Int { representations.reduce(0) { $0 + $1.status.size } }

    /// The same in memory; nil where a form is larger than `limit`, or has become shorter meanwhile.
    func inMemory(limit: Int) -> StaticEntry? {
        guard representations.allSatisfy({ $0.status.size <= limit }) else { return nil }
        let copies = representations.compactMap { $0.inMemory() }
        return copies.count == representations.count ? StaticEntry(name: name, representations: copies) : nil
    }

    /// Whether nothing has changed on the disk since this was read.
    func isSurelySame(as later: StaticEntry) -> Bool {
        representations.count == later.representations.count
            && zip(representations, later.representations).allSatisfy {
                $0.coding == $1.coding && $0.status.isSurelySame(as: $1.status)
            }
    }

    /// What suits a client best.
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
