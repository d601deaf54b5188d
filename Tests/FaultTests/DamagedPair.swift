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

    /// How far what a damaged device used can be accounted for, once it was recovered and has synced.
    enum Account: String {
        /// Every unit is billed or named as unaccounted.
        case exact
        /// The device says that its count is lost too.
        case countLost = "count lost"
        /// An operator has to look before the rest is taken.
        case barred
        /// It does not open.
        case stopped
    }

    private let folder: String = FileManager.default.temporaryDirectory.appending(path: "vultus-damage-\(UUID().uuidString)").path
    private let direct: DirectHub
    private let store: EdgeStore
    private let device: DeviceID
    /// What the device really did: place, units and hash of each entry.
    private let truth: [Int64: JournalEntry]
    private var random: SeededGenerator
    private var number: Int = 0

    /// Units of the truth up to an entry.
    private func units(through seq: Int64) -> Int64 { truth.values.filter { $0.seq <= seq }.reduce(0) { $0 + $1.units } }
    private var head: Int64 { Int64(truth.count) }

    init(seed: UInt64) async throws {
        random = SeededGenerator(seed: seed)
        var hub: DirectHub = try await DirectHub.make(folder + "/hub")
        var store: EdgeStore? = try await hub.device(folder + "/edge")
        device = try store!.identity().device
        _ = try await hub.sync(store!).run()
        for step in 0..<12 {
            _ = try store!.record([.unknown, .unknown])
            if step % 4 == 1 { _ = try store!.addPerson(label: "P\(step)", isMinor: false, consent: .test) }
            if step % 5 == 3 { _ = try await hub.sync(store!).run() }
            if step == 4 {
                // Half of it in the databases themselves, the rest in their logs.
                store = nil
                store = try EdgeStore(directory: folder + "/edge")
                await hub.hub.close()
                hub = try await DirectHub.reopen(folder + "/hub")
            }
        }
        (direct, self.store) = (hub, store!)
        truth = Dictionary(uniqueKeysWithValues: try store!.entries(after: 0, epoch: 1, limit: 10_000, bytes: .max).map { ($0.seq, $0) })
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// - Returns: what was damaged, what came of it, and how far a damaged device's units are accounted for.
    func strike(_ side: Side) async throws -> (damage: String, verdict: Verdict, account: Account) {
        let place: String = try copy()
        defer { try? FileManager.default.removeItem(atPath: place) }
        let damage: String = try spoil(place + (side == .device ? "/edge/edge.sqlite" : "/hub/hub.sqlite"))
        let outcome = try await judge(place, isMended: side == .device)
        return (damage, outcome.verdict, outcome.account)
    }

    /// - Returns: what the books say is wrong.
    func judge(plant: Plant) async throws -> [String] {
        let place: String = try copy()
        defer { try? FileManager.default.removeItem(atPath: place) }
        let sql: String =
            switch plant {
            case .billedTwice: "CREATE TRIGGER planted AFTER INSERT ON metering_record BEGIN UPDATE metering_record SET units = 2 WHERE id = NEW.id; END"
            case .notBilled: "CREATE TRIGGER planted AFTER INSERT ON metering_record BEGIN DELETE FROM metering_record WHERE id = NEW.id; END"
            }
        try PlantedSQL.run(sql, in: place + "/hub/hub.sqlite")
        return try await judge(place, isDeaf: true).wrong
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
    /// - Parameters:
    ///   - isDeaf: takes no report for one, so that the books alone must show what is wrong.
    ///   - isMended: what the device's own check finds is recovered from too, and every unit must be accounted for.
    private func judge(_ place: String, isDeaf: Bool = false, isMended: Bool = false) async throws -> (verdict: Verdict, wrong: [String], account: Account) {
        var found: String?
        func told(_ what: @autoclosure () -> String) { if !isDeaf { found = found ?? what() } }
        var more: Int64 = 0
        // Where the device's journal ended when it was opened, as long as that is a whole part of the truth.
        var end: Int64 = head
        var hasAll: Bool = true
        var account: Account = .stopped
        let hub: DirectHub
        do {
            hub = try await DirectHub.reopen(place + "/hub")
            for check in try await hub.hub.verify() where !check.faults.isEmpty { told("hub verify, \(check.name)") }
        } catch {
            return (.found("hub does not open: \(code(error))"), [], account)
        }
        do {
            let store = try EdgeStore(directory: place + "/edge")
            do { if let fault = try store.faultsWithin().first { told("device: \(fault.prefix(while: { $0 != ":" }))") } } catch {
                told("device check: \(code(error))")
            }
            let left: JournalHead = try store.journalHead()
            if left.epoch == 1, truth[left.seq]?.hash == left.hash { end = left.seq }
            do { hasAll = try store.persons().count == 3 } catch { told("persons: \(code(error))") }
            for _ in 0..<2 {
                do { more += Int64(try store.record([.unknown]).count) } catch { told("record: \(code(error))") }
                do { if try await hub.sync(store).run().rejected > 0 { told("sync: rejected") } } catch { told("sync: \(code(error))") }
            }
            if let bar = try store.conditions().first { told("condition: \(bar.condition.rawValue)") }
            if try store.identity().journalEpoch != 1 { told("a new journal") }
            if isMended, found != nil {
                // What the daily check, or `recover`, does.
                if let fault = try store.fullFault() { try store.suspect(fault) }
            }
        } catch {
            told("device does not open: \(code(error))")
        }
        do {
            if isMended { account = try await accountAfterRecovery(place, hub) }
        } catch { told("device does not open again: \(code(error))") }
        var wrong: [String] = []
        do {
            for check in try await hub.hub.verify() where !check.faults.isEmpty { told("hub verify, \(check.name)") }
            wrong = try books(place + "/hub/hub.sqlite", end: end, more: more, isComplete: found == nil)
            if account == .exact { wrong += try unaccounted(place + "/hub/hub.sqlite", more: more) }
        } catch { told("hub: \(code(error))") }
        await hub.hub.close()
        if !hasAll, end == head, found == nil { wrong.append("a person is gone") }
        if end < head, found == nil { wrong.append("\(head - end) entries are gone without a trace") }
        // What a damaged hub is known to be wrong about is mended from its backup.
        if !wrong.isEmpty, found?.hasPrefix("hub") != true {
            return (.silent("\(found ?? "nothing was found"); \(wrong.joined(separator: "; "))"), wrong, account)
        }
        if let found { return (.found(found), wrong, account) }
        return (.harmless, wrong, account)
    }

    /// Opens the device once more, which sets aside what was found to be damaged, and lets it sync until a new journal is there.
    private func accountAfterRecovery(_ place: String, _ hub: DirectHub) async throws -> Account {
        let store = try EdgeStore(directory: place + "/edge")
        for _ in 0..<2 { _ = try await hub.sync(store).run() }
        if try store.damageReports().contains(where: \.isCountLost) { return .countLost }
        return try store.conditions().isEmpty && store.rejections().isEmpty ? .exact : .barred
    }

    /// Every unit of every API that was used is billed, or is named as one that nobody can account for.
    private func unaccounted(_ path: String, more: Int64) throws -> [String] {
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        var used: [String: Int64] = [APIName.search.rawValue: more]
        for entry in truth.values { if let api = entry.api { used[api.rawValue, default: 0] += entry.units } }
        return try queue.read { database in
            let rows: [Row] = try Row.fetchAll(
                database,
                sql: """
                    SELECT api, sum(billed) AS billed, sum(open) AS open FROM (
                        SELECT api, units AS billed, 0 AS open FROM metering_record WHERE device_id IS NOT NULL
                        UNION ALL SELECT api, 0, units FROM unaccounted_use
                    ) GROUP BY api
                    """)
            let sums: [String: (billed: Int64, open: Int64)] = rows.reduce(into: [:]) { $0[$1["api"]] = ($1["billed"], $1["open"]) }
            return used.sorted { $0.key < $1.key }.compactMap { api, units in
                let (billed, open): (Int64, Int64) = sums[api] ?? (0, 0)
                return billed + open == units ? nil : "\(api): \(billed) units billed and \(open) unaccounted of \(units)"
            }
        }
    }

    private func code(_ error: any Error) -> String { Problem(describing: error).code.rawValue }

    /// - Parameters:
    ///   - end: how far the device's journal went when it was taken up again.
    ///   - more: units used since.
    ///   - isComplete: nothing was found, so that all must be there.
    private func books(_ path: String, end: Int64, more: Int64, isComplete: Bool) throws -> [String] {
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
            let used: Int64 = self.units(through: self.head) + more
            let due: Int64 = self.units(through: end) + more
            if billed > used { wrong.append("\(billed) units billed of \(used)") }
            if isComplete, billed != due { wrong.append("\(billed) units billed of \(due)") }
            if sums["records"] as Int64 != sums["entries"] as Int64 { wrong.append("an entry billed twice") }
            if sums["amount"] as Int64 != billed * 10_000 { wrong.append("\(sums["amount"] as Int64) millionths for \(billed) units") }
            for row in try Row.fetchAll(database, sql: "SELECT seq, units, hash FROM journal_entry WHERE epoch = 1 AND rejection IS NULL") {
                guard let entry = self.truth[row["seq"]], entry.seq <= end else { continue }
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
