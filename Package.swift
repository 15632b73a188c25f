// swift-tools-version: 6.2
import PackageDescription

// `make race-test` sets it: then ThreadSanitizer is told of the locks that it does not see by itself.
let isRaceTest = Context.environment["RACE_TEST"] != nil

// Debian's compiler finds the header by itself, and SwiftPM warns of a flag in Debian's file of hiredis.
#if os(Linux)
    let hiredis: String? = nil
#else
    let hiredis: String? = "hiredis"
#endif

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
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
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

/// A module: its folder is `Sources/FLOOR/NAME`. `Sources/README.md` has the floors and their one rule.
func module(
    _ name: String, on floor: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = [],
    resources: [Resource] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/\(floor)/\(name)", exclude: exclude,
        resources: resources, swiftSettings: settings)
}

/// The steps of rooms in Redis.
let redisScripts = [
    "append", "claim", "end", "ends", "lease", "open", "rate", "read", "remove", "room", "session", "term",
].map { Resource.embedInCode("Scripts/\($0).lua") }

/// The tests of a module.
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
        .library(name: "CarafeRooms", targets: ["CarafeRooms"]),
        .library(name: "CarafeRoomsSQLite", targets: ["CarafeRoomsSQLite"]),
        .library(name: "CarafeRoomsRedis", targets: ["CarafeRoomsRedis"]),
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
        // CarafeTLS, the WebSocket client and CarafeRoomsRedis only.
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
        // CarafeRoomsSQLite, and the guestbook.
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        // A test only: that another template engine can take the place of ours.
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    ],
    targets: [
        // Base: what everybody who touches SwiftNIO shares.
        .systemLibrary(
            name: "CCarafeZlib", path: "Sources/Base/CCarafeZlib", providers: [.apt(["libz-dev"]), .brew(["zlib"])]),
        // CarafeRoomsRedis only.
        .systemLibrary(
            name: "CCarafeHiredis", path: "Sources/Base/CCarafeHiredis", pkgConfig: hiredis,
            providers: [.apt(["libhiredis-dev"]), .brew(["hiredis"])]),
        module("CarafeRuntime", on: "Base", [nio], exclude: ["README.md"]),
        // Values: bytes in, values out.
        module("CarafeRouting", on: "Values"),
        module("CarafeTemplateEngine", on: "Values"),
        module("CarafeHTTP", on: "Values", ["CarafeRuntime", "CarafeHTTP1", nio, httpTypes, logging]),
        module("CarafeHTTP1", on: "Values", [nio]),
        module("CarafeWebSocketCodec", on: "Values", ["CCarafeZlib", nio]),
        module("CarafeRedisCodec", on: "Values", ["CCarafeHiredis", nio]),
        // Transports: values on a channel.
        module(
            "CarafeServer", on: "Transports",
            ["CarafeRuntime", "CarafeHTTP", "CarafeHTTP1", nio, nioPosix, httpTypes, logging, lifecycle]),
        module(
            "CarafeHTTP2", on: "Transports",
            ["CarafeRuntime", "CarafeHTTP", "CarafeHTTP1", "CarafeServer", nio, http2, hpack, httpTypes, logging]),
        module(
            "CarafeTLS", on: "Transports",
            ["CarafeRuntime", "CarafeHTTP", "CarafeHTTP2", "CarafeServer", nio, nioTLS, ssl, logging]),
        module(
            "CarafeWebSocketTransport", on: "Transports",
            ["CarafeRuntime", "CarafeHTTP", "CarafeWebSocketCodec", nio, logging]),
        // App: many handlers make one.
        module("CarafeApp", on: "App", ["CarafeRuntime", "CarafeHTTP", "CarafeRouting", nio, httpTypes, logging]),
        // Extensions.
        module("CarafeStaticFiles", on: "Extensions", ["CarafeRuntime", "CarafeApp", "CarafeHTTP", nio, httpTypes]),
        module(
            "CarafeTemplates", on: "Extensions",
            ["CarafeApp", "CarafeHTTP", "CarafeTemplateEngine", nio, httpTypes]),
        module("CarafeSecurity", on: "Extensions", ["CarafeRuntime", "CarafeApp", nio, httpTypes]),
        module(
            "CarafeObservability", on: "Extensions",
            ["CarafeApp", "CarafeHTTP", nio, httpTypes, logging, coreMetrics, tracing, instrumentation]),
        module(
            "CarafeMultipart", on: "Extensions",
            ["CarafeRuntime", "CarafeApp", "CarafeHTTP", nio, nioPosix, httpTypes]),
        module(
            "CarafeCompression", on: "Extensions",
            ["CCarafeZlib", "CarafeRuntime", "CarafeApp", "CarafeHTTP", nio, nioPosix, httpTypes]),
        module("CarafeEventStream", on: "Extensions", ["CarafeApp", nio, httpTypes]),
        module(
            "CarafeSessions", on: "Extensions", ["CarafeRuntime", "CarafeApp", "CarafeHTTP", crypto, nio, httpTypes]),
        module(
            "CarafeWebSocket", on: "Extensions",
            [
                "CarafeRuntime", "CarafeApp", "CarafeHTTP", "CarafeWebSocketCodec", "CarafeWebSocketTransport", nio,
                httpTypes, logging,
            ]),
        // Rooms, on the WebSocket and the event stream.
        module(
            "CarafeRooms", on: "Rooms",
            [
                "CarafeRuntime", "CarafeApp", "CarafeHTTP", "CarafeEventStream", "CarafeWebSocket",
                "CarafeWebSocketCodec", "CarafeWebSocketTransport", nio, httpTypes, logging,
            ],
            resources: [.embedInCode("Browser/carafe.js"), .embedInCode("Browser/carafe.d.ts")]),
        module(
            "CarafeRoomsSQLite", on: "Rooms",
            [
                "CarafeRuntime", "CarafeRooms", "CarafeSessions", "CarafeWebSocketCodec", nio, nioPosix, httpTypes,
                logging, grdb,
            ]),
        module(
            "CarafeRoomsRedis", on: "Rooms",
            [
                "CarafeRuntime", "CarafeRedisCodec", "CarafeWebSocketCodec", "CarafeApp", "CarafeSecurity",
                "CarafeSessions", "CarafeRooms", nio, nioPosix, ssl, httpTypes, logging,
            ],
            resources: redisScripts),
        // Front: what a program begins with.
        module(
            "Carafe", on: "Front",
            [
                "CarafeApp", "CarafeServer", "CarafeEventStream", "CarafeStaticFiles", "CarafeTemplates", httpTypes,
                logging, lifecycle, signals, nio, nioPosix,
            ]),
        module(
            "CarafeTesting", on: "Front",
            [
                "CarafeRuntime", "CarafeApp", "CarafeHTTP", "CarafeServer", "CarafeWebSocketCodec", nio, nioEmbedded,
                httpTypes, logging,
            ]),
        module("CarafeConfiguration", on: "Front", ["CarafeServer", nio, logging, configuration, system]),
        module(
            "CarafeWebSocketClient", on: "Front",
            [
                "CarafeRuntime", "CarafeHTTP", "CarafeHTTP1", "CarafeWebSocketCodec", "CarafeWebSocketTransport", nio,
                nioPosix, ssl, httpTypes,
            ]),
        // Tests.
        .target(
            name: "TestSupport",
            dependencies: ["CarafeWebSocketCodec", logging, nio, nioPosix] + (isRaceTest ? ["SlowLocks"] : []),
            path: "Tests/Support", swiftSettings: settings
        ),
        .target(
            name: "RoomEngineContract", dependencies: ["CarafeRooms", "CarafeRuntime", "CarafeWebSocketCodec"],
            path: "Tests/RoomEngineContract", swiftSettings: settings),
        tests("CarafeRuntime", ["TestSupport", nio, nioEmbedded]),
        tests("CarafeRouting"),
        tests("CarafeTemplateEngine"),
        tests("CarafeWebSocketCodec", ["TestSupport", nio]),
        tests("CarafeRedisCodec", ["TestSupport", nio]),
        tests("CarafeHTTP1", ["TestSupport", nio, nioEmbedded, nioHTTP1]),
        tests("CarafeHTTP", ["TestSupport", "CarafeRuntime", nio, nioEmbedded, httpTypes]),
        tests(
            "CarafeServer",
            ["TestSupport", "CarafeRuntime", "CarafeHTTP", nio, nioPosix, nioEmbedded, httpTypes, logging]),
        tests("CarafeApp", ["CarafeTesting", "CarafeHTTP", "CarafeRouting", nio, httpTypes]),
        tests(
            "CarafeStaticFiles",
            ["TestSupport", "CarafeRuntime", "CarafeApp", "CarafeTesting", "CarafeHTTP", nio, httpTypes]),
        tests("CarafeTemplates", ["TestSupport", "CarafeApp", "CarafeTesting", "CarafeTemplateEngine", mustache]),
        tests(
            "CarafeWebSocket",
            [
                "TestSupport", "Carafe", "CarafeRooms", "CarafeTesting", nio, nioPosix, nioEmbedded, httpTypes,
            ]
        ),
        tests(
            "CarafeRooms",
            [
                "TestSupport", "Carafe", "CarafeTesting", "CarafeWebSocketCodec", nio, nioPosix, nioEmbedded, httpTypes,
            ]),
        tests(
            "CarafeRoomsRedis",
            [
                "TestSupport", "RoomEngineContract", "CarafeRuntime", "CarafeRedisCodec", "CarafeWebSocketCodec",
                "CarafeApp", "CarafeHTTP", "CarafeRooms", "CarafeSessions", "CarafeTesting", nio, nioPosix,
                nioEmbedded, httpTypes, logging,
            ]),
        tests("CarafeSecurity", ["CarafeApp", "CarafeTesting", "CarafeWebSocket", nio, httpTypes]),
        tests("CarafeMultipart", ["TestSupport", "CarafeRuntime", "CarafeApp", "CarafeTesting", nio, httpTypes]),
        tests(
            "CarafeCompression",
            [
                "TestSupport", "CCarafeZlib", "CarafeApp", "CarafeEventStream", "CarafeStaticFiles", "CarafeTesting",
                nio,
                httpTypes,
            ]),
        tests(
            "CarafeRoomsSQLite",
            [
                "TestSupport", "RoomEngineContract", "CarafeRooms", "CarafeSessions", "CarafeWebSocketCodec", nio,
                nioEmbedded, logging, grdb,
            ]),
        tests("CarafeEventStream", ["TestSupport", "CarafeTesting", nio, httpTypes]),
        tests(
            "CarafeSessions",
            [
                "TestSupport", "CarafeRuntime", "CarafeApp", "CarafeHTTP", "CarafeTesting", "CarafeTemplates",
                "CarafeEventStream", "CarafeRooms", "CarafeWebSocket", nio, httpTypes,
            ]),
        tests(
            "CarafeHTTP2",
            [
                "TestSupport", "Carafe", "CarafeRuntime", "CarafeTesting", "CarafeHTTP", "CarafeHTTP1", "CarafeServer",
                "CarafeTLS", "CarafeObservability", "CarafeWebSocket", nio, nioEmbedded, ssl, http2, hpack, httpTypes,
                logging,
            ]),
        tests(
            "CarafeTLS",
            [
                "TestSupport", "Carafe", "CarafeTesting", "CarafeServer", "CarafeWebSocket", "CarafeWebSocketClient",
                nio, nioEmbedded, ssl, http2, hpack,
                httpTypes, logging,
            ]),
        tests(
            "CarafeObservability",
            [
                "TestSupport", "CarafeApp", "CarafeTesting", "CarafeRooms", nio, httpTypes, logging, coreMetrics,
                inMemoryTracing, tracing, instrumentation,
            ]),
        tests("CarafeConfiguration", ["TestSupport", "CarafeServer", nio, logging, configuration, system]),
        tests(
            "CarafeWebSocketTransport",
            ["TestSupport", "CarafeRuntime", "CarafeHTTP", "CarafeWebSocketCodec", nio, nioEmbedded]),
        tests(
            "CarafeWebSocketClient",
            [
                "TestSupport", "Carafe", "CarafeRuntime", "CarafeTesting", "CarafeWebSocket", "CarafeWebSocketCodec",
                "CarafeHTTP", "CarafeWebSocketTransport", nio, nioPosix, nioEmbedded, httpTypes,
            ]
        ),
        tests("Carafe", ["TestSupport", "CarafeTesting"]),
        tests("CarafeTesting", ["TestSupport", "Carafe", "CarafeWebSocket", nio, nioPosix, logging]),
        .testTarget(name: "ArchitectureTests", swiftSettings: settings),
        .testTarget(
            name: "ExampleTests",
            dependencies: [
                "TestSupport", "Demos", "Guestbook", "Carafe", "CarafeRooms", "CarafeWebSocket", "CarafeTesting",
                nio, nioPosix, httpTypes,
            ],
            swiftSettings: settings
        ),
        // The server that foreign clients are let loose on: the conformance suite, the soak.
        .executableTarget(
            name: "TestServer",
            dependencies: [
                "Carafe", "CarafeRooms", "CarafeRoomsRedis", "CarafeRoomsSQLite", "CarafeRuntime", nio, logging,
            ],
            path: "Tests/Server", swiftSettings: settings),
        // Microbenchmarks of the values, which only this package sees. The rest of the benchmarks is a package of its own.
        .executableTarget(
            name: "EngineBench", dependencies: ["CarafeRooms", "CarafeRoomsRedis", "CarafeRoomsSQLite", grdb],
            path: "Benchmarks/Values/EngineBench", swiftSettings: settings),
        .executableTarget(
            name: "RoutingBench", dependencies: ["CarafeRouting"], path: "Benchmarks/Values/RoutingBench",
            swiftSettings: settings),
        .executableTarget(
            name: "CodecBench",
            dependencies: [
                "CarafeHTTP1", "CarafeWebSocketCodec", nio, nioEmbedded, nioHTTP1,
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ],
            path: "Benchmarks/Values/CodecBench", swiftSettings: settings),
        // Examples.
        .target(
            name: "Demos",
            dependencies: [
                "Carafe", "CarafeRooms", "CarafeRoomsRedis", "CarafeRoomsSQLite", "CarafeSecurity", "CarafeSessions",
                "CarafeTLS", "CarafeWebSocket", nio, arguments,
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
