import GRDB
import WireModel

extension EdgeStore {
    /// How the device is to work: as its group's operator said last, or the standard.
    package func configuration() throws(EdgeStoreError) -> DeviceConfiguration {
        try read { try self.configuration($0) }
    }

    func configuration(_ database: Database) throws -> DeviceConfiguration {
        guard let document = try database.value(String.self, sql: "SELECT document FROM configuration") else { return .standard }
        return try JSON.value(DeviceConfiguration.self, from: document)
    }

    func save(_ database: Database, _ configuration: DeviceConfiguration) throws {
        try database.run(sql: "INSERT OR REPLACE INTO configuration (only, document) VALUES (1, ?)", arguments: [try JSON.text(configuration)])
    }
}
