import EdgeStore
import HubClient
import HubDomain
import ServiceSupport
import WireModel

/// Books of its own: what devices were told they had recorded, what leases they were given, and what the hub was sent. It holds
/// production against them, and never asks production what is right.
final class SimulationOracle {
    /// A use that `record` returned for.
    struct Use {
        let machine: String
        let entry: JournalEntry
        /// True time.
        let at: Timestamp
    }

    /// A place in a device's journal.
    struct Place: Hashable {
        let device: DeviceID
        let epoch: Int64
        let seq: Int64
    }

    private let template: SimulationTemplate
    private var machines: [String: MachineBook] = [:]
    private(set) var uses: [Place: [Use]] = [:]
    /// What the hub took in, as its answers said.
    private(set) var taken: [Place: EntryHash] = [:]
    /// Taken in from a machine whose clock was never wrong until then.
    private(set) var dated: Set<Place> = []
    /// Devices whose two histories met at the hub.
    private(set) var forked: Set<DeviceID> = []
    private(set) var violations: [String] = []

    init(template: SimulationTemplate) { self.template = template }

    func blame(_ text: String) {
        if violations.count < 20 { violations.append(text) }
    }

    /// - Parameter original: whose disk it was copied from.
    func addMachine(_ name: String, device: DeviceID, copyOf original: String?) {
        machines[name] = original.flatMap { machines[$0] } ?? MachineBook(device: device)
        machines[name]?.name = name
    }

    func clockFaulted(_ name: String) { machines[name]?.isClockTrue = false }

    // MARK: On the device

    func recorded(_ entries: [JournalEntry], by name: String, at moment: Timestamp, reading: ClockReading) {
        guard var machine = machines[name] else { return }
        for entry in entries {
            if let fault = machine.spend(entry, reading: reading) { blame("\(name) entry \(entry.seq): \(fault)") }
            let place = Place(device: machine.device, epoch: entry.epoch, seq: entry.seq)
            uses[place, default: []].append(Use(machine: name, entry: entry, at: moment))
        }
        machine.raise(reading)
        machines[name] = machine
    }

    func refused(_ api: APIName, units: Int64, by name: String, reading: ClockReading) {
        guard let machine = machines[name] else { return }
        if machine.allows(api, units: units, reading: reading) { blame("\(name) was refused \(units) of \(api), which its lease allows") }
    }

    /// A clock that was set back gains nothing: the device's own time is never behind what it knew.
    func told(time: Timestamp, by name: String, reading: ClockReading) {
        guard let known = machines[name]?.time(reading), time < known else { return }
        blame("\(name) takes it to be \(time), and knew of \(known)")
    }

    // MARK: On the way

    func declined(_ error: HubClientError, by name: String) {
        guard let device = machines[name]?.device, !forked.contains(device) else { return }
        blame("\(name) was declined: \(error)")
    }

    func delivered(_ delivery: Delivery, by name: String, reading: ClockReading) {
        guard var machine = machines[name] else { return }
        guard case .success(let answer) = delivery.answer else { return }
        let device: DeviceID = machine.device
        let hasConflict: Bool = delivery.request.entries.contains { entry in
            if let known = taken[Place(device: device, epoch: entry.epoch, seq: entry.seq)] { return known != entry.hash }
            let before: EntryHash? = taken[Place(device: device, epoch: entry.epoch, seq: entry.seq - 1)]
            return before.map { $0 != entry.previous } ?? false
        }
        let isAlarmed: Bool = answer.answers.contains { $0.code == .journalFork }
        if hasConflict { forked.insert(device) }
        if hasConflict, !isAlarmed { blame("\(name): two histories met at the hub, and it did not say so") }
        if isAlarmed, !hasConflict { blame("\(name): the hub speaks of a fork where there is none") }
        for (entry, item) in zip(delivery.request.entries, answer.answers) {
            let place = Place(device: device, epoch: entry.epoch, seq: entry.seq)
            switch item.outcome {
            case .accepted:
                if taken[place] != nil { blame("I2: \(name) entry \(entry.seq) was accepted twice") }
                taken[place] = entry.hash
                if machine.isClockTrue { dated.insert(place) }
            case .duplicate:
                if taken[place] == nil { blame("I1: \(name) entry \(entry.seq) is a duplicate of nothing") }
            case .rejected:
                if let fault = rejectionFault(item, place) { blame("\(name) \(fault)") }
            }
        }
        if delivery.isHeard {
            machine.hear(answer, leaseKey: template.leaseKey, reading: reading)
            machines[name] = machine
        }
    }

    private func rejectionFault(_ item: EntryAnswer, _ place: Place) -> String? {
        if forked.contains(place.device) || item.code == .journalGap { return nil }
        return "I1: entry \(place.seq) was rejected: \(item.code.map { "\($0)" } ?? "no reason")"
    }

    func machine(_ name: String) -> MachineBook? { machines[name] }
}
