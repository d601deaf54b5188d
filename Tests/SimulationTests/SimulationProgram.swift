import Foundation
import TestKit
import WireModel

/// `vultus-simulation`, optimised where `deploy/test` has built it.
enum SimulationProgram {
    static let name: String = "vultus-simulation"
    static let isFull: Bool = FullTests.isOn

    /// Whether there is one; otherwise the test plays itself, unoptimised and a hundred times fewer.
    static let isThere: Bool = Program.folder.hasSuffix("/release") && FileManager.default.isExecutableFile(atPath: Program.folder + "/" + name)

    static func run<Value: Decodable>(_ type: Value.Type, _ arguments: [String]) async throws -> Value {
        let outcome: Outcome = try await Program.run(name, arguments)
        guard outcome.status == 0 else { throw Failed(errors: outcome.errors) }
        return try JSON.value(type, from: outcome.output)
    }

    /// A tenth without `VULTUS_FULL_TESTS`.
    static func count(_ full: Int64) -> Int64 { (isFull ? full : full / 10) / (isThere ? 1 : 100) }

    struct Failed: Error {
        let errors: String
    }
}
