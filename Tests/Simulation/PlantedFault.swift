import GRDB
import HubDomain
import HubStorage
import WireModel

/// A fault put into a simulated world from outside, to show that the oracle sees it.
package struct PlantedFault: Sendable {
    package let name: String
    /// Run on a device's database before its store opens.
    var deviceSQL: String = ""
    /// Run on the hub's.
    var hubSQL: String = ""
    /// Of a request that never arrives, the device hears that it was taken in.
    var acknowledgesLost: Bool = false
    var forgetting: SimulatedLink.Forgetting?
    var wrapDatabase: (@Sendable (any HubDatabase) -> any HubDatabase)?

    func prepareDevice(_ path: String) throws { try Self.run(deviceSQL, on: path) }

    func prepareHub(_ path: String) async throws { try Self.run(hubSQL, on: path) }

    func wrap(_ database: any HubDatabase) -> any HubDatabase { wrapDatabase?(database) ?? database }

    static func run(_ sql: String, on path: String) throws {
        guard !sql.isEmpty else { return }
        let queue = try DatabaseQueue(path: path)
        try queue.write { try $0.execute(sql: sql) }
        try queue.close()
    }
}

extension PlantedFault {
    /// A use is written down, and what it took of the lease is not.
    package static let spendingForgotten = PlantedFault(
        name: "spending is not counted",
        deviceSQL: """
            CREATE TRIGGER IF NOT EXISTS planted_insert BEFORE INSERT ON spending BEGIN SELECT RAISE(IGNORE); END;
            CREATE TRIGGER IF NOT EXISTS planted_update BEFORE UPDATE ON spending BEGIN SELECT RAISE(IGNORE); END
            """)

    /// The clock's high-water mark stays where the last contact left it.
    package static let highWaterIgnored = PlantedFault(
        name: "the clock's high-water mark is ignored",
        deviceSQL: "CREATE TRIGGER IF NOT EXISTS planted BEFORE UPDATE OF high_water_ms ON clock BEGIN SELECT RAISE(IGNORE); END")

    /// Entries are acknowledged that the hub has not taken in.
    package static let watermarkAhead = PlantedFault(name: "the watermark is advanced before the entries are applied", acknowledgesLost: true)

    /// Now and then the hub answers and rolls back.
    package static let acknowledgedUncommitted = PlantedFault(
        name: "the hub acknowledges before it commits", wrapDatabase: { ForgetfulDatabase(base: $0) })

    /// Leases are granted as if none were out.
    package static let reservationIgnored = PlantedFault(
        name: "what leases reserve of a quota is ignored", wrapDatabase: { BlindDatabase(base: $0) })

    /// The hub does not know a request again that it took in before.
    package static let duplicatesUnknown = PlantedFault(
        name: "duplicates are not recognised",
        forgetting: { hub, request, device in
            guard let first = request.entries.first else { return }
            try await hub.database.write { connection in
                let place: [SQLValue] = [.text(device.rawValue), .integer(first.epoch), .integer(first.seq)]
                try connection.execute(
                    "UPDATE device SET head_seq = ?, head_hash = ? WHERE id = ?",
                    [.integer(first.seq - 1), .blob(first.previous.bytes), .text(device.rawValue)])
                try connection.execute("DELETE FROM journal_entry WHERE device_id = ? AND epoch = ? AND seq >= ?", place)
                try connection.execute(
                    "UPDATE metering_record SET id = id || hex(randomblob(8)), seq = NULL WHERE device_id = ? AND epoch = ? AND seq >= ?", place)
            }
        })

    package static let all: [PlantedFault] = [
        duplicatesUnknown, spendingForgotten, highWaterIgnored, watermarkAhead, acknowledgedUncommitted, reservationIgnored,
    ]
}
