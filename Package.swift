// swift-tools-version: 6.2
import PackageDescription

// The package is a house of four floors. A target may import only what its line here names, and only
// from a lower floor; `Tests/TidyTests` reads the floors from this file and holds the imports to them.

let rules: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),  // write `any` where dispatch is dynamic
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
    .strictMemorySafety(),
]

func room(_ name: String, on floor: Int, _ dependencies: Target.Dependency...) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: rules)
}

func door(_ name: String, _ dependencies: Target.Dependency...) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: rules)
}

func tests(_ name: String, excluding folders: [String] = [], _ dependencies: Target.Dependency...) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: folders, swiftSettings: rules)
}

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let configuration: Target.Dependency = .product(name: "Configuration", package: "swift-configuration")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTesting: Target.Dependency = .product(name: "HummingbirdTesting", package: "hummingbird")
let hummingbirdTLS: Target.Dependency = .product(name: "HummingbirdTLS", package: "hummingbird")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let jwtKit: Target.Dependency = .product(name: "JWTKit", package: "jwt-kit")
let mustache: Target.Dependency = .product(name: "Mustache", package: "swift-mustache")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let nio: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let swiftProtobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

let package = Package(
    name: "martlet",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(
            url: "https://github.com/apple/swift-configuration.git",
            from: "1.4.0",
            traits: ["CommandLineArguments", "YAML"]
        ),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-protobuf.git", from: "1.39.0"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1"),
        .package(url: "https://github.com/vapor/jwt-kit.git", from: "5.7.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache.git", from: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    ],
    targets: [
        // Floor 0, the rules: pure values and functions; no I/O, no clock, no outside package.
        room("Domain", on: 0),
        // Generated from proto-schemas by deploy/generate; nothing in it is written by hand, so no house rules.
        .target(name: "Schemas", dependencies: [swiftProtobuf], exclude: ["sources.sha256"]),

        // C libraries behind small typed wrappers, each imported by exactly one target.
        .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
        .target(name: "CSimdJSON", linkerSettings: [.linkedLibrary("simdjson")]),

        // Floor 1, the formats: each knows Domain and one outside shape of things.
        room("Wire", on: 1, "Domain", "Schemas", swiftProtobuf, crypto, cryptoExtras, nio),
        room("Dialects", on: 1, "Domain", "CSimdJSON", nio),
        room("Storage", on: 1, "Domain", grdb),
        room(
            "Platform",
            on: 1,
            "CCurl",
            configuration,
            logging,
            lifecycle,
            signals,
            nio,
            nioPosix,
            nioSSL,
            hummingbird,
            httpTypes
        ),

        // Floor 2, the daemons: neither knows the other.
        room(
            "ControlPlane",
            on: 2,
            "Domain",
            "Wire",
            "Storage",
            "Platform",
            hummingbird,
            hummingbirdCore,
            hummingbirdTLS,
            jwtKit,
            httpTypes,
            crypto,
            logging,
            lifecycle,
            mustache,
            nio,
            yams
        ),
        room(
            "DataPlane",
            on: 2,
            "Domain",
            "Wire",
            "Dialects",
            "Platform",
            nio,
            nioPosix,
            nioTLS,
            nioSSL,
            crypto,
            logging,
            lifecycle
        ),

        // Floor 3, the front doors: options and composition only.
        door("martlet-control", "ControlPlane", "Platform", "Storage", argumentParser, lifecycle, logging),
        door(
            "martlet-node",
            "DataPlane",
            "Domain",
            "Platform",
            "Wire",
            argumentParser,
            lifecycle,
            logging,
            nio
        ),
        door("martlet", "Platform", argumentParser),
        door("martlet-simulator", argumentParser, nio, nioPosix, nioHTTP1, nioSSL),

        .target(name: "TestSupport", dependencies: ["Domain"], path: "Tests/Support", swiftSettings: rules),
        tests("DomainTests", "Domain", "TestSupport"),
        tests("WireTests", "Domain", "Schemas", "Wire", "TestSupport", crypto, swiftProtobuf),
        tests("DialectsTests", "Domain", "Dialects", "TestSupport", nio),
        tests("StorageTests", "Domain", "Storage", "TestSupport", grdb),
        tests("PlatformTests", "Platform", "TestSupport", nio, nioPosix, nioSSL, lifecycle, logging),
        tests(
            "ControlPlaneTests",
            "ControlPlane",
            "Domain",
            "Wire",
            "Storage",
            "Platform",
            "TestSupport",
            hummingbird,
            hummingbirdTesting,
            httpTypes,
            crypto,
            logging,
            crypto,
            nio
        ),
        tests(
            "DataPlaneTests",
            "DataPlane",
            "Domain",
            "Wire",
            "Dialects",
            "Platform",
            "TestSupport",
            nio,
            nioEmbedded,
            nioPosix,
            nioHTTP1,
            nioSSL,
            crypto,
            cryptoExtras,
            lifecycle,
            logging
        ),
        // A fleet under one scheduler, for its tests and for `deploy/soak --seeds`.
        .target(name: "Simulation", dependencies: ["Domain"], path: "Tests/Simulation", swiftSettings: rules),
        .executableTarget(
            name: "Simulate",
            dependencies: ["Simulation"],
            path: "Tests/Simulate",
            swiftSettings: rules
        ),
        tests("SimulationTests", "Simulation"),
        tests("martletTests", "martlet", "ControlPlane", "Domain", "Platform", "TestSupport", argumentParser),
        tests("martlet-simulatorTests", "martlet-simulator", nio),
        // Depends on the real programs, so that they are built before its tests start them.
        tests(
            "HouseTests",
            excluding: ["SDK", "Console"],
            "martlet-control",
            "martlet-node",
            "martlet-simulator",
            "Platform",
            "TestSupport",
            grdb
        ),
        tests("TidyTests", "TestSupport", crypto),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
