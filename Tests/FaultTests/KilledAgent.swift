import EdgeStore
import EdgeSync
import Foundation
import TestKit
import Testing
import WireModel

/// A device whose commands are killed, or refused by the disk, at a system call of their own, done again, and held against books
/// kept here.
final class KilledAgent {
    enum Step: String, CaseIterable { case identify, sync, enrol, erase, join }

    /// How often each step is killed, of every ten kills.
    private static let turns: [Step] = [.sync, .identify, .erase, .sync, .join, .identify, .sync, .enrol, .erase, .identify]

    let world: World
    let control: FaultControl
    private var random: SeededGenerator
    private var device: String = "edge"
    private let counting: CallClasses
    /// Of each step when nobody disturbs it.
    private(set) var calls: [Step: Int] = [:]
    private var points: [Step: Int] = [:]
    private var token: String = ""
    private var joins: Int = 0
    private var persons: Int = 0
    /// Sites at which something was killed.
    private(set) var sites: Set<String> = []
    private(set) var met: Int = 0
    /// What commands said when the disk refused them, with how often.
    private(set) var complaints: [String: Int] = [:]

    // The books.
    /// Decisions that were printed, by their place in the journal: each must be there.
    private(set) var printed: Set<Int64> = []
    /// Runs of `identify`: each spends one unit at most.
    private(set) var attempts: Int64 = 0
    /// Units recorded by this process.
    private var recorded: Int64 = 0
    private var unheld: [Int64] = []

    init(seed: UInt64, counting: CallClasses = .all) throws {
        self.counting = counting
        random = SeededGenerator(seed: seed)
        world = try World(.sqlite)
        control = try FaultControl(data: world.folder, folder: FileManager.default.temporaryDirectory.path)
    }

    /// A device with a lease, and how many calls each step makes when nobody kills it.
    func open() async throws {
        // Every device that joins holds money for a lease.
        try await world.open(quota: 10_000_000, credit: 1_000_000)
        try await world.join(device: device)
        try await world.edge(["sync"], device: device)
        for step in Step.allCases {
            try await prepare(step)
            control.arm(nil, counting: counting, noting: true)
            let outcome: Outcome = try await perform(step)
            #expect(outcome.status == 0, "\(step): \(outcome.errors)")
            calls[step] = control.count
            sites.formUnion(try control.takeSites().map { "\($0.kind) \($0.file) \($0.site)" })
            // Each seed begins elsewhere, and then takes every point in turn.
            points[step] = Int.random(in: 0..<max(1, control.count), using: &random)
        }
    }

    var summary: String { Step.allCases.map { "\($0.rawValue) \(calls[$0] ?? 0)" }.joined(separator: ", ") }

    /// The kill whose turn it is.
    func strike(_ number: Int) async throws -> [String] {
        let step: Step = Self.turns[number % Self.turns.count]
        let (turn, count): (Int, Int) = (points[step]!, calls[step]!)
        points[step] = turn + 1
        return try await strike(step, Fault(at: turn % count + 1, action: Fault.kills[(turn / count + turn) % 3]))
    }

    /// One fault, the step again to its end, and the reckoning.
    /// - Returns: what is wrong.
    func strike(_ step: Step, _ fault: Fault) async throws -> [String] {
        try await prepare(step)
        control.arm(fault, counting: counting)
        let struck: Outcome = try await perform(step)
        var faults: [String] = []
        if control.fired == 0 {
            if struck.status != 0 { faults.append("undisturbed it ended with \(struck.status): \(struck.errors)") }
        } else {
            met += 1
            faults += fault.action == .fail ? judge(struck) : struck.status == -9 ? [] : ["it ended with \(struck.status), not by the kill"]
        }
        control.disarm()
        faults += try held()
        // Nothing that was left behind may stand in the way.
        let again: Outcome = try await perform(step, again: true)
        if again.status != 0 { faults.append("done again it ended with \(again.status): \(again.output) \(again.errors)") }
        faults += try await reckon()
        return faults.map { "\(step) at call \(fault): \($0)" }
    }

    /// A command that the disk refused ends as documented and says why in JSON, or it needed not what was refused.
    private func judge(_ outcome: Outcome) -> [String] {
        guard outcome.status != 0 else {
            complaints["none", default: 0] += 1
            return []
        }
        let lines: [[String: Any]] = outcome.output.split(separator: "\n").compactMap {
            try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }
        let problem: [String: Any]? = outcome.problem ?? lines.compactMap { $0["problem"] as? [String: Any] }.last
        guard let name = problem?["code"] as? String, let code = ProblemCode(rawValue: name), let remedy = problem?["remedy"] as? String, !remedy.isEmpty else {
            return ["it ended with \(outcome.status) and said nothing that can be read: \(outcome.output) \(outcome.errors)"]
        }
        complaints[name, default: 0] += 1
        if code.exitCode != outcome.status { return ["it said \(name) and ended with \(outcome.status)"] }
        return code == .internalFault ? ["it did not know what happened: \(problem ?? [:])"] : []
    }

