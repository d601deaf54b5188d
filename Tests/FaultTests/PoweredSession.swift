import TestKit
import Testing

/// Something that works while its power fails, and is looked into afterwards.
protocol PoweredSession: AnyObject {
    init(seed: UInt64, plant: PowerSupply.Plant?) async throws
    func work() async throws
    /// - Returns: what is wrong with which image.
    func examine() async throws -> [String]
    var failures: Int { get }
}

extension PoweredSession {
    /// Sessions, one after the other, until the power has failed often enough; none may lose anything.
    static func survive(_ wanted: Int, of name: String) async throws {
        let seed: UInt64 = SeededGenerator.wantedSeed
        var random = SeededGenerator(seed: seed)
        var failures: Int = 0
        while failures < wanted {
            let session = try await Self(seed: random.next(), plant: nil)
            try await session.work()
            let faults: [String] = try await session.examine()
            #expect(faults.isEmpty, "VULTUS_SEED=\(seed), \(faults.prefix(5).joined(separator: "\n"))")
            failures += session.failures
        }
        print("NOTICE: \(failures) power failures of \(name), seed \(seed)")
    }

    /// A session whose store does not wait for the disk must lose something.
    @discardableResult
    static func find(_ plant: PowerSupply.Plant) async throws -> Self {
        let session = try await Self(seed: 1, plant: plant)
        try await session.work()
        let faults: [String] = try await session.examine()
        print("NOTICE: \(faults.count) of \(session.failures) power failures lost something with \(plant.rawValue)")
        #expect(!faults.isEmpty, "\(plant)")
        return session
    }
}
