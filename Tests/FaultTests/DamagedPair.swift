import EdgeStore
import EdgeSync
import Foundation
import GRDB
import HubDomain
import TestKit
import WireModel

/// A device and its hub, copied as they lie on their disks, one of them damaged, and both taken up again by production code.
final class DamagedPair {
    enum Side { case device, hub }

    enum Verdict {
        /// All is billed and kept as if nothing had happened.
        case harmless
        /// Somebody was told.
        case found(String)
        /// Nobody was told, and it is not as it should be; or it was billed wrongly, told or not.
        case silent(String)
    }

    /// Wrong billing that nothing reports: what this suite exists to find.
    enum Plant: String, CaseIterable { case billedTwice, notBilled }

    private let folder: String = FileManager.default.temporaryDirectory.appending(path: "vultus-damage-\(UUID().uuidString)").path
    private let direct: DirectHub
    private let store: EdgeStore
    private let device: DeviceID
    /// What the device really did: place, units and hash of each entry.
    private let truth: [Int64: JournalEntry]
    private var random: SeededGenerator
    private var number: Int = 0

    /// Units of the truth.
    private var units: Int64 { truth.values.reduce(0) { $0 + $1.units } }

    init(seed: UInt64) async throws {
        random = SeededGenerator(seed: seed)
        direct = try await DirectHub.make(folder + "/hub")
        store = try await direct.device(folder + "/edge")
        device = try store.identity().device
        _ = try await direct.sync(store).run()
        for step in 0..<12 {
            _ = try store.record([.unknown, .unknown])
            if step % 4 == 1 { _ = try store.addPerson(label: "P\(step)", isMinor: false, consent: .test) }
            if step == 7 { _ = try await direct.sync(store).run() }
        }
        truth = Dictionary(uniqueKeysWithValues: try store.entries(after: 0, epoch: 1, limit: 10_000, bytes: .max).map { ($0.seq, $0) })
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// - Returns: what was damaged, and what came of it.
    func strike(_ side: Side) async throws -> (damage: String, verdict: Verdict) {
        let place: String = try copy()
        defer { try? FileManager.default.removeItem(atPath: place) }
        let damage: String = try spoil(place + (side == .device ? "/edge/edge.sqlite" : "/hub/hub.sqlite"))
        return (damage, try await judge(place))
    }

    func judge(plant: Plant) async throws -> Verdict {
        let place: String = try copy()
        defer { try? FileManager.default.removeItem(atPath: place) }
        let sql: String =
            switch plant {
            case .billedTwice: "CREATE TRIGGER planted AFTER INSERT ON metering_record BEGIN UPDATE metering_record SET units = 2 WHERE id = NEW.id; END"
            case .notBilled: "CREATE TRIGGER planted AFTER INSERT ON metering_record BEGIN DELETE FROM metering_record WHERE id = NEW.id; END"
            }
        try PlantedSQL.run(sql, in: place + "/hub/hub.sqlite")
        return try await judge(place)
    }

    // MARK: Damage

    /// As a power cut leaves them: databases with their logs, without the shared index.
    private func copy() throws -> String {
        number += 1
        let (files, place) = (FileManager.default, folder + "/case-\(number)")
        for side in ["/hub", "/edge"] {
            try files.createDirectory(atPath: place + side, withIntermediateDirectories: true)
            for name in try files.contentsOfDirectory(atPath: folder + side) where !name.hasSuffix("-shm") {
                try files.copyItem(atPath: folder + side + "/" + name, toPath: place + side + "/" + name)
            }
        }
        return place
    }

    private func spoil(_ database: String) throws -> String {
        let path: String = Bool.random(using: &random) ? database : database + "-wal"
        let target: String = FileManager.default.fileExists(atPath: path) ? path : database
        var bytes: Data = try Data(contentsOf: URL(filePath: target))
        let name: String = (target as NSString).lastPathComponent
        guard !bytes.isEmpty else { return "\(name) is empty" }
        let at: Int = Int.random(in: 0..<bytes.count, using: &random)
        let what: String
        switch Int.random(in: 0..<8, using: &random) {
        case 0:
            bytes = bytes.prefix(at)
            what = "cut to \(at)"
        case 1:
            let end: Int = min(bytes.count, at / 512 * 512 + 512)
            bytes.replaceSubrange(at / 512 * 512..<end, with: Data(repeating: 0, count: end - at / 512 * 512))
            what = "sector \(at / 512) emptied"
        case 2:
            for _ in 0..<8 {
                bytes[min(bytes.count - 1, at / 512 * 512 + Int.random(in: 0..<512, using: &random))] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            }
            what = "8 bits of sector \(at / 512)"
        default:
            let bit: UInt8 = UInt8.random(in: 0..<8, using: &random)
            bytes[at] ^= 1 << bit
            what = "bit \(bit) of byte \(at)"
        }
        try bytes.write(to: URL(filePath: target))
        return "\(name) of \(bytes.count) bytes, \(what)"
    }

    // MARK: Taking up again

    /// The device decides twice more and syncs, as it would; then the books are compared.
    private func judge(_ place: String) async throws -> Verdict {
        var found: String?
        func told(_ what: @autoclosure () -> String) { found = found ?? what() }
        var more: Int64 = 0
        let hub: DirectHub
        do {
            hub = try await DirectHub.reopen(place + "/hub")
            for check in try await hub.hub.verify() where !check.faults.isEmpty { told("hub verify, \(check.name)") }
        } catch {
            return .found("hub does not open: \(Problem(describing: error).code)")
        }
        do {
            let store = try EdgeStore(directory: place + "/edge")
            do { if let fault = try store.faultsWithin().first { told("device: \(fault.prefix(while: { $0 != ":" }))") } } catch {
                told("device check: \(code(error))")
            }
            for _ in 0..<2 {
                do { more += Int64(try store.record([.unknown]).count) } catch { told("record: \(code(error))") }
                do {
                    let report: SyncReport = try await hub.sync(store).run()
                    if report.rejected > 0 { told("sync: rejected") }
                } catch { told("sync: \(code(error))") }
            }
            do { if try store.persons().count != 3 { told("persons missing") } } catch { told("persons: \(code(error))") }
            if try store.identity().journalEpoch != 1 { told("a new journal") }
        } catch {
            told("device does not open: \(code(error))")
        }
        let wrong: [String]
        do {
            for check in try await hub.hub.verify() where !check.faults.isEmpty { told("hub verify, \(check.name)") }
            wrong = try books(place + "/hub/hub.sqlite", more: more, isComplete: found == nil)
        } catch {
            await hub.hub.close()
            return .found("hub: \(code(error))")
        }
        await hub.hub.close()
        // What a damaged hub is known to be wrong about is mended from its backup.
        let isHubKnown: Bool = found?.hasPrefix("hub") ?? false
        if !wrong.isEmpty, !isHubKnown { return .silent("\(found ?? "nothing was found"); \(wrong.joined(separator: "; "))") }
        return found.map { .found($0) } ?? .harmless
    }

    private func code(_ error: any Error) -> String { Problem(describing: error).code.rawValue }

    /// - Parameters:
    ///   - more: units used since the damage.
    ///   - isComplete: nothing was found, so that all must be there.
    private func books(_ path: String, more: Int64, isComplete: Bool) throws -> [String] {
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        return try queue.read { database in
            var wrong: [String] = []
            let sums: Row = try Row.fetchOne(
                database,
                sql: """
                    SELECT count(*) AS records, coalesce(sum(units), 0) AS units, coalesce(sum(amount), 0) AS amount,
                        (SELECT count(*) FROM (SELECT DISTINCT epoch, seq FROM metering_record WHERE device_id IS NOT NULL)) AS entries
                    FROM metering_record WHERE device_id IS NOT NULL
                    """)!
            let billed: Int64 = sums["units"]
            if billed > self.units + more { wrong.append("\(billed) units billed of \(self.units + more)") }
            if isComplete, billed < self.units + more { wrong.append("\(billed) units billed of \(self.units + more), the rest lost") }
            if sums["records"] as Int64 != sums["entries"] as Int64 { wrong.append("an entry billed twice") }
            if sums["amount"] as Int64 != billed * 10_000 { wrong.append("\(sums["amount"] as Int64) millionths for \(billed) units") }
            for row in try Row.fetchAll(database, sql: "SELECT seq, units, hash FROM journal_entry WHERE epoch = 1 AND rejection IS NULL") {
                guard let entry = self.truth[row["seq"]] else { continue }
                if [UInt8](row["hash"] as Data) != entry.hash.bytes, isComplete { wrong.append("entry \(entry.seq) is another") }
            }
            return wrong
        }
    }
}

extension ConsentRecord {
    /// Somebody said yes.
    static let test = ConsentRecord(reference: "r", purpose: "p", given: Timestamp(milliseconds: 0))
}
