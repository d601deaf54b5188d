import ServiceSupport
import TestKit
import WireModel

/// How often what happens.
package struct SimulationMix: Sendable {
    package enum Happening: Sendable, Hashable {
        case use, sync, pass, crash, reboot, late, clock, hubCrash, clone, image, rollBack, backup, restore, resolve, quota, settle, giveBack, housekeep
    }

    package let name: String
    package var terms: [SimulationTerms] = SimulationTerms.all
    package var devices: ClosedRange<Int> = 1...5
    /// Copies included.
    package var mostMachines: Int = 8
    package var steps: ClosedRange<Int> = 8...32
    package var weights: [(what: Happening, weight: Int)]

    private static let weather: [(what: Happening, weight: Int)] = [
        (.use, 40), (.sync, 25), (.pass, 14), (.crash, 5), (.reboot, 3), (.late, 5), (.clock, 5), (.hubCrash, 1), (.quota, 2), (.settle, 1), (.giveBack, 2),
        (.housekeep, 1),
    ]

    package static let everything = SimulationMix(
        name: "everything",
        weights: weather.map { ($0.what, 2 * $0.weight) } + [(.clone, 2), (.image, 2), (.rollBack, 2), (.backup, 1), (.restore, 1), (.resolve, 4)])
    /// Clocks that go wrong at any moment.
    package static let clocks = SimulationMix(
        name: "clocks", devices: 1...3, steps: 40...80, weights: [(.use, 40), (.clock, 25), (.reboot, 10), (.sync, 15), (.pass, 15), (.crash, 3)])
    /// Disks that are copied and put back.
    package static let copies = SimulationMix(
        name: "copies", devices: 1...2, weights: [(.use, 40), (.sync, 25), (.pass, 10), (.clone, 8), (.image, 6), (.rollBack, 6), (.resolve, 4), (.late, 4)])
    /// Hubs that lose their disk.
    package static let restores = SimulationMix(
        name: "restores", devices: 1...4, steps: 40...80,
        weights: [(.use, 40), (.sync, 25), (.pass, 15), (.backup, 8), (.restore, 6), (.late, 5), (.crash, 3), (.settle, 2), (.quota, 2), (.giveBack, 2)])
    /// Many devices on one quota.
    package static let leases = SimulationMix(
        name: "leases", devices: 20...20, mostMachines: 24, steps: 30...70,
        weights: [(.use, 50), (.sync, 35), (.pass, 10), (.clock, 4), (.clone, 1), (.resolve, 1), (.quota, 2), (.settle, 3), (.giveBack, 5)])

    package static let all: [SimulationMix] = [everything, clocks, copies, restores, leases]

    private func draw(_ random: inout SeededGenerator) -> Happening {
        var left: Int = Int.random(in: 0..<weights.reduce(0) { $0 + $1.weight }, using: &random)
        for (what, weight) in weights {
            if left < weight { return what }
            left -= weight
        }
        return .pass
    }

    func step(_ world: SimulatedWorld, _ random: inout SeededGenerator) async throws {
        let device: SimulatedDevice = world.devices.randomElement(using: &random)!
        switch draw(&random) {
        case .use:
            let api: APIName = APIName.onDevice.randomElement(using: &random)!
            // Now and then a face that could not be decided on, which costs nothing.
            let units: [Int64] = (0..<Int.random(in: 1...4, using: &random)).map { _ in Int.random(in: 0...9, using: &random) == 0 ? 0 : 1 }
            try world.use(device, api: api, units: units)
        case .sync:
            try await world.sync(device, faults: Self.faults(&random))
        case .pass:
            world.pass(Self.spans.randomElement(using: &random)! * Int.random(in: 1...9, using: &random))
        case .crash:
            try world.crash(device)
        case .reboot:
            try world.reboot(device, wall: Bool.random(using: &random) ? Timestamp(milliseconds: 946_684_800_000) : nil)
        case .late:
            await world.arriveLate(device, using: &random)
        case .clock:
            let offset: Duration = Self.jumps.randomElement(using: &random)!
            world.note("\(device.name)'s clock jumps by \(offset)")
            world.shift(device, by: offset)
        case .hubCrash: try await world.crashHub()
        case .clone where world.devices.count < mostMachines: try world.clone(device)
        case .clone: break
        case .image: try world.takeImage(of: device)
        case .rollBack: try world.rollBack(device, using: &random)
        case .backup: try await world.backUpHub()
        case .restore: try await world.restoreHub(age: Self.ages.randomElement(using: &random)!)
        case .resolve: try await world.resolveForks(using: &random)
        case .quota: try await world.changeQuota(APIName.onDevice.randomElement(using: &random)!, to: Int64.random(in: 0...2_000, using: &random))
        case .giveBack: try world.giveBack(device, APIName.onDevice.randomElement(using: &random)!)
        case .housekeep: try world.housekeep(device)
        case .settle: try await world.settleLeases()
        }
    }

    private static let ages: [Duration] = [.zero, .seconds(3_600), .seconds(86_400)]
    private static let spans: [Duration] = [.seconds(1), .seconds(60), .seconds(3_600), .seconds(20_000), .seconds(86_400)]
    private static let jumps: [Duration] = [
        .seconds(-86_400), .seconds(86_400), .seconds(-315_576_000), .seconds(315_576_000), .seconds(-3_600), .seconds(90), .milliseconds(-1),
    ]

    private static func faults(_ random: inout SeededGenerator) -> [NetworkFault?] {
        guard Int.random(in: 0..<10, using: &random) < 4 else { return [] }
        return (0..<Int.random(in: 1...3, using: &random)).map { _ in
            switch Int.random(in: 0..<6, using: &random) {
            case 0: NetworkFault.lostRequest
            case 1, 2: NetworkFault.lostAnswer
            case 3: NetworkFault.repeated(Int.random(in: 2...10, using: &random))
            case 4: NetworkFault.parked
            default: nil
            }
        }
    }
}
