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

    /// What the hub knows, as its answers said: a restore puts it back.
    struct HubBook {
        var taken: [Place: EntryHash] = [:]
        /// Taken in from a machine whose clock was never wrong until then.
        var dated: Set<Place> = []
        /// Devices whose two histories met, and nobody has looked since.
        var barred: Set<DeviceID> = []
        /// Of a journal, the last entry that any answer spoke of.
        var held: [Place: Int64] = [:]
        /// When an operator last let a device go on.
        var looked: [DeviceID: Timestamp] = [:]
        /// Journals that an operator ended.
        var ordered: Set<Place> = []
    }

    private let template: SimulationTemplate
    private var machines: [String: MachineBook] = [:]
    private(set) var uses: [Place: [Use]] = [:]
    private(set) var book = HubBook()
    /// Devices of which there was more than one disk at some time, and how many.
    private(set) var copies: [DeviceID: Int64] = [:]
    /// Devices that were found out.
    private(set) var forked: Set<DeviceID> = []
    private(set) var violations: [String] = []
    /// The highest total that any lease allowed that a device heard of.
    private(set) var granted: [MachineBook.Key: Int64] = [:]

    init(template: SimulationTemplate) { self.template = template }

    func blame(_ text: String) {
        if violations.count < 20 { violations.append(text) }
    }

    /// - Parameter original: whose disk it was copied from.
    func addMachine(_ name: String, device: DeviceID, copyOf original: String?) {
        machines[name] = original.flatMap { machines[$0] } ?? MachineBook(device: device)
        if original != nil { copies[device, default: 1] += 1 }
    }

    /// The machine has an older disk in it.
    func rolledBack(_ name: String, to old: MachineBook) {
        copies[old.device, default: 1] += 1
        var old: MachineBook = old
        old.isClockTrue = old.isClockTrue && machines[name]?.isClockTrue ?? false
        machines[name] = old
    }

    func restored(to old: HubBook) { book = old }

    func resolved(_ device: DeviceID, endedEpoch: Int64?, at time: Timestamp) {
        book.barred.remove(device)
        book.looked[device] = time
        if let endedEpoch { book.ordered.insert(Place(device: device, epoch: endedEpoch, seq: 0)) }
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

    func refused(_ api: APIName, units: Int64, by name: String, at time: Timestamp) {
        // What bars a copy is the device's and the hub's to find out.
        guard let machine = machines[name], copies[machine.device] == nil else { return }
        if machine.allows(api, units: units, at: time) { blame("\(name) was refused \(units) of \(api), which its lease allows") }
    }

    func halted(_ state: ConditionState, by name: String) {
        guard let device = machines[name]?.device, copies[device] == nil else { return }
        blame("\(name), which nobody copied, is \(state.condition.rawValue): \(state.detail)")
    }

    func gaveBack(_ api: APIName, by name: String) { machines[name]?.giveBack(api) }

    /// A clock that was set back gains nothing: the device's own time is never behind what it knew.
    func told(time: Timestamp, by name: String, reading: ClockReading) {
        guard let known = machines[name]?.time(reading), time < known else { return }
        blame("\(name) takes it to be \(time), and knew of \(known)")
    }

    // MARK: On the way

    func declined(_ error: HubClientError, by name: String) {
        guard let device = machines[name]?.device, copies[device] == nil else { return }
        blame("\(name) was declined: \(error)")
    }

    func delivered(_ delivery: Delivery, by name: String, reading: ClockReading) {
        guard var machine = machines[name] else { return }
        guard case .success(let answer) = delivery.answer else { return }
        let device: DeviceID = machine.device
        // What was not looked at, because it came too late or from a clock that was set, is as if it had not come.
        if answer.isClockUnconfirmed != true { checkFork(delivery.request, answer, of: device, by: name) }
        for (entry, item) in zip(delivery.request.entries, answer.answers) {
            let place = Place(device: device, epoch: entry.epoch, seq: entry.seq)
            switch item.outcome {
            case .accepted:
                if book.taken[place] != nil { blame("I2: \(name) entry \(entry.seq) was accepted twice") }
                book.taken[place] = entry.hash
                if machine.isClockTrue { book.dated.insert(place) }
            case .duplicate:
                if book.taken[place] == nil { blame("I1: \(name) entry \(entry.seq) is a duplicate of nothing") }
            case .rejected:
                if let fault = rejectionFault(item, place) { blame("\(name) \(fault)") }
            }
        }
        if delivery.isHeard {
            for lease in answer.leases.compactMap({ $0.open(with: template.leaseKey) }) {
                let key = MachineBook.Key(device: device, epoch: lease.journalEpoch, api: lease.api)
                granted[key] = max(granted[key, default: 0], lease.ceiling)
            }
            machine.hear(answer, leaseKey: template.leaseKey, reading: reading)
            machines[name] = machine
        }
    }

    /// A fork is found at the first conflicting sync, and never where there is none.
    private func checkFork(_ request: SyncRequest, _ answer: SyncResponse, of device: DeviceID, by name: String) {
        let conflicts: [Int64] = request.entries.filter { entry in
            if let known = book.taken[Place(device: device, epoch: entry.epoch, seq: entry.seq)] { return known != entry.hash }
            let before: EntryHash? = book.taken[Place(device: device, epoch: entry.epoch, seq: entry.seq - 1)]
            return before.map { $0 != entry.previous } ?? false
        }.map(\.epoch)
        let headHash: EntryHash? = book.taken[Place(device: device, epoch: request.head.epoch, seq: request.head.seq)]
        let isHeadStrange: Bool = request.entries.isEmpty && headHash.map { $0 != request.head.hash } ?? false
        let hasLooked: Bool = book.ordered.contains(Place(device: device, epoch: request.head.epoch, seq: 0))
        let journal = Place(device: device, epoch: answer.journalEpoch, seq: 0)
        book.held[journal] = max(book.held[journal, default: 0], answer.acknowledgedThrough)
        let hasConflict: Bool = (!conflicts.isEmpty || isHeadStrange) && !hasLooked
        if hasConflict || isRolledBack(request, of: journal) {
            if copies[device] == nil { blame("\(name) contradicts itself, and nobody copied it") }
            forked.insert(device)
            book.barred.insert(device)
        }
        let isBarred: Bool = book.barred.contains(device)
        if isBarred, answer.quarantine == nil { blame("\(name): two histories met at the hub, and it did not say so") }
        if !isBarred, answer.quarantine != nil { blame("\(name): the hub bars a device for nothing") }
        if isBarred, !answer.leases.isEmpty { blame("\(name): a barred device was given a lease") }
    }

    /// An old image says itself that it is one, of the journal that goes on; what it heard before an operator looked is no news.
    private func isRolledBack(_ request: SyncRequest, of journal: Place) -> Bool {
        guard let report = request.rollBack, report.epoch == journal.epoch, report.seq == request.head.seq else { return false }
        return report.seq < book.held[journal, default: 0] && book.looked[journal.device].map { report.heard > $0 } ?? true
    }

    private func rejectionFault(_ item: EntryAnswer, _ place: Place) -> String? {
        if copies[place.device] != nil || item.code == .journalGap { return nil }
        return "I1: entry \(place.seq) was rejected: \(item.code.map { "\($0)" } ?? "no reason")"
    }

    func machine(_ name: String) -> MachineBook? { machines[name] }
}
