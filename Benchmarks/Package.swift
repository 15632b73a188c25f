// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that users of Carafe never download Hummingbird. `Benchmarks/run` builds and runs it.

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "Benchmarks",
    platforms: [.macOS(.v26)],
    dependencies: [
        .package(name: "Carafe", path: ".."),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
    ],
    targets: [
        .executableTarget(
            name: "CarafeBench",
            dependencies: [
                .product(name: "Carafe", package: "Carafe"),
                .product(name: "CarafeCompression", package: "Carafe"),
                .product(name: "CarafeTLS", package: "Carafe"),
                .product(name: "CarafeRooms", package: "Carafe"),
                .product(name: "CarafeRoomsRedis", package: "Carafe"),
                .product(name: "CarafeRoomsSQLite", package: "Carafe"),
                .product(name: "CarafeWebSocket", package: "Carafe"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "HummingbirdBench",
            dependencies: [
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "NIOBench",
            dependencies: [
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ],
            swiftSettings: settings),
    ]
)
