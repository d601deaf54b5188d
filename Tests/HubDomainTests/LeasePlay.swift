import Foundation
import HubDomain
import HubStorage
import TestKit
import WireModel

/// Devices, their hub and its backups, played at random from a seed, against books of the test's own.
final class LeasePlay {
    private let fixture: IntakeFixture
    private let wrap: (any HubDatabase) -> any HubDatabase
    private var random: SeededGenerator
    private var hub: Hub
    private var restored: [RestoredHub] = []
    private var backups: [(path: String, at: Timestamp)] = []
    private var devices: [DarkDevice] = []
    /// What does not fit the books.
    private(set) var faults: [String] = []

    init(seed: UInt64, through wrap: @escaping (any HubDatabase) -> any HubDatabase = { $0 }) async throws {
        random = SeededGenerator(seed: seed)
        let isGenerous: Bool = Bool.random(using: &random)
        let continues: Bool = Bool.random(using: &random)
        fixture = try await IntakeFixture(
            quota: Int64.random(in: 50...2_000, using: &random), leaseUnits: Int64.random(in: 5...120, using: &random),
            policy: continues ? .continueAndFlag : .refuse, hardLimit: continues ? Int64.random(in: 0...10, using: &random) : 0)
        self.wrap = wrap
        hub = try await Hub.open(directory: fixture.folder, on: wrap(fixture.hub.database), clock: fixture.clock, passwords: .quick)
        if !isGenerous {
            _ = try await fixture.hub.setCredit(Money(millionths: 300_000, currency: "CNY"), account: "Acme", by: .test)
        }
        try await fixture.hub.set(.leaseSettleDays, to: "1", by: .test)
        for _ in 0..<Int.random(in: 2...5, using: &random) {
            let device: DarkDevice = try await fixture.dark()
            (device.hub, device.batch) = (hub, Int.random(in: 1...20, using: &random))
            devices.append(device)
        }
        backups.append((try await fixture.backUp(), hub.now()))
    }

    private func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    func run(_ steps: Int) async throws {
        for _ in 0..<steps where faults.isEmpty { try await step() }
        for device in devices { device.apis = chance(50) ? [.search] : [] }
        for device in devices where faults.isEmpty {
            try await device.syncAll()
            if device.quarantine != nil { faults.append("\(device.id) is barred") }
        }
        try await check()
    }

    private func step() async throws {
        let device: DarkDevice = devices.randomElement(using: &random)!  // there are two at least
        switch Int.random(in: 0..<100, using: &random) {
        case ..<40: device.use(Int(min(device.rest(), Int64.random(in: 0...25, using: &random))))
        case ..<70: try await device.sync(hears: chance(85))
        case ..<76: if let old = device.sent.randomElement(using: &random) { _ = try await hub.receive(old, from: device.id) }
        case ..<80: if device.lease != nil { try device.giveBack() }
        case ..<88: fixture.clock.advance(by: .seconds(Int.random(in: 0...60_000, using: &random)))
        case ..<94: _ = try await hub.settleLeases()
        case ..<97: backups.append((try await fixture.backUp(hub), hub.now()))
        default: try await restore()
        }
        let quota: Quota = try await hub.quotas(account: "Acme")[0]
        if quota.settled + quota.reserved > quota.units { faults.append("\(quota.settled) settled and \(quota.reserved) reserved of \(quota.units)") }
    }

    private func restore() async throws {
        let place: Int = Int.random(in: backups.indices, using: &random)
        // Backups of what happened after it are of a past that did not happen: anchors of the audit chain tell them apart.
        backups.removeSubrange((place + 1)...)
        restored.append(try await RestoredHub(fixture, backup: backups[place].path, through: wrap))
        hub = restored.last!.hub
        for device in devices { device.hub = hub }
    }

    /// Every entry is in the ledger, every unit is billed once, and the hub's own check finds nothing.
    private func check() async throws {
        let made: Int64 = devices.reduce(0) { $0 + ($1.disk.spent[.search] ?? 0) }
        let billed: Int64 = try await fixture.billed(hub).units
        if made != billed { faults.append("\(made) used, \(billed) billed") }
        for device in devices {
            let held: Int64 = try await hub.devices().first { $0.id == device.id }?.journalEntries ?? 0
            let last: Int64 = device.disk.journal.last?.seq ?? 0
            if held != last { faults.append("\(device.id) made \(last) entries, the hub holds \(held)") }
        }
        faults += try await fixture.faults(hub)
    }
}
