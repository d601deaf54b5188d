import EdgeStore
import EdgeSync
import Foundation
import HubClient
import TestKit
import Testing
import WireModel

/// `vultus-hub serve`, killed or refused by the disk at a system call of its own while a device pushes a batch, started again and held against books
/// kept here.
final class KilledHubJournal {
    let world: World
    let control: FaultControl
    private var random: SeededGenerator
    private let store: EdgeStore
    /// Calls of one undisturbed batch, and of one start.
    private(set) var calls: (sync: Int, start: Int) = (0, 0)
    private let counting: CallClasses
    private var points: (sync: Int, start: Int) = (0, 0)
    private(set) var met: Int = 0
    private(set) var sites: Set<String> = []
    /// What the hub said when its disk refused it, with how often.
    private(set) var complaints: [String: Int] = [:]

    // The books.
    private var recorded: Int64 = 0
    /// The highest place of the journal that an answer of the hub acknowledged.
    private var acknowledged: Int64 = 0

    init(seed: UInt64, counting: CallClasses = .all) async throws {
        self.counting = counting
        random = SeededGenerator(seed: seed)
        world = try World(.sqlite)
        control = try FaultControl(data: world.hubFolder, folder: FileManager.default.temporaryDirectory.path)
        try await world.open(quota: 10_000_000)
        try await world.join()
        store = try EdgeStore(directory: world.folder + "/edge")
        await world.stopHub()
        control.arm(nil, counting: counting, noting: true)
        try await start()
        calls.start = control.count
        _ = try await push()
        control.arm(nil, counting: counting, noting: true)
        _ = try await push()
        calls.sync = control.count
        sites = Set(try control.takeSites().map { "\($0.kind) \($0.file) \($0.site)" })
        points = (Int.random(in: 0..<calls.sync, using: &random), Int.random(in: 0..<calls.start, using: &random))
    }

    var summary: String { "a start \(calls.start), a batch \(calls.sync)" }

    /// Without models: they take longest to load, and no journal needs them.
    private func start() async throws { try await world.startHub(environment: control.environment.merging(["VULTUS_MODELS": "/nonexistent"]) { $1 }) }

    /// A few decisions, and the production sync loop over real TLS.
    private func push() async throws -> SyncReport {
        recorded += Int64(try store.record((0..<Int.random(in: 1...20, using: &random)).map { _ in .unknown }).count)
        // Each with a connection of its own: a kept one would be found dead before anything is sent.
        let report: SyncReport = try await HubSync(store: store, timeout: .seconds(20)).run()
        acknowledged = max(acknowledged, report.acknowledgedThrough)
        return report
    }

    /// The kill whose turn it is: one of eight comes while the hub starts, the others while it takes in a batch.
    func strike(_ number: Int) async throws -> [String] {
        let atStart: Bool = number % 8 == 7
        let (turn, count): (Int, Int) = atStart ? (points.start, calls.start) : (points.sync, calls.sync)
        if atStart { points.start += 1 } else { points.sync += 1 }
        return try await strike(Fault(at: turn % count + 1, action: Fault.kills[(turn / count + turn) % 3]), atStart: atStart)
    }

    /// One fault, a look at what it left, a restart where one is needed, and the reckoning.
    func strike(_ fault: Fault, atStart: Bool) async throws -> [String] {
        var faults: [String] = []
        if atStart {
            await world.stopHub()
            control.arm(fault, counting: counting)
            do { try await start() } catch let failure as HubDidNotStart { if fault.action == .fail { faults += judge(failure) } }
        } else {
            control.arm(fault, counting: counting)
            do { _ = try await push() } catch let error as HubClientError { if fault.action == .fail { faults += judge(error) } }
        }
        acknowledged = max(acknowledged, try store.syncState().acknowledgedThrough)
        // Before anybody looks: a job of the hub's own may meet the fault at any time.
        let fired: Bool = control.disarm() > 0
        if fired { met += 1 }
        if fired, fault.action != .fail { await world.killHub() }  // waits for its end
        faults += try look()
        // A hub whose disk refused it goes on by itself once the disk does.
        if world.hub == nil { try await start() }
        _ = try await push()
        let books: HubBooks = try books()
        faults += try books.faults(against: store)
        if books.billed != recorded { faults.append("the hub billed \(books.billed) units, \(recorded) were used") }
        return faults.map { "\(atStart ? "start" : "batch") at call \(fault): \($0)" }
    }

    private func judge(_ failure: HubDidNotStart) -> [String] {
        let last: Substring = failure.log.split(separator: "\n").last ?? ""
        let problem = try? JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any]
        guard let name = problem?["code"] as? String, let code = ProblemCode(rawValue: name) else {
            return ["it did not start and said nothing that can be read: \(failure.status) \(last)"]
        }
        complaints["start \(name)", default: 0] += 1
        return code.exitCode != failure.status || code == .internalFault ? ["it did not start, said \(last) and ended with \(failure.status)"] : []
    }

    private func judge(_ error: HubClientError) -> [String] {
        let problem: Problem
        switch error {
        case .declined(let said), .askedToWait(let said, _): problem = said
        default: return ["the hub gave no answer: \(error)"]
        }
        complaints[problem.code.rawValue, default: 0] += 1
        return problem.code == .internalFault ? ["the hub did not know what happened: \(problem)"] : []
    }

    private func books() throws -> HubBooks { try HubBooks(path: world.hubFolder + "/hub.sqlite", device: try store.identity().device) }

    private func look() throws -> [String] {
        let books: HubBooks = try books()
        var faults: [String] = books.faults
        if books.last < acknowledged { faults.append("\(acknowledged) entries were acknowledged, the hub has \(books.last)") }
        if books.billed > recorded { faults.append("\(books.billed) units billed of \(recorded)") }
        return faults
    }

    func inspect() async throws -> [String] {
        try await store.faultsWithin() + world.faultsInBooks()
    }
}
