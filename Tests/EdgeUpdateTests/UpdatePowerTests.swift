import EdgeUpdate
import Foundation
import ReleaseFiles
import TestKit
import Testing
import WireModel

@Suite("Power cuts during an update")
struct UpdatePowerTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let way: UpdatedDevice.Way
        let works: Bool
        let loss: PoweredDisk.Loss

        var testDescription: String { "\(way.rawValue), what is tried \(works ? "works" : "does not"), lost: \(loss.rawValue)" }

        static let all: [Case] = UpdatedDevice.Way.allCases.flatMap { way in
            [true, false].flatMap { works in PoweredDisk.Loss.allCases.map { Case(way: way, works: works, loss: $0) } }
        }
    }

    /// Cuts once at every call of an update.
    /// - Returns: what went wrong, and the steps that were cut.
    private static func cutEverywhere(_ one: Case, dropsSync: (@Sendable (String) -> Bool)? = nil) throws -> (faults: [String], steps: Set<String>) {
        var (faults, steps): ([String], Set<String>) = ([], [])
        var index: Int = 0
        while true {
            let device = try UpdatedDevice(one.way, works: one.works)
            let disk = PoweredDisk(root: device.root, cutAt: index, loss: one.loss, dropsSync: dropsSync)
            do {
                try device.agent(disk)
                try device.launcher(disk)
            } catch let problem as Problem where problem.code == .interrupted {}
            guard disk.isCut else { return (faults, steps) }
            let step: String = disk.calls.last ?? "begin"
            steps.insert(step)
            do {
                try disk.powerOn()
                // Whatever is found: something whole is started, and in the end something runs that is not tried any more.
                try device.launcher(QuickDisk())
                if let fault = device.fault() { faults.append("call \(index), \(step): \(fault)") }
                // The update goes on from there.
                try device.agent(QuickDisk())
                try device.launcher(QuickDisk())
                if let fault = device.fault() { faults.append("call \(index), \(step), then: \(fault)") }
                let folder = UpdateFolder(device.root, disk: QuickDisk())
                let end: KindRecord.Outcome? = try folder.record(device.kind).outcome
                if folder.current(device.kind) != (one.works ? device.after : device.before) || end?.state != (one.works ? .confirmed : .rolledBack) {
                    faults.append(
                        "call \(index), \(step): \(folder.current(device.kind)?.rawValue ?? "installed") runs, \(end?.state.rawValue ?? "no outcome")")
                }
            } catch {
                faults.append("call \(index), \(step): \(error)")
            }
            index += 1
        }
    }

    @Test("at every call of every step something whole runs, old or new, and the update comes to its end", arguments: Case.all)
    func cuts(_ one: Case) throws {
        let (faults, steps) = try Self.cutEverywhere(one)
        #expect(faults.isEmpty, "\(faults.prefix(5))")
        var named: Set<String> = ["mark", "count", "switch", one.works ? "confirm" : "roll back"]
        if one.way != .back { named.formUnion(["receive", "stage"]) }
        if one.way == .models { named.insert("shadow") }
        #expect(steps.isSuperset(of: named), "\(steps.sorted())")
    }

    @Test(
        "a device that does not sync before it goes on is found out", arguments: ["stage", "receive"])
    func planted(_ step: String) throws {
        let one = Case(way: .forward, works: true, loss: .everything)
        #expect(try !Self.cutEverywhere(one) { $0 == step }.faults.isEmpty)
    }
}
