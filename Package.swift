// swift-tools-version: 6.1
import PackageDescription

let swift: [SwiftSetting] = [.enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility")]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let certificates: Target.Dependency = .product(name: "X509", package: "swift-certificates")
let asn1: Target.Dependency = .product(name: "SwiftASN1", package: "swift-asn1")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdTLS: Target.Dependency = .product(name: "HummingbirdTLS", package: "hummingbird")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let mustache: Target.Dependency = .product(name: "Mustache", package: "swift-mustache")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")

let consoleResources: [String] =
    [
        "layout", "index", "api", "operation", "fields", "errors", "codes", "start", "agreement", "missing", "console", "block", "table", "form", "field",
        "chart", "line-chart", "part", "filter", "share",
    ].map { "Templates/\($0).mustache" } + [
        "Templates/style.css", "Templates/console.css", "Templates/console.js", "Templates/icon.svg",
    ]
    + ["detect", "quality", "compare", "search", "enrol"].flatMap { ["Examples/\($0).sh", "Examples/\($0).swift", "Examples/\($0).py"] }
    + ["register", "verify", "key", "ask"].map { "Examples/start-\($0).sh" }

let package = Package(
    name: "vultus",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // Shared
        .target(name: "WireModel", dependencies: [crypto], path: "Shared/WireModel", swiftSettings: swift),
        .target(name: "ServiceSupport", dependencies: ["WireModel"], path: "Shared/ServiceSupport", swiftSettings: swift),
        .target(name: "Biometrics", path: "Shared/Biometrics", swiftSettings: swift),
        .target(name: "CTurboJPEG", path: "Shared/CTurboJPEG", linkerSettings: [.linkedLibrary("turbojpeg")]),
        .target(name: "CPNG", path: "Shared/CPNG", linkerSettings: [.linkedLibrary("png16")]),
        .target(name: "COnnxRuntime", path: "Shared/COnnxRuntime", linkerSettings: [.linkedLibrary("dl")]),
        .target(name: "CFaceNet", path: "Shared/CFaceNet", linkerSettings: [.linkedLibrary("m")]),
        .target(
            name: "FacePipeline", dependencies: ["Biometrics", "CTurboJPEG", "CPNG", "COnnxRuntime", "CFaceNet", crypto], path: "Shared/FacePipeline",
            swiftSettings: swift),
        .target(name: "CGallerySearch", path: "Shared/CGallerySearch"),
        .target(name: "CCurl", path: "Shared/CCurl", linkerSettings: [.linkedLibrary("curl")]),
        .target(name: "CurlTransfer", dependencies: ["CCurl", "ServiceSupport"], path: "Shared/CurlTransfer", swiftSettings: swift),
        .target(name: "CZlib", path: "Shared/CZlib", linkerSettings: [.linkedLibrary("z")]),
        .target(name: "Compression", dependencies: ["CZlib"], path: "Shared/Compression", swiftSettings: swift),
        .target(
            name: "SyncFile", dependencies: ["Compression", "ServiceSupport", "WireModel", crypto], path: "Shared/SyncFile", swiftSettings: swift),
        .target(name: "ReleaseFiles", dependencies: ["ServiceSupport", "WireModel", crypto], path: "Shared/ReleaseFiles", swiftSettings: swift),
        .target(name: "GallerySearch", dependencies: ["Biometrics", "CGallerySearch"], path: "Shared/GallerySearch", swiftSettings: swift),
        .target(name: "PresentationAttack", dependencies: ["FacePipeline"], path: "Shared/PresentationAttack", swiftSettings: swift),
        .target(
            name: "FaceTracking", dependencies: ["Biometrics", "FacePipeline", "PresentationAttack"], path: "Shared/FaceTracking", swiftSettings: swift),
        .target(
            name: "RecognitionAPI", dependencies: ["Biometrics", "FacePipeline", "GallerySearch", "ServiceSupport", "WireModel"],
            path: "Shared/RecognitionAPI", swiftSettings: swift),

        // Edge
        .target(
            name: "EdgeStore", dependencies: ["Biometrics", "ServiceSupport", "WireModel", crypto, grdb], path: "Edge/EdgeStore", swiftSettings: swift),
        .target(
            name: "HubClient", dependencies: ["Compression", "CurlTransfer", "ServiceSupport", "WireModel", certificates, asn1, crypto], path: "Edge/HubClient",
            swiftSettings: swift),
        .target(
            name: "EdgeUpdate", dependencies: ["ReleaseFiles", "ServiceSupport", "WireModel", crypto], path: "Edge/EdgeUpdate", swiftSettings: swift),
        .target(
            name: "EdgeSync",
            dependencies: [
                "CurlTransfer", "EdgeStore", "EdgeUpdate", "HubClient", "ReleaseFiles", "ServiceSupport", "SyncFile", "WireModel", certificates, asn1, crypto,
            ],
            path: "Edge/EdgeSync",
            swiftSettings: swift),
        .target(name: "CV4L2", path: "Edge/CV4L2", linkerSettings: [.linkedLibrary("v4l2")]),
        .target(name: "FrameCapture", dependencies: ["CV4L2", "FacePipeline", crypto], path: "Edge/FrameCapture", swiftSettings: swift),
        .target(name: "CSpawn", path: "Edge/CSpawn"),
        .target(
            name: "EdgeAgent",
            dependencies: [
                "Biometrics", "CSpawn", "EdgeStore", "EdgeSync", "EdgeUpdate", "FacePipeline", "FaceTracking", "FrameCapture", "GallerySearch", "HubClient",
                "PresentationAttack", "ReleaseFiles",
                "RecognitionAPI", "ServiceSupport", "WireModel", httpTypes, hummingbird, lifecycle, logging, nioCore, certificates, asn1,
            ], path: "Edge/EdgeAgent", swiftSettings: swift),
        .target(
            name: "EdgePreview",
            dependencies: [
                "EdgeAgent", "EdgeStore", "EdgeSync", "FacePipeline", "FrameCapture", "ServiceSupport", "WireModel", httpTypes, hummingbird, lifecycle, logging,
                nioCore,
            ], path: "Edge/EdgePreview", resources: ["page.html", "style.css", "script.js"].map { .embedInCode("Page/\($0)") }, swiftSettings: swift),
        .executableTarget(
            name: "vultus-edge",
            dependencies: [
                "Biometrics", "EdgeAgent", "EdgePreview", "EdgeStore", "EdgeSync", "EdgeUpdate", "FacePipeline", "FaceTracking", "FrameCapture",
                "GallerySearch",
                "HubClient", "PresentationAttack", "RecognitionAPI", "ReleaseFiles", "ServiceSupport", "WireModel", argumentParser, lifecycle, unixSignals,
                logging, nioCore,
            ], path: "Edge/vultus-edge", swiftSettings: swift),

        // Hub
        .target(name: "CPostgres", path: "Hub/CPostgres", linkerSettings: [.linkedLibrary("pq")]),
        .target(name: "HubStorage", dependencies: ["CPostgres", "WireModel", crypto, grdb], path: "Hub/HubStorage", swiftSettings: swift),
        .target(name: "CSodium", path: "Hub/CSodium", linkerSettings: [.linkedLibrary("sodium")]),
        .target(name: "CIDN2", path: "Hub/CIDN2", linkerSettings: [.linkedLibrary("idn2"), .linkedLibrary("unistring")]),
        .target(name: "HubAccess", dependencies: ["CIDN2", "CSodium", "ServiceSupport", "WireModel", crypto], path: "Hub/HubAccess", swiftSettings: swift),
        .target(name: "CResolver", path: "Hub/CResolver", linkerSettings: [.linkedLibrary("resolv")]),
        .target(
            name: "HubOutbound", dependencies: ["CResolver", "CurlTransfer", "ServiceSupport", "WireModel"], path: "Hub/HubOutbound", swiftSettings: swift),
        .target(
            name: "HubDomain",
            dependencies: [
                "Biometrics", "GallerySearch", "HubAccess", "HubOutbound", "HubStorage", "RecognitionAPI", "ReleaseFiles", "ServiceSupport", "SyncFile",
                "WireModel",
                certificates,
                asn1, crypto,
            ],
            path: "Hub/HubDomain",
            resources: [
                "general.en", "general.zh", "face-data.en", "face-data.zh", "api-face-search.en", "api-face-search.zh", "api-face-compare.en",
                "api-face-compare.zh",
            ].map { .embedInCode("Agreements/\($0).md") }, swiftSettings: swift),
        .target(
            name: "HubAPI",
            dependencies: [
                "Biometrics", "Compression", "FacePipeline", "HubAccess", "HubDomain", "HubStorage", "RecognitionAPI", "ServiceSupport", "WireModel",
                httpTypes, hummingbird, hummingbirdTLS, nioCore, nioSSL, lifecycle, logging, certificates, asn1, crypto,
            ], path: "Hub/HubAPI", swiftSettings: swift),
        .target(
            name: "HubConsole",
            dependencies: ["HubAPI", "HubAccess", "HubDomain", "RecognitionAPI", "ServiceSupport", "WireModel", httpTypes, mustache], path: "Hub/HubConsole",
            resources: consoleResources.map { .embedInCode($0) },
            swiftSettings: swift),
        .target(name: "HubJobs", dependencies: ["HubDomain", "HubOutbound", lifecycle, logging], path: "Hub/HubJobs", swiftSettings: swift),
        .executableTarget(
            name: "vultus-hub",
            dependencies: [
                "HubAPI", "HubAccess", "HubConsole", "HubDomain", "HubJobs", "HubOutbound", "HubStorage", "ReleaseFiles", "ServiceSupport", "WireModel",
                argumentParser, lifecycle, unixSignals, logging, nioCore, crypto,
            ], path: "Hub/vultus-hub", swiftSettings: swift),

        // Tests
        .target(
            name: "TestKit",
            dependencies: [
                "CurlTransfer", "HubAPI", "HubAccess", "HubClient", "HubConsole", "HubDomain", "HubOutbound", "HubStorage", "RecognitionAPI", "ReleaseFiles",
                "ServiceSupport", "WireModel", lifecycle, logging, certificates, asn1, crypto,
            ], path: "Tests/TestKit", swiftSettings: swift),
        .testTarget(name: "WireModelTests", dependencies: ["WireModel", crypto], path: "Tests/WireModelTests", swiftSettings: swift),
        .testTarget(name: "BiometricsTests", dependencies: ["Biometrics"], path: "Tests/BiometricsTests", swiftSettings: swift),
        .testTarget(
            name: "FacePipelineTests", dependencies: ["Biometrics", "CFaceNet", "CPNG", "CTurboJPEG", "FacePipeline"], path: "Tests/FacePipelineTests",
            swiftSettings: swift),
        .testTarget(name: "GallerySearchTests", dependencies: ["Biometrics", "GallerySearch"], path: "Tests/GallerySearchTests", swiftSettings: swift),
        .testTarget(
            name: "RecognitionAPITests", dependencies: ["Biometrics", "EdgeAgent", "FacePipeline", "RecognitionAPI", "WireModel"],
            path: "Tests/RecognitionAPITests",
            swiftSettings: swift),
        .testTarget(
            name: "PresentationAttackTests", dependencies: ["FacePipeline", "PresentationAttack", crypto], path: "Tests/PresentationAttackTests",
            swiftSettings: swift),
        .testTarget(
            name: "FaceTrackingTests", dependencies: ["Biometrics", "FacePipeline", "FaceTracking", "PresentationAttack"], path: "Tests/FaceTrackingTests",
            swiftSettings: swift),
        .testTarget(name: "FrameCaptureTests", dependencies: ["FacePipeline", "FrameCapture"], path: "Tests/FrameCaptureTests", swiftSettings: swift),
        .testTarget(
            name: "EdgeStoreTests", dependencies: ["Biometrics", "EdgeStore", "ServiceSupport", "TestKit", "WireModel", crypto, grdb],
            path: "Tests/EdgeStoreTests", swiftSettings: swift),
        .testTarget(name: "HubAccessTests", dependencies: ["HubAccess", "WireModel"], path: "Tests/HubAccessTests", swiftSettings: swift),
        .testTarget(
            name: "HubOutboundTests",
            dependencies: ["CurlTransfer", "HubAccess", "HubDomain", "HubOutbound", "HubStorage", "RecognitionAPI", "TestKit", "WireModel"],
            path: "Tests/HubOutboundTests", exclude: ["Peers"], swiftSettings: swift),
        .testTarget(
            name: "HubStorageTests", dependencies: ["HubStorage", "ServiceSupport", "TestKit", "WireModel"], path: "Tests/HubStorageTests",
            swiftSettings: swift),
        .testTarget(
            name: "HubDomainTests",
            dependencies: [
                "Biometrics", "HubAccess", "HubDomain", "HubOutbound", "HubStorage", "RecognitionAPI", "ServiceSupport", "TestKit", "WireModel", certificates,
                asn1, crypto,
            ], path: "Tests/HubDomainTests", swiftSettings: swift),
        .testTarget(
            name: "HubAPITests",
            dependencies: [
                "Biometrics", "CurlTransfer", "HubAPI", "HubAccess", "HubConsole", "HubDomain", "HubStorage", "RecognitionAPI", "ServiceSupport", "TestKit",
                "WireModel", certificates, asn1, crypto, httpTypes,
            ], path: "Tests/HubAPITests", swiftSettings: swift),
        .testTarget(
            name: "HubConsoleTests",
            dependencies: [
                "HubAPI", "HubAccess", "HubConsole", "HubDomain", "HubOutbound", "HubStorage", "RecognitionAPI", "ServiceSupport", "TestKit", "WireModel",
                httpTypes,
            ], path: "Tests/HubConsoleTests", swiftSettings: swift),
        .testTarget(
            name: "ContractTests",
            dependencies: [
                "Biometrics", "CTurboJPEG", "Compression", "CurlTransfer", "EdgeAgent", "EdgeStore", "EdgeSync", "FacePipeline", "FrameCapture", "HubAccess",
                "HubClient", "HubDomain", "HubStorage", "PresentationAttack", "RecognitionAPI", "ServiceSupport", "TestKit", "WireModel", certificates, asn1,
                crypto, logging,
            ], path: "Tests/ContractTests", swiftSettings: swift),
        .testTarget(
            name: "CommandTests", dependencies: ["Biometrics", "CPNG", "FacePipeline", "HubAPI", "HubStorage", "RecognitionAPI", "TestKit", "WireModel"],
            path: "Tests/CommandTests",
            swiftSettings: swift),
        .testTarget(
            name: "MeteringTests",
            dependencies: [
                "CurlTransfer", "HubAPI", "HubDomain", "HubStorage", "RecognitionAPI", "ServiceSupport", "TestKit", "WireModel", certificates, asn1, crypto,
            ], path: "Tests/MeteringTests", swiftSettings: swift),
        .testTarget(
            name: "EdgeAgentTests", dependencies: ["Biometrics", "EdgeAgent", "EdgeUpdate", "FacePipeline", "FrameCapture", "RecognitionAPI", "WireModel"],
            path: "Tests/EdgeAgentTests", swiftSettings: swift),
        .testTarget(
            name: "EdgeUpdateTests",
            dependencies: [
                "CurlTransfer", "EdgeSync", "EdgeUpdate", "HubAccess", "HubClient", "HubDomain", "HubStorage", "RecognitionAPI", "ReleaseFiles",
                "ServiceSupport", "TestKit", "WireModel", certificates, asn1, crypto,
            ], path: "Tests/EdgeUpdateTests", swiftSettings: swift),
        .testTarget(name: "EdgeSyncTests", dependencies: ["EdgeSync", "HubClient", "TestKit", "WireModel"], path: "Tests/EdgeSyncTests", swiftSettings: swift),
        .testTarget(name: "CompressionTests", dependencies: ["Compression", "TestKit"], path: "Tests/CompressionTests", swiftSettings: swift),
        .testTarget(
            name: "ChaosTests",
            dependencies: [
                "CurlTransfer", "EdgeStore", "EdgeSync", "HubClient", "HubDomain", "HubStorage", "ServiceSupport", "TestKit", "WireModel", crypto, grdb,
            ],
            path: "Tests/ChaosTests", swiftSettings: swift),
        .target(
            name: "Simulation",
            dependencies: [
                "Compression", "EdgeStore", "EdgeSync", "HubAccess", "HubClient", "HubDomain", "HubStorage", "ServiceSupport", "TestKit", "WireModel",
                certificates, asn1, crypto, grdb, nioCore, nioHTTP1, nioPosix, nioSSL,
            ], path: "Tests/Simulation", swiftSettings: swift),
        .executableTarget(
            name: "vultus-simulation", dependencies: ["ServiceSupport", "Simulation", argumentParser], path: "Tests/vultus-simulation",
            swiftSettings: swift),
        .executableTarget(
            name: "vultus-malformed", dependencies: ["CTurboJPEG", "FacePipeline", "FrameCapture"], path: "Tests/vultus-malformed", swiftSettings: swift),
        .testTarget(name: "SimulationTests", dependencies: ["Simulation", "TestKit", "WireModel"], path: "Tests/SimulationTests", swiftSettings: swift),
        .target(name: "CPowerVFS", path: "Tests/CPowerVFS", linkerSettings: [.linkedLibrary("sqlite3")]),
        .testTarget(
            name: "FaultTests",
            dependencies: [
                "CPowerVFS", "EdgeStore", "EdgeSync", "HubAPI", "HubAccess", "HubClient", "HubDomain", "HubStorage", "RecognitionAPI", "ServiceSupport",
                "TestKit", "WireModel", certificates, asn1, crypto, grdb,
            ],
            path: "Tests/FaultTests", swiftSettings: swift),
    ],
    swiftLanguageModes: [.v6]
)
