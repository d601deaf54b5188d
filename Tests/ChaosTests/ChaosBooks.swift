import EdgeStore
import HubDomain
import HubStorage
import TestKit
import WireModel

/// The oracle: what the devices were told that they did, and nothing that the code under test says of it later.
struct ChaosBooks {
    private struct Place: Hashable {
        let device: String
        let epoch: Int64
        let seq: Int64
    }

    private struct Use {
        let units: Int64
        let hash: [UInt8]
    }

    private var uses: [Place: Use] = [:]
    /// The highest entry each device was told is at the hub.
    private var acknowledged: [String: Int64] = [:]

    var entries: Int { uses.count }

    /// The entries that a device's store said are made.
    mutating func note(_ entries: [JournalEntry], of device: DeviceID) {
        for entry in entries {
            uses[Place(device: device.rawValue, epoch: entry.epoch, seq: entry.seq)] = Use(units: entry.units, hash: entry.hash.bytes)
        }
    }

    /// - Parameter isSettled: everybody has synced: what was made must be at the hub, not only what was acknowledged.
    func violations(_ served: ServedHub, devices: [ChaosDevice], isSettled: Bool) async throws -> [String] {
        var found: [String] = []
        var held: [Place: [UInt8]] = [:]
        for row in try await served.database.rows("SELECT device_id, epoch, seq, hash FROM journal_entry ORDER BY device_id, epoch, seq") {
            held[try Self.place(row)] = try row.blob("hash")
        }
        for device in devices {
            let name: String = device.id.rawValue
            let watermark: Int64 = try device.store.syncState().acknowledgedThrough
            let head: JournalHead = try device.store.journalHead()
            // I1: what the hub acknowledged, it has; and in the end everything.
            for seq in 1...max(1, isSettled ? head.seq : watermark) where head.seq > 0 && (isSettled || watermark > 0) {
                let place = Place(device: name, epoch: head.epoch, seq: seq)
                guard let hash = held[place] else {
                    found.append("I1: entry \(seq) of \(name) is not at the hub, watermark \(watermark)")
                    continue
                }
                if let use = uses[place], use.hash != hash { found.append("I2: entry \(seq) of \(name) is another at the hub") }
            }
            // I3: the hub's sequence has no gap.
            let seqs: [Int64] = held.keys.filter { $0.device == name && $0.epoch == head.epoch }.map(\.seq).sorted()
            if seqs != Array(1..<Int64(seqs.count + 1)) { found.append("I3: the journal of \(name) has gaps at the hub") }
        }
        found += try await billing(served, isSettled: isSettled)
        for check in try await served.hub.verify() { found += check.faults.map { "I5, I6: \(check.name): \($0)" } }
        if let row = try await served.database.rows("SELECT count(*) AS n FROM fork_alarm").first, try row.integer("n") > 0 {
            found.append("a fork alarm without a fork")
        }
        return Array(found.prefix(20))
    }

    private func billing(_ served: ServedHub, isSettled: Bool) async throws -> [String] {
        var found: [String] = []
        var billed: [Place: Int64] = [:]
        let rows: [SQLRow] = try await served.database.rows(
            "SELECT device_id, epoch, seq, units, state FROM metering_record WHERE device_id IS NOT NULL")
        for row in rows {
            let place: Place = try Self.place(row)
            // I2: at most once, and only what was used.
            if billed[place] != nil { found.append("I2: entry \(place.seq) of \(place.device) is billed twice") }
            billed[place, default: 0] += try row.integer("units")
            if uses[place]?.units != billed[place] { found.append("I4: entry \(place.seq) of \(place.device) is billed with other units than used") }
        }
        guard isSettled else { return found }
        let (sum, used): (Int64, Int64) = (billed.values.reduce(0, +), uses.values.reduce(0) { $0 + $1.units })
        if sum != used { found.append("I4: \(sum) units billed, \(used) used") }
        let invoiced: Int64 = try await served.hub.usage(account: "Acme").reduce(0) { $0 + $1.units }
        if invoiced != used { found.append("I4: usage tells \(invoiced) units, \(used) were used") }
        return found
    }

    private static func place(_ row: SQLRow) throws -> Place {
        Place(device: try row.text("device_id"), epoch: try row.integer("epoch"), seq: try row.integer("seq"))
    }
}
