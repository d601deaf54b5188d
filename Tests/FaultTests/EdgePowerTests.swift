import EdgeStore
import EdgeSync
import Foundation
import TestKit
import Testing
import WireModel

@Suite("Power loss of a device", .serialized)
struct EdgePowerTests {
    @Test("whatever sectors the disk kept of what was not synced, all that was answered is there, and nothing half")
    func survived() async throws {
        try await PoweredDevice.survive(FullTests.count(1_000), of: "a device")
    }

    @Test("a store that does not wait for the disk is found", arguments: PowerSupply.Plant.allCases)
    func planted(plant: PowerSupply.Plant) async throws {
        let session: PoweredDevice = try await .find(plant)
        if plant == .normal { #expect(try session.store.durability() == "wal, synchronous 1") }
    }
}

/// A device that decides, syncs, enrols, erases and restarts while its power fails.
final class PoweredDevice: PoweredSession {
    /// What a caller can see of a store. Every step goes from one of these to the next, or stays.
    private struct Sight: Hashable {
        let head: JournalHead
        let units: [APIName: Int64]
        let leases: [Int64]
        let acknowledged: Int64
        let contact: Timestamp?
        let persons: [String]

        init(_ store: EdgeStore) throws {
            let summary: JournalSummary = try store.journalSummary()
            let state: SyncState = try store.syncState()
            head = summary.head
            units = summary.units
            leases = try store.leases().map(\.lease.number)
            acknowledged = state.acknowledgedThrough
            contact = state.contact
            persons = try store.persons().map(\.label).sorted()
        }
    }

    private let folder: String = FileManager.default.temporaryDirectory.appending(path: "vultus-power-\(UUID().uuidString)").path
    private let power: PowerSupply
    private let direct: DirectHub
    private var random: SeededGenerator
    private var labels: Int = 0
    private var sights: [Sight] = []
    private(set) var store: EdgeStore

    var failures: Int { power.count }

    init(seed: UInt64, plant: PowerSupply.Plant?) async throws {
        random = SeededGenerator(seed: seed)
        power = try PowerSupply(root: folder + "/edge", images: folder + "/images", seed: seed, plant: plant)
        direct = try await DirectHub.make(folder + "/hub")
        store = try await direct.device(folder + "/edge")
        _ = try await direct.sync(store).run()
        sights = [try Sight(store)]
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func work() async throws {
        power.fail(every: 6)
        for _ in 0..<40 {
            try await step()
            sights.append(try Sight(store))
            power.acknowledge(sights.count - 1)
        }
        power.fail(every: 0)
    }

    private func step() async throws {
        switch Int.random(in: 0..<10, using: &random) {
        case 0...4: _ = try store.record((0..<Int.random(in: 1...3, using: &random)).map { _ in .unknown })
        case 5...6: _ = try await direct.sync(store).run()
        case 7:
            labels += 1
            _ = try store.addPerson(label: "P\(labels)", isMinor: false, consent: .test)
        case 8: if let person = try store.persons().randomElement(using: &random) { _ = try store.erase(person.id) }
        default: store = try EdgeStore(directory: folder + "/edge")
        }
    }

    /// Opens each image as a restart does, and finds in it what was answered, or besides that the one step under way.
    /// - Returns: what is wrong with which.
    func examine() throws -> [String] {
        try power.takeImages().compactMap { image in
            let name = "failure \((image.folder as NSString).lastPathComponent) after step \(image.mark)"
            do {
                let found = try EdgeStore(directory: image.folder)
                let within: [String] = try found.faultsWithin()
                if !within.isEmpty { return "\(name): \(within.joined(separator: "; "))" }
                let sight = try Sight(found)
                let (before, after): (Sight, Sight) = (sights[image.mark], sights[min(image.mark + 1, sights.count - 1)])
                return sight == before || sight == after ? nil : "\(name): found \(sight), answered was \(before)"
            } catch {
                return "\(name): it does not open: \(error)"
            }
        }
    }
}
