import EdgeStore
import GRDB
import WireModel

/// What a hub's SQLite file says about one device, read from outside, whether the hub runs or is dead.
struct HubBooks {
    let entries: Int64
    let last: Int64
    let watermark: Int64
    let rejected: Int64
    /// Units of the journal entries it holds and did not reject.
    let journaled: Int64
    /// Units it billed, and in how many records for how many entries.
    let billed: Int64
    let records: Int64
    let billedEntries: Int64

    init(path: String, device: DeviceID) throws {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(10)
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        let row: Row = try queue.read { database in
            try Row.fetchOne(
                database,
                sql: """
                    SELECT count(*) AS entries, coalesce(max(seq), 0) AS last, count(rejection) AS rejected,
                        coalesce(sum(CASE WHEN rejection IS NULL THEN units ELSE 0 END), 0) AS journaled,
                        (SELECT coalesce(max(head_seq), 0) FROM device WHERE id = ?1) AS watermark,
                        (SELECT coalesce(sum(units), 0) FROM metering_record WHERE device_id = ?1) AS billed,
                        (SELECT count(*) FROM metering_record WHERE device_id = ?1) AS records,
                        (SELECT count(*) FROM (SELECT DISTINCT epoch, seq FROM metering_record WHERE device_id = ?1)) AS billed_entries
                    FROM journal_entry WHERE device_id = ?1
                    """,
                arguments: [device.rawValue])!
        }
        try queue.close()
        entries = row["entries"]
        last = row["last"]
        watermark = row["watermark"]
        rejected = row["rejected"]
        journaled = row["journaled"]
        billed = row["billed"]
        records = row["records"]
        billedEntries = row["billed_entries"]
    }

    /// What cannot be so at any moment: entries missing, billed twice, or billed and not held.
    var faults: [String] {
        var faults: [String] = []
        if entries != last { faults.append("the hub holds \(entries) entries up to \(last)") }
        if last != watermark { faults.append("the hub's last entry is \(last), its watermark \(watermark)") }
        if records != billedEntries { faults.append("\(records) records for \(billedEntries) entries: billed twice") }
        if billed != journaled { faults.append("the hub billed \(billed) units, its journal has \(journaled)") }
        return faults
    }

    /// What cannot be so once `store` has synced to its end.
    func faults(against store: EdgeStore) throws -> [String] {
        let summary: JournalSummary = try store.journalSummary()
        var faults: [String] = self.faults
        // The receipt of a lease is journaled when the sync's answer is applied, and goes with the next.
        let rest: [JournalEntry] = try store.entries(after: last, epoch: summary.head.epoch, limit: 10_000, bytes: .max)
        if last > summary.head.seq || rest.contains(where: { $0.kind != .lease }) {
            faults.append("the hub has \(last) entries, the device \(summary.head.seq)")
        }
        if rejected > 0 { faults.append("\(rejected) entries rejected") }
        let units: Int64 = summary.units.values.reduce(0, +)
        if billed != units { faults.append("the hub billed \(billed) units, the device spent \(units)") }
        return faults
    }
}

extension EdgeStore {
    /// What is wrong within the store.
    func faultsWithin() throws -> [String] {
        var faults: [String] = []
        if let fault = try integrityFault() { faults.append("the store: \(fault)") }
        if let fault = try journalFault() { faults.append("the journal: \(fault)") }
        return faults
    }
}
