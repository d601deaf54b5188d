import Crypto
import EdgeStore
import HubDomain
import ServiceSupport
import TestKit
import WireModel

/// A long journal that reaches the hub as the worst of networks would bring it: every request two to ten times, requests overtaking
/// each other within a hundred entries.
package struct RepeatedDelivery: Sendable {
    package struct Result: Sendable, Codable {
        package var entries: Int64 = 0
        package var deliveries: Int = 0
        package var duplicates: Int = 0
        package var seconds: Double = 0
        package var violations: [String] = []
    }

    package let seed: UInt64
    package let entries: Int64
    private static let window: Int64 = 100

    package init(seed: UInt64, entries: Int64) {
        self.seed = seed
        self.entries = entries
    }

    package func run(planted: PlantedFault? = nil) async throws -> Result {
        let terms = SimulationTerms(leaseUnits: 1_000_000, leaseTerm: .seconds(400 * 86_400), quota: 10_000_000)
        let world = try await SimulatedWorld(try await SimulationTemplate(terms, devices: 1), devices: 1, planted: planted)
        var random = SeededGenerator(seed: seed)
        let device: SimulatedDevice = world.devices[0]
        var result = Result()
        try await world.sync(device)
        var recorded: Int64 = 0
        while recorded < entries {
            let count: Int = Int.random(in: 1...200, using: &random)
            try world.use(device, api: APIName.onDevice.randomElement(using: &random)!, units: Array(repeating: 1, count: count))
            recorded += Int64(count)
            world.pass(.seconds(Int.random(in: 1...600, using: &random)))
        }
        try await deliver(device, world, &random, &result)
        try await world.finish()
        await world.close()
        result.entries = recorded
        result.violations = world.oracle.violations
        return result
    }

    /// Window by window, each until the hub has all of it, as a device that waits for its acknowledgement would.
    private func deliver(_ device: SimulatedDevice, _ world: SimulatedWorld, _ random: inout SeededGenerator, _ result: inout Result) async throws {
        let identity: DeviceIdentity = try device.store.identity()
        let end: Int64 = try device.store.journalHead().seq
        var position: Int64 = try device.store.syncState().acknowledgedThrough
        while position < end {
            let requests: [SyncRequest] = try window(after: position, device.store, identity, &random)
            position = requests.last!.head.seq
            var hasAll: Bool = false
            while !hasAll {
                for request in requests.flatMap({ Array(repeating: $0, count: Int.random(in: 2...10, using: &random)) }).shuffled(using: &random) {
                    result.deliveries += 1
                    guard case .success(let answer) = await device.link.deliver(request, to: world.hub, isHeard: false) else { continue }
                    result.duplicates += answer.answers.count { $0.outcome == .duplicate }
                    hasAll = hasAll || answer.acknowledgedThrough >= position
                }
                await world.settle(device)
            }
        }
    }

    private func window(
        after start: Int64, _ store: EdgeStore, _ identity: DeviceIdentity, _ random: inout SeededGenerator
    ) throws -> [SyncRequest] {
        var requests: [SyncRequest] = []
        var position: Int64 = start
        while position < start + Self.window {
            let limit: Int = min(Int.random(in: 1...60, using: &random), Int(start + Self.window - position))
            let batch: [JournalEntry] = try store.entries(after: position, epoch: identity.journalEpoch, limit: limit, bytes: SyncLimits.bytes)
            guard let last = batch.last else { break }
            let head = JournalHead(epoch: last.epoch, seq: last.seq, hash: last.hash)
            let signature = try identity.key.signature(for: head.signedBytes(device: identity.device))
            requests.append(
                SyncRequest(
                    agentVersion: ReleaseVersion.current, head: head, headSignature: Base64(signature.rawRepresentation), entries: batch,
                    leases: APIName.onDevice.map { HeldLease(api: $0, number: 0) }, deviceTime: store.clock.now().wall, hubEpoch: 1))
            position = last.seq
        }
        return requests
    }
}
