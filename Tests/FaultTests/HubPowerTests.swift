import EdgeStore
import EdgeSync
import Foundation
import HubDomain
import TestKit
import Testing
import WireModel

@Suite("Power loss of the hub", .serialized)
struct HubPowerTests {
    @Test("every entry that the hub acknowledged is on its disk, billed once, and every action that it answered is in the audit chain")
    func survived() async throws {
        try await PoweredHub.survive(FullTests.count(1_000), of: "the hub")
    }

    @Test("a hub that does not wait for the disk is found", arguments: PowerSupply.Plant.allCases)
    func planted(plant: PowerSupply.Plant) async throws {
        try await PoweredHub.find(plant)
    }
}

/// A hub that takes in a device's journal while its power fails; the device keeps its own.
final class PoweredHub: PoweredSession {
    /// What the hub's callers hold for certain.
    private struct Answered {
        var acknowledged: Int64 = 0
        var actions: Int64 = 0
    }

    private let folder: String = FileManager.default.temporaryDirectory.appending(path: "vultus-power-\(UUID().uuidString)").path
    private let power: PowerSupply
    private var random: SeededGenerator
    private let direct: DirectHub
    private let store: EdgeStore
    private var answers: [Answered] = [Answered()]
    private var number: Int64 = 0

    var failures: Int { power.count }

    init(seed: UInt64, plant: PowerSupply.Plant?) async throws {
        random = SeededGenerator(seed: seed)
        power = try PowerSupply(root: folder + "/hub", images: folder + "/images", seed: seed, plant: plant)
        direct = try await DirectHub.make(folder + "/hub")
        store = try await direct.device(folder + "/edge")
        _ = try await direct.sync(store).run()
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func work() async throws {
        power.fail(every: 10)
        for _ in 0..<16 {
            if Int.random(in: 0..<4, using: &random) == 0 {
                number += 1
                _ = try await direct.hub.setQuota(account: "Acme", api: .search, units: 10_000_000 + number, by: .test)
                acknowledge { $0.actions = number }
            }
            _ = try store.record((0..<Int.random(in: 1...20, using: &random)).map { _ in .unknown })
            let acknowledged: Int64 = try await direct.sync(store).run().acknowledgedThrough
            acknowledge { $0.acknowledged = acknowledged }
        }
        power.fail(every: 0)
        await direct.hub.close()
    }

    private func acknowledge(_ change: (inout Answered) -> Void) {
        var answered: Answered = answers.last!
        change(&answered)
        answers.append(answered)
        power.acknowledge(answers.count - 1)
    }

    /// - Returns: what is wrong with which.
    func examine() async throws -> [String] {
        let device: DeviceID = try store.identity().device
        let units: [Int64: Int64] = Dictionary(
            uniqueKeysWithValues: try store.entries(after: 0, epoch: 1, limit: 1_000_000, bytes: .max).map { ($0.seq, $0.units) })
        var wrong: [String] = []
        for image in try power.takeImages() {
            let name = "failure \((image.folder as NSString).lastPathComponent) after answer \(image.mark)"
            do {
                let faults: [String] = try await faults(image, device: device, units: units)
                if !faults.isEmpty { wrong.append("\(name): \(faults.joined(separator: "; "))") }
            } catch {
                wrong.append("\(name): it does not open: \(error)")
            }
        }
        return wrong
    }

    private func faults(_ image: PowerSupply.Image, device: DeviceID, units: [Int64: Int64]) async throws -> [String] {
        let found: DirectHub = try await DirectHub.reopen(image.folder)
        var faults: [String] = try await found.hub.verify().flatMap { check in check.faults.map { "\(check.name): \($0)" } }
        let quota: Int64 = try await found.hub.quotas(account: "Acme").first { $0.api == .search }?.units ?? 0
        await found.hub.close()
        let books = try HubBooks(path: found.path, device: device)
        let answered: Answered = answers[image.mark]
        faults += books.faults
        if books.last < answered.acknowledged { faults.append("\(answered.acknowledged) entries were acknowledged, \(books.last) are there") }
        let truth: Int64 = units.filter { $0.key <= books.last }.values.reduce(0, +)
        if books.billed != truth { faults.append("\(books.billed) units billed for \(truth)") }
        if quota < 10_000_000 + answered.actions { faults.append("quota \(quota), answered was \(10_000_000 + answered.actions)") }
        return faults
    }
}
