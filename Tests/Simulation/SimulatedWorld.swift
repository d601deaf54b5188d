import EdgeStore
import EdgeSync
import Foundation
import HubClient
import HubDomain
import HubStorage
import ServiceSupport
import TestKit
import WireModel

/// A hub and its devices, real ones on real SQLite, whose clocks, network and disks are this object's to play with; and the oracle
/// that watches. Used by one task.
package final class SimulatedWorld {
    let template: SimulationTemplate
    /// Images of disks, with what the oracle knew of the machine then.
    var images: [(device: DeviceID, path: String, book: MachineBook)] = []
    var backups: [(path: String, at: Timestamp, book: SimulationOracle.HubBook)] = []
    let oracle: SimulationOracle
    let hubClock = ManualClock(wall: SimulationTemplate.start)
    let folder: SimulationFolder
    let planted: PlantedFault?
    private(set) var hub: Hub
    var hubFolder: String
    private(set) var devices: [SimulatedDevice] = []
    private(set) var trace: [String] = []
    var tally = SimulationTally()
    private let isTalking: Bool
    var disks: Int = 0

    /// - Parameter isTalking: prints each step.
    package init(_ template: SimulationTemplate, devices count: Int, planted: PlantedFault? = nil, isTalking: Bool = false) async throws {
        self.template = template
        self.planted = planted
        self.isTalking = isTalking
        folder = try SimulationFolder()
        hubFolder = folder.path + "/hub"
        try DiskImage.copy(template.hubFolder, to: hubFolder)
        hub = try await Self.open(hubFolder, clock: hubClock, planted: planted)
        oracle = SimulationOracle(template: template)
        for index in 0..<count {
            let disk: String = folder.path + "/d\(index)"
            try DiskImage.copy(template.deviceFolder(index), to: disk)
            try addDevice(name: "d\(index)", id: template.devices[index], disk: disk, clock: ManualClock(wall: SimulationTemplate.start))
            guard !template.contacts.isEmpty else { continue }
            let contact: (deliveries: [Delivery], reading: ClockReading) = template.contacts[index]
            for delivery in contact.deliveries {
                devices[index].link.remember(delivery)
                oracle.delivered(delivery, by: devices[index].name, reading: contact.reading)
            }
        }
    }

    private static func open(_ folder: String, clock: ManualClock, planted: PlantedFault?) async throws -> Hub {
        try await planted?.prepareHub(folder + "/hub.sqlite")
        let database: any HubDatabase = try await DatabaseLocation.sqlite(path: folder + "/hub.sqlite").open()
        return try await Hub.open(directory: folder, on: planted?.wrap(database) ?? database, clock: clock, passwords: .quick)
    }

    func addDevice(name: String, id: DeviceID, disk: String, clock: ManualClock, copyOf original: SimulatedDevice? = nil) throws {
        try planted?.prepareDevice(disk + "/edge.sqlite")
        let link = SimulatedLink(device: id, hub: hub)
        if let planted { link.plant(planted) }
        devices.append(try SimulatedDevice(name: name, id: id, folder: disk, clock: clock, link: link))
        oracle.addMachine(name, device: id, copyOf: original?.name)
    }

    func note(_ text: String) {
        let line: String = "\(hubClock.now().wall) \(text)"
        trace.append(line)
        if isTalking { print(line) }
    }

    package func close() async { await hub.close() }

    // MARK: Time

    /// Time passes everywhere.
    func pass(_ duration: Duration) {
        hubClock.advance(by: duration)
        for device in devices { device.clock.advance(by: duration) }
    }

    // MARK: Use

    /// One picture with so many faces, each of `units`.
    func use(_ device: SimulatedDevice, api: APIName, units: [Int64]) throws {
        let time: Timestamp = try device.store.trustedTime()
        oracle.told(time: time, by: device.name, reading: device.clock.now())
        let drafts: [DecisionDraft] = units.map { DecisionDraft(api: api, units: $0, record: .simulated) }
        do throws(EdgeStoreError) {
            let entries: [JournalEntry] = try device.store.record(drafts)
            note("\(device.name) uses \(api) \(units): entries \(entries.first?.seq ?? 0)…\(entries.last?.seq ?? 0)")
            oracle.recorded(entries, by: device.name, at: hubClock.now().wall, reading: device.clock.now())
        } catch {
            switch error {
            case .refused(let ground):
                note("\(device.name) uses \(api) \(units): refused, \(ground)")
                oracle.refused(api, units: units.reduce(0, +), by: device.name, at: time)
            case .halted(let state):
                note("\(device.name) uses \(api) \(units): halted, \(state.condition.rawValue)")
                oracle.halted(state, by: device.name)
            default: throw error
            }
        }
    }

    func giveBack(_ device: SimulatedDevice, _ api: APIName) throws {
        guard let units = try device.store.returnLease(of: api) else { return }
        note("\(device.name) gives back \(units) units of \(api)")
        oracle.gaveBack(api, by: device.name)
    }

    func housekeep(_ device: SimulatedDevice) throws {
        let report: HousekeepingReport = try device.store.housekeep()
        note("\(device.name) keeps house: \(report.forgotten) forgotten, \(report.dropped) dropped")
    }

    // MARK: Network

    func sync(_ device: SimulatedDevice, faults: [NetworkFault?] = []) async throws {
        device.link.plan(faults)
        var outcome: String
        do {
            let report = try await device.sync()
            outcome = "sent \(report.sent), acknowledged through \(report.acknowledgedThrough) of \(report.head)"
        } catch let error as HubClientError {
            outcome = "\(error)"
            if !error.isTransient { oracle.declined(error, by: device.name) }
        }
        device.link.plan([])
        note("\(device.name) syncs\(faults.isEmpty ? "" : " over \(faults.map { $0.map { "\($0)" } ?? "ok" })"): \(outcome)")
        await settle(device)
    }

    /// What is still on the way arrives, in any order; what arrived may arrive once more.
    func arriveLate(_ device: SimulatedDevice, using random: inout SeededGenerator) async {
        for request in device.link.takeParked().shuffled(using: &random) {
            note("\(device.name)'s request through \(request.head.seq) arrives late")
            await device.link.deliver(request, to: hub, isHeard: false)
        }
        let known: [SyncRequest] = device.link.known
        if !known.isEmpty {
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let request: SyncRequest = known.randomElement(using: &random)!
                note("\(device.name)'s request through \(request.head.seq) arrives again")
                await device.link.deliver(request, to: hub, isHeard: false)
            }
        }
        await settle(device)
    }

    func settle(_ device: SimulatedDevice) async {
        for delivery in device.link.takeDeliveries() { oracle.delivered(delivery, by: device.name, reading: device.clock.now()) }
        await checkQuota()
    }

    /// I5, at every step.
    func checkQuota() async {
        do {
            for quota in try await hub.quotas(account: template.account.rawValue) where quota.settled + quota.reserved > quota.units {
                oracle.blame("I5: \(quota.api): \(quota.settled) settled and \(quota.reserved) reserved, of \(quota.units)")
            }
        } catch { oracle.blame("the hub's quotas cannot be read: \(error)") }
    }

    // MARK: Disks

    func crash(_ device: SimulatedDevice) throws {
        note("\(device.name) crashes")
        try device.crash()
    }

    /// - Parameter wall: what the clock says after the start; `nil` when it went on.
    func reboot(_ device: SimulatedDevice, wall: Timestamp? = nil) throws {
        note("\(device.name) starts anew\(wall.map { ", its clock at \($0)" } ?? "")")
        device.clock.restart()
        if let wall { shift(device, by: wall.since(device.clock.now().wall)) }
        try device.crash()
    }

    func shift(_ device: SimulatedDevice, by offset: Duration) {
        device.clock.shift(wall: offset)
        tally.clockFaults += 1
        oracle.clockFaulted(device.name)
    }

    func crashHub() async throws {
        note("the hub crashes")
        disks += 1
        let image: String = folder.path + "/hub-\(disks)"
        try DiskImage.copy(hubFolder, to: image)
        await hub.close()
        try await startHub(on: image)
    }

    /// After the one before was closed.
    func startHub(on image: String) async throws {
        DiskImage.remove(hubFolder)
        hubFolder = image
        hub = try await Self.open(image, clock: hubClock, planted: planted)
        for device in devices { device.link.setHub(hub) }
    }
}

extension DecisionRecord {
    static let simulated = DecisionRecord(
        outcome: .unknown, person: nil, score: 0.25, threshold: 0.5, falseMatchRate: 1e-5, model: "simulated", refusals: [], overdraft: false)
}
