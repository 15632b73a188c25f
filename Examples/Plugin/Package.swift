// swift-tools-version: 6.2
import PackageDescription

// A package of its own, as the author of a plugin has one: it sees the public calls of Carafe and nothing else.
// `make plugin-test` builds it and runs its tests.

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let carafe = Target.Dependency.product(name: "Carafe", package: "Carafe")
let sessions = Target.Dependency.product(name: "CarafeSessions", package: "Carafe")
let testing = Target.Dependency.product(name: "CarafeTesting", package: "Carafe")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")

let package = Package(
    name: "Plugin",
    platforms: [.macOS("26.0")],
    products: [
        .library(name: "Plugin", targets: ["Plugin"])
    ],
    dependencies: [
        .package(name: "Carafe", path: "../.."),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    ],
    targets: [
        .target(name: "Plugin", dependencies: [carafe, sessions, logging, nio], swiftSettings: settings),
        .target(name: "BareServer", dependencies: [carafe, logging, nio, nioPosix, nioHTTP1], swiftSettings: settings),
        .testTarget(
            name: "PluginTests", dependencies: ["Plugin", carafe, sessions, testing, logging, nio],
            swiftSettings: settings),
        .testTarget(
            name: "BareServerTests", dependencies: ["BareServer", "Plugin", carafe, nio, nioPosix],
            swiftSettings: settings),
    ]
)
