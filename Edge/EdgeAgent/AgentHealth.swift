import EdgeStore
import EdgeSync
import FrameCapture
import ServiceSupport
import Synchronization
import WireModel

/// How this agent and its machine are, for the hub: as the journal keeps it, and as each sync may tell it.
package final class AgentHealth: Sendable {
    /// Each has a time of its own over which latencies and processor time are taken.
    package enum Reader: CaseIterable, Sendable { case journal, sync }

    private let store: EdgeStore
    private let latencies: DecisionLatencies?
    private let cameras: [Camera]
    private let model: String?
    private let machine: Machine
    private let processor: Mutex<[Reader: ProcessorTime]>

    /// - Parameters:
    ///   - latencies: of the recogniser that decides.
    ///   - model: that makes the templates.
    package init(
        store: EdgeStore, latencies: DecisionLatencies? = nil, cameras: [Camera] = [], model: String? = nil, machine: Machine = Machine()
    ) {
        self.store = store
        self.latencies = latencies
        self.cameras = cameras
        self.model = model
        self.machine = machine
        let now: ProcessorTime? = machine.processorTime
        processor = Mutex(now.map { now in Dictionary(uniqueKeysWithValues: Reader.allCases.map { ($0, now) }) } ?? [:])
    }

    package func decisions(for reader: Reader) -> DecisionLatency? { latencies?.take(reader) }

    package func vitals(for reader: Reader) -> DeviceVitals {
        var vitals = DeviceVitals()
        vitals.started = store.tally.started
        vitals.decided = store.tally.counts
        if !cameras.isEmpty { vitals.cameras = cameras.prefix(DeviceVitals.mostCameras).map { CameraVitals($0.condition) } }
        vitals.celsius = machine.celsius
        vitals.memoryShare = machine.memoryShare
        vitals.residentBytes = machine.residentBytes
        if let now = machine.processorTime {
            vitals.processorShare = processor.withLock { last in
                defer { last[reader] = now }
                return last[reader].flatMap { now.share(since: $0) }
            }
        }
        if let backlog = try? store.backlog() { (vitals.unsentEntries, vitals.lagMilliseconds) = (backlog.entries, backlog.age?.wholeMilliseconds ?? 0) }
        let leases: [LeaseState] = (try? store.leases()) ?? []
        vitals.leaseShare = leases.filter { $0.lease.units > 0 }.map { min(1, Double($0.remaining) / Double($0.lease.units)) }.min()
        vitals.leaseEnds = leases.map(\.lease.notAfter).min()
        vitals.model = model
        return vitals
    }

    /// What a sync tells now; `nil` where it cannot be read.
    func record() -> HealthRecord? {
        guard let end = (try? store.identity())?.certificateEnd, let states = try? store.deviceStates(certificateEnd: end).map(\.rawValue) else { return nil }
        return try? store.healthRecord(states: states, decisions: decisions(for: .sync), vitals: vitals(for: .sync))
    }
}

extension CameraVitals {
    init(_ condition: CameraCondition) {
        let isStreaming: Bool = condition.fault == nil && condition.path != nil
        self.init(
            name: condition.name, rate: isStreaming ? condition.rate ?? 0 : nil, lost: Int64(condition.counters.lost + condition.counters.damaged),
            problem: condition.fault.map { Problem($0).code.rawValue })
    }
}
