import Foundation
import Testing

/// The rule of `Sources/README.md`, read from Package.swift and from the folders.
@Suite("Floors", .timeLimit(.minutes(10)))
struct FloorsTests {
    private static let floors = ["Base", "Values", "Transports", "App", "Extensions", "Rooms", "Front"]

    private struct Module {
        let name: String
        let floor: Int
        let dependencies: [String]
    }

    private static let root = URL(filePath: #filePath).appending(path: "../../..").standardized

    private let modules: [Module]
    private let readme: String

    init() throws {
        let manifest = try String(contentsOf: Self.root.appending(path: "Package.swift"), encoding: .utf8)
        readme = try String(contentsOf: Self.root.appending(path: "Sources/README.md"), encoding: .utf8)
        let call = /module\(\s*"(\w+)", on: "(\w+)"(?:,\s*\[([^\]]*)\])?(?:,\s*\w+: (?:\[[^\]]*\]|\w+))*\s*\)/
        modules = try manifest.matches(of: call).map { match in
            let floor = try #require(Self.floors.firstIndex(of: String(match.output.2)))
            let dependencies = (match.output.3 ?? "").matches(of: /"(\w+)"/).map { String($0.output.1) }
            return Module(name: String(match.output.1), floor: floor, dependencies: dependencies)
        }
    }

    @Test("a module imports from its own floor or from those above it in the list, never from one below")
    func rule() {
        var floors = Dictionary(uniqueKeysWithValues: modules.map { ($0.name, $0.floor) })
        floors["CCarafeZlib"] = 0
        floors["CCarafeHiredis"] = 0
        for module in modules {
            for dependency in module.dependencies {
                let floor = floors[dependency]
                #expect(floor != nil, "\(module.name) depends on \(dependency), which is on no floor")
                #expect(
                    floor ?? 0 <= module.floor,
                    "\(module.name) of \(Self.floors[module.floor]) imports \(dependency), which is on a floor below")
            }
        }
    }

    @Test("no two modules need each other")
    func noCycle() {
        let needs = Dictionary(uniqueKeysWithValues: modules.map { ($0.name, $0.dependencies) })
        for module in modules {
            var seen: Set<String> = []
            var open = module.dependencies
            while let next = open.popLast() {
                if seen.insert(next).inserted { open += needs[next] ?? [] }
            }
            #expect(!seen.contains(module.name), "\(module.name) needs itself")
        }
    }

    @Test("the folders are the modules of Package.swift, and the picture shows each")
    func folders() throws {
        var found: Set<String> = []
        for floor in Self.floors {
            let folder = Self.root.appending(path: "Sources/\(floor)")
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            found.formUnion(names.map { "\(floor)/\($0)" })
        }
        let declared =
            modules.map { "\(Self.floors[$0.floor])/\($0.name)" } + ["Base/CCarafeZlib", "Base/CCarafeHiredis"]
        #expect(found == Set(declared))
        for module in modules { #expect(readme.contains(" \(module.name) "), "the picture has no \(module.name)") }
    }

    @Test("a module with more than a dozen files has subfolders")
    func subfolders() throws {
        for module in modules {
            let folder = Self.root.appending(path: "Sources/\(Self.floors[module.floor])/\(module.name)")
            let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
                $0.hasSuffix(".swift")
            }
            #expect(files.count <= 12, "\(module.name) has \(files.count) files in one folder")
        }
    }
}
