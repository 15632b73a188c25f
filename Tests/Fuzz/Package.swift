// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that users of Carafe never see it. The modules under test are links to Carafe's own, because
// only a package's own targets can be instrumented alone: swift-nio stays as it is, and the fuzzer is guided by the
// branches that matter. `Tests/Fuzz/run` builds and runs it.

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let sanitizers = "-sanitize=fuzzer,address"
let instrumented = settings + [.unsafeFlags([sanitizers, "-enable-testing"])]
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")

let package = Package(
    name: "Fuzz",
    platforms: [.macOS("26.0")],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        .systemLibrary(name: "CCarafeZlib", providers: [.apt(["libz-dev"]), .brew(["zlib"])]),
        .systemLibrary(name: "LibFuzzer"),
        .target(name: "CarafeRuntime", dependencies: [nio], exclude: ["README.md"], swiftSettings: instrumented),
        .target(name: "CarafeWebSocketCodec", dependencies: ["CCarafeZlib", nio], swiftSettings: instrumented),
        .target(name: "CarafeHTTP1", dependencies: [nio], swiftSettings: instrumented),
        .target(
            name: "CarafeHTTP",
            dependencies: [
                "CarafeRuntime", "CarafeHTTP1", nio, .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: instrumented),
        .executableTarget(
            name: "Fuzz",
            dependencies: [
                "CarafeWebSocketCodec", "CarafeHTTP1", "CarafeHTTP", "LibFuzzer", nio,
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            swiftSettings: settings,
            // libFuzzer brings a main of its own. lld takes ours, by the name that SwiftPM gave it; gold crashes.
            linkerSettings: [.unsafeFlags([sanitizers, "-use-ld=lld"])]),
    ]
)
