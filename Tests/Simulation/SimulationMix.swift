import ServiceSupport
import TestKit
import WireModel

/// How often what happens.
package struct SimulationMix: Sendable {
    package enum Happening: Sendable, Hashable {
        case use, sync, pass, crash, reboot, late, clock, hubCrash
    }

    package let name: String
    package var terms: [SimulationTerms] = SimulationTerms.all
    package var devices: ClosedRange<Int> = 1...5
    package var steps: ClosedRange<Int> = 20...60
    package var weights: [(what: Happening, weight: Int)]

    package static let everything = SimulationMix(
        name: "everything",
        weights: [(.use, 40), (.sync, 25), (.pass, 14), (.crash, 5), (.reboot, 3), (.late, 5), (.clock, 5), (.hubCrash, 1)])

    package static let all: [SimulationMix] = [everything]

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
        case .hubCrash:
            try await world.crashHub()
        }
    }

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
