import Foundation
import HubDomain
import HubStorage
import TestKit
import WireModel

/// A hub as it was when its backup was taken, restored into a database of its own; it has the keys of the first, in the same place.
final class RestoredHub {
    let hub: Hub
    private let database: TestDatabase

    init(_ fixture: IntakeFixture, backup: String, through wrap: (any HubDatabase) -> any HubDatabase = { $0 }) async throws {
        database = try TestDatabase()
        _ = try await Hub.restore(from: backup, directory: fixture.folder, database: database.location, by: .test, clock: fixture.clock)
        hub = try await Hub.open(directory: fixture.folder, on: wrap(try await database.location.open()), clock: fixture.clock, passwords: .quick)
    }
}

extension IntakeFixture {
    /// A backup of the hub as it is now.
    func backUp(_ hub: Hub? = nil) async throws -> String {
        let path: String = folder + "/backup-\(UUID().uuidString).sqlite"
        _ = try await (hub ?? self.hub).backUp(to: path, by: .test)
        return path
    }
}
