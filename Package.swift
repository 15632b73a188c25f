// swift-tools-version: 6.2
import PackageDescription

// `make race-test` sets it: then ThreadSanitizer is told of the locks that it does not see by itself.
let isRaceTest = Context.environment["RACE_TEST"] != nil

let settings: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .treatAllWarnings(as: .error),
    ] + (isRaceTest ? [.define("RACE_TEST")] : [])

let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let ssl = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let http2 = Target.Dependency.product(name: "NIOHTTP2", package: "swift-nio-http2")
let hpack = Target.Dependency.product(name: "NIOHPACK", package: "swift-nio-http2")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let tracing = Target.Dependency.product(name: "Tracing", package: "swift-distributed-tracing")
let instrumentation = Target.Dependency.product(name: "Instrumentation", package: "swift-distributed-tracing")
let inMemoryTracing = Target.Dependency.product(name: "InMemoryTracing", package: "swift-distributed-tracing")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")

/// A room of the house: the folder in Sources has its name.
func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// The tests of a room.
func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.init(stringLiteral: name)] + dependencies, swiftSettings: settings)
}

/// One demo: a folder in Examples with a one-line main.
func demo(_ name: String, exclude folders: [String] = []) -> Target {
    .executableTarget(
        name: name, dependencies: ["Demos"], path: "Examples/\(name)", exclude: folders, swiftSettings: settings)
}