    private func store() throws -> EdgeStore { try EdgeStore(directory: world.folder + "/" + device) }

    // MARK: Steps

    private func prepare(_ step: Step) async throws {
        switch step {
        case .identify: break
        case .enrol: persons += 1
        case .erase:
            persons += 1
            _ = try store().addPerson(
                label: "P\(persons)", isMinor: false, consent: .test)
        case .sync:
            // Something to send: otherwise a sync has little to be killed in.
            recorded += Int64(try store().record((0..<3).map { _ in .unknown }).count)
        case .join:
            joins += 1
            token = try await world.token()
        }
    }

    private func perform(_ step: Step, again: Bool = false) async throws -> Outcome {
        switch step {
        case .identify:
            attempts += 1
            let outcome: Outcome = try await world.edge(["identify", World.picture("obama2.jpg")], device: device, wrapper: control.wrapper)
            note(outcome)
            return outcome
        case .enrol: return try await world.edge(["enrol", "P\(persons)", World.picture("biden.jpg")], device: device, wrapper: control.wrapper)
        case .sync: return try await world.edge(["sync"], device: device, wrapper: control.wrapper)
        case .erase:
            let outcome: Outcome = try await world.edge(["persons", "erase", "P\(persons)"], device: device, wrapper: control.wrapper)
            // Erased by the run that was killed after its commit.
            return again && outcome.code == "not_found" ? Outcome(status: 0, output: outcome.output, errors: "") : outcome
        case .join:
            return try await world.edge(
                ["join", world.hub?.url ?? "", "--token", token, "--label", "new"], device: "new-\(joins)", wrapper: control.wrapper)
        }
    }

    /// Reads what was printed as a reader of the output does: a torn last line says nothing.
    private func note(_ outcome: Outcome) {
        for line in outcome.output.split(separator: "\n") {
            let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            let faces = (object?["result"] as? [String: Any])?["faces"] as? [[String: Any]] ?? []
            let seqs: [Int64] = faces.compactMap { ($0["entry"] as? NSNumber)?.int64Value }
            printed.formUnion(seqs)
            unheld += seqs
        }
    }

    // MARK: The reckoning

    /// What was printed is journaled, and the hub holds all that the device believes it to.
    private func held() throws -> [String] {
        let store: EdgeStore = try store()
        let epoch: Int64 = try store.identity().journalEpoch
        var faults: [String] = try unheld.filter { seq in
            try store.entries(after: seq - 1, epoch: epoch, limit: 1, bytes: 1).first?.seq != seq
        }.map { "decision \($0) was printed and is not in the journal" }
        unheld = []
        let books: HubBooks = try books(store)
        let acknowledged: Int64 = try store.syncState().acknowledgedThrough
        if books.last < acknowledged { faults.append("the device holds \(acknowledged) entries for acknowledged, the hub has \(books.last)") }
        return faults + books.faults
    }

    private func books(_ store: EdgeStore) throws -> HubBooks { try HubBooks(path: world.hubFolder + "/hub.sqlite", device: try store.identity().device) }

    private func reckon() async throws -> [String] {
        let store: EdgeStore = try store()
        var faults: [String] = try held() + store.faultsWithin()
        _ = try await HubSync(store: store).run()
        faults += try books(store).faults(against: store)
        let units: Int64 = try store.journalSummary().units.values.reduce(0, +)
        let known: Int64 = recorded + Int64(printed.count)
        if units < known { faults.append("the journal has \(units) units, \(known) were answered") }
        if units > recorded + attempts { faults.append("the journal has \(units) units, at most \(recorded + attempts) were asked for") }
        return faults
    }

    /// What people and invoices see, by the programs themselves.
    func inspect() async throws -> [String] {
        let doctor: Outcome = try await world.edge(["doctor"], device: device)
        return try await (doctor.status == 0 ? [] : ["doctor: \(doctor.output)"]) + world.faultsInBooks(device: device)
    }
}

extension World {
    /// What `database verify` finds, and whether journal, hub and invoice count the same.
    func faultsInBooks(device: String = "edge") async throws -> [String] {
        var faults: [String] = []
        let verified: Outcome = try await operate("database", "verify")
        if verified.status != 0 { faults.append("database verify: \(verified.output)") }
        let counts = try await counts(device: device)
        if counts.edge != counts.hub || counts.hub != counts.invoice { faults.append("units by journal, hub and invoice: \(counts)") }
        return faults
    }
}

extension DecisionDraft {
    /// A stranger at the door, for one unit.
    static let unknown = DecisionDraft(
        api: .search, units: 1,
        record: DecisionRecord(
            outcome: .unknown, person: nil, score: 0.1, threshold: 0.5, falseMatchRate: 1e-5, model: "m", refusals: [], overdraft: false))
}
