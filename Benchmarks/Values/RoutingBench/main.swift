// RoutingBench: nanoseconds for one match in tables of 10, 100, 1,000 and 10,000 routes; the median of seven runs each.

import CarafeRouting

func table(_ count: Int) throws -> RouteTable<Int> {
    var entries: [RouteTable<Int>.Entry] = []
    for index in 0..<(count / 2) {
        entries.append(.init(key: .method("GET"), pattern: try PathPattern("/section\(index)/items"), value: index))
        entries.append(
            .init(
                key: .method("GET"), pattern: try PathPattern("/section\(index)/items/<int:id>"),
                accepts: [{ Int(pathSegment: $0) != nil }], value: index))
    }
    return try RouteTable(entries)
}

/// The time of one match, over paths that reach routes all over the table.
func nanosecondsPerMatch(_ table: RouteTable<Int>, _ paths: [String]) -> Double {
    let matches = 200_000
    var found = 0
    let time = ContinuousClock().measure {
        for index in 0..<matches {
            if case .found(let value, _) = table.match(.method("GET"), path: paths[index % paths.count]) {
                found += value + 1
            }
        }
    }
    precondition(found >= matches, "expected every path to have a route")
    return Double(time.components.attoseconds) / 1e9 / Double(matches) + Double(time.components.seconds) * 1e9
        / Double(matches)
}

print("| routes | literal path, ns | path with <int:id>, ns |")
print("|---:|---:|---:|")
for count in [10, 100, 1_000, 10_000] {
    let table = try table(count)
    let sections = (0..<(count / 2)).shuffled().prefix(50)
    let rows = [sections.map { "/section\($0)/items" }, sections.map { "/section\($0)/items/\($0)" }].map { paths in
        (0..<7).map { _ in nanosecondsPerMatch(table, paths) }.sorted()[3]
    }
    print("| \(count) | \(Int(rows[0])) | \(Int(rows[1])) |")
}