let package = Package(
    name: "Carafe",
    platforms: [.macOS("26.0")],
    products: [
        .library(name: "Carafe", targets: ["Carafe"]),
        .library(name: "CarafeWebSocket", targets: ["CarafeWebSocket"]),
        .library(name: "CarafeWebSocketClient", targets: ["CarafeWebSocketClient"]),
        .library(name: "CarafeSecurity", targets: ["CarafeSecurity"]),
        .library(name: "CarafeMultipart", targets: ["CarafeMultipart"]),
        .library(name: "CarafeCompression", targets: ["CarafeCompression"]),
        .library(name: "CarafeSessions", targets: ["CarafeSessions"]),
        .library(name: "CarafeTLS", targets: ["CarafeTLS"]),
        .library(name: "CarafeObservability", targets: ["CarafeObservability"]),
        .library(name: "CarafeConfiguration", targets: ["CarafeConfiguration"]),
        .library(name: "CarafeTesting", targets: ["CarafeTesting"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        // CarafeTLS and the WebSocket client only.
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        // CarafeSessions only.
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        // CarafeObservability only.
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
        // CarafeConfiguration only.
        .package(
            url: "https://github.com/apple/swift-configuration", from: "1.4.0",
            traits: [.defaults, "CommandLineArguments"]),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        // The demos only.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // The guestbook only.
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        // A test only: that another template engine can take the place of ours.
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    ],
    targets: [
        // Ground floor: values.
        .systemLibrary(name: "CZlib", providers: [.apt(["libz-dev"]), .brew(["zlib"])]),
        room("CarafeRouting"),
        room("CarafeTemplating"),
        room("CarafeWebSocketCodec", ["CZlib", nio]),
        room("CarafeHTTP1Codec", [nio]),
        room("CarafeHTTP", [nio, httpTypes, logging]),
        room("CarafeMultipartCodec", ["CarafeHTTP", nio]),
        // First floor: two rooms that know the vocabulary and not each other.
        room("CarafeServer", ["CarafeHTTP", "CarafeHTTP1Codec", nio, nioPosix, httpTypes, logging, lifecycle]),
        room("CarafeApp", ["CarafeHTTP", "CarafeRouting", nio, httpTypes, logging]),
        // Second floor: extensions.
        room("CarafeStaticFiles", ["CarafeApp", "CarafeHTTP", nio, httpTypes]),
        room("CarafeTemplates", ["CarafeApp", "CarafeHTTP", "CarafeTemplating", nio, httpTypes]),
        room("CarafeSecurity", ["CarafeApp", "CarafeHTTP", nio, httpTypes]),
        room("CarafeObservability", ["CarafeApp", nio, httpTypes, logging, coreMetrics, tracing, instrumentation]),
        room("CarafeMultipart", ["CarafeApp", "CarafeHTTP", "CarafeMultipartCodec", nio, nioPosix, httpTypes]),
        room("CarafeCompression", ["CZlib", "CarafeApp", "CarafeHTTP", nio, nioPosix, httpTypes]),
        room("CarafeServerSentEvents", ["CarafeApp", "CarafeHTTP", nio, httpTypes]),
        room("CarafeSessions", ["CarafeApp", "CarafeHTTP", "CarafeMultipartCodec", crypto, nio, httpTypes]),
        room("CarafeWebSocketConnection", ["CarafeHTTP", "CarafeWebSocketCodec", nio, logging]),
        room(
            "CarafeWebSocket",
            [
                "CarafeApp", "CarafeHTTP", "CarafeWebSocketCodec", "CarafeWebSocketConnection", "CarafeRouting", nio,
                httpTypes, logging,
            ]),
        room(
            "CarafeWebSocketClient",
            [
                "CarafeHTTP", "CarafeHTTP1Codec", "CarafeWebSocketCodec", "CarafeWebSocketConnection", nio, nioPosix,
                ssl, httpTypes,
            ]),
        room(
            "CarafeTLS",
            [
                "CarafeHTTP", "CarafeHTTP1Codec", "CarafeServer", nio, nioTLS, ssl, http2, hpack, httpTypes, logging,
            ]),
        room("CarafeConfiguration", ["CarafeServer", nio, logging, configuration, system]),
        // Front door.
        room(
            "Carafe",
            [
                "CarafeApp", "CarafeHTTP", "CarafeRouting", "CarafeServer", "CarafeServerSentEvents",
                "CarafeStaticFiles", "CarafeTemplates", httpTypes, logging, lifecycle, signals, nio, nioPosix,
            ]
        ),
        room(
            "CarafeTesting",
            ["CarafeApp", "CarafeHTTP", "CarafeServer", "CarafeWebSocketCodec", nio, nioEmbedded, httpTypes, logging]
        ),
        // Tests.
        .target(
            name: "TestSupport",
            dependencies: ["CarafeWebSocketCodec", nio, nioPosix] + (isRaceTest ? ["SlowLocks"] : []),
            path: "Tests/Support", swiftSettings: settings
        ),
        tests("CarafeRouting"),
        tests("CarafeTemplating"),
        tests("CarafeWebSocketCodec", ["TestSupport", nio]),
        tests("CarafeHTTP1Codec", ["TestSupport", nio, nioEmbedded, .product(name: "NIOHTTP1", package: "swift-nio")]),
        tests("CarafeHTTP", ["TestSupport", nio, nioEmbedded, httpTypes]),
        tests("CarafeServer", ["TestSupport", "CarafeHTTP", nio, nioPosix, nioEmbedded, httpTypes, logging]),
        tests("CarafeApp", ["CarafeTesting", "CarafeHTTP", "CarafeRouting", nio, httpTypes]),
        tests("CarafeStaticFiles", ["TestSupport", "CarafeApp", "CarafeTesting", "CarafeHTTP", nio, httpTypes]),
        tests("CarafeTemplates", ["TestSupport", "CarafeApp", "CarafeTesting", "CarafeHTTP", mustache]),
        tests(
            "CarafeWebSocket",
            [
                "TestSupport", "Carafe", "CarafeTesting", "CarafeWebSocketCodec", "CarafeHTTP", nio, nioPosix,
                nioEmbedded, httpTypes,
            ]
        ),
        tests("CarafeSecurity", ["CarafeApp", "CarafeHTTP", "CarafeTesting", "CarafeWebSocket", nio, httpTypes]),
        tests("CarafeMultipartCodec", ["TestSupport", "CarafeHTTP", nio, httpTypes]),
        tests("CarafeMultipart", ["TestSupport", "CarafeApp", "CarafeHTTP", "CarafeTesting", nio, httpTypes]),
        tests(
            "CarafeCompression",
            [
                "TestSupport", "CZlib", "CarafeApp", "CarafeHTTP", "CarafeServerSentEvents", "CarafeStaticFiles",
                "CarafeTesting", nio, httpTypes,
            ]),
        tests("CarafeServerSentEvents", ["TestSupport", "CarafeApp", "CarafeHTTP", "CarafeTesting", nio, httpTypes]),
        tests(
            "CarafeSessions",
            [
                "TestSupport", "CarafeApp", "CarafeHTTP", "CarafeTesting", "CarafeTemplates", "CarafeServerSentEvents",
                "CarafeWebSocket", nio, httpTypes,
            ]),
        tests(
            "CarafeTLS",
            [
                "TestSupport", "Carafe", "CarafeTesting", "CarafeHTTP", "CarafeHTTP1Codec", "CarafeServer",
                "CarafeObservability", "CarafeWebSocket", "CarafeWebSocketClient", nio, nioEmbedded, ssl, http2, hpack,
                httpTypes, logging,
            ]),
        tests(
            "CarafeObservability",
            [
                "TestSupport", "CarafeApp", "CarafeTesting", "CarafeWebSocket", nio, httpTypes, logging, coreMetrics,
                inMemoryTracing, tracing, instrumentation,
            ]),
        tests("CarafeConfiguration", ["TestSupport", "CarafeServer", nio, logging, configuration, system]),
        tests("CarafeWebSocketConnection", ["TestSupport", "CarafeHTTP", "CarafeWebSocketCodec", nio, nioEmbedded]),
        tests(
            "CarafeWebSocketClient",
            [
                "TestSupport", "Carafe", "CarafeTesting", "CarafeWebSocket", "CarafeWebSocketCodec", nio, nioPosix,
                nioEmbedded, httpTypes,
            ]
        ),
        tests("Carafe", ["TestSupport", "CarafeTesting"]),
        tests("CarafeTesting", ["TestSupport", "Carafe", "CarafeWebSocket", nio, nioPosix, logging]),
        .testTarget(
            name: "ExampleTests",
            dependencies: [
                "TestSupport", "Demos", "Guestbook", "Carafe", "CarafeWebSocket", "CarafeTesting",
                "CarafeWebSocketCodec", nio, nioPosix, httpTypes,
            ],
            swiftSettings: settings
        ),
        // The server that foreign clients are let loose on: the conformance suite, the soak.
        .executableTarget(
            name: "TestServer", dependencies: ["Carafe", "CarafeWebSocket", nio, logging], path: "Tests/Server",
            swiftSettings: settings),
        // Examples.
        .target(
            name: "Demos",
            dependencies: [
                "Carafe", "CarafeSecurity", "CarafeSessions", "CarafeTLS", "CarafeWebSocket", nio, arguments,
            ],
            path: "Examples/Demos", swiftSettings: settings),
        demo("Echo"),
        demo("AnonymousGroupChat"),
        demo("NamedGroupChat"),
        demo("PrivateChat"),
        demo("JQueryChat"),
        demo("Transports"),
        demo("Chat", exclude: ["Templates", "statics"]),
        demo("Gallery"),
        .executableTarget(
            name: "Guestbook", dependencies: ["Carafe", "CarafeSecurity", "CarafeSessions", "Demos", grdb, logging],
            path: "Examples/Guestbook", exclude: ["Templates", "statics"], swiftSettings: settings),
    ]
)

if isRaceTest {
    // For the programs too that tests start.
    for target in package.targets where target.type == .executable { target.dependencies.append("SlowLocks") }
    package.targets.append(.target(name: "SlowLocks", path: "Tests/Races/SlowLocks"))
}
