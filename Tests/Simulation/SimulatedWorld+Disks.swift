import HubDomain
import ServiceSupport
import TestKit
import WireModel

/// Disks that are copied and put back, of devices and of the hub.
extension SimulatedWorld {
    private func newPath(_ name: String) -> String {
        disks += 1
        return folder.path + "/\(name)-\(disks)"
    }

    /// A second machine with the same disk.
    func clone(_ device: SimulatedDevice) throws {
        let name: String = "\(device.name)'\(devices.count)"
        note("\(device.name) is copied to \(name)")
        tally.copies += 1
        let disk: String = newPath("clone")
        try device.image(to: disk)
        let clock = ManualClock(device.clock.now())
        clock.restart()
        try addDevice(name: name, id: device.id, disk: disk, clock: clock, copyOf: device)
    }

    func takeImage(of device: SimulatedDevice) throws {
        guard let book = oracle.machine(device.name) else { return }
        note("\(device.name)'s disk is imaged")
        let path: String = newPath("image")
        try device.image(to: path)
        images.append((device.id, path, book))
    }

    /// An image of its disk is put back.
    func rollBack(_ device: SimulatedDevice, using random: inout SeededGenerator) throws {
        guard let image = images.filter({ $0.device == device.id }).randomElement(using: &random) else { return }
        note("\(device.name) is rolled back to an image")
        tally.copies += 1
        try device.insert(image.path)
        device.clock.restart()
        oracle.rolledBack(device.name, to: image.book)
    }

    func backUpHub() async throws {
        let path: String = newPath("backup")
        _ = try await hub.backUp(to: path, by: .test)
        note("the hub is backed up")
        backups.append((path, hubClock.now().wall, oracle.book))
    }

    /// The hub's disk is lost, and the newest backup of that age takes its place.
    func restoreHub(age: Duration) async throws {
        let moment: Timestamp = hubClock.now().wall.advanced(by: .zero - age)
        guard let backup = backups.last(where: { $0.at <= moment }) else { return }
        tally.restores += 1
        note("the hub is restored from the backup of \(backup.at)")
        backups.removeAll { $0.at > backup.at }
        let directory: String = newPath("hub")
        await hub.close()
        try DiskImage.copy(hubFolder + "/keys", to: directory + "/keys")
        try DiskImage.copyFile("audit-anchors", from: hubFolder, to: directory)
        _ = try await Hub.restore(from: backup.path, directory: directory, database: nil, by: .test, clock: hubClock)
        try await startHub(on: directory)
        oracle.restored(to: backup.book)
    }

    /// An operator looks at what is barred.
    func resolveForks(using random: inout SeededGenerator) async throws {
        for fork in try await hub.forks() {
            let resolution: ForkResolution = Bool.random(using: &random) ? .newEpoch : .keep
            note("the operator resolves the fork of \(fork.label): \(resolution.rawValue)")
            _ = try await hub.resolveFork(fork.device, resolution, reason: "simulated", by: .test)
            oracle.resolved(fork.device, endedEpoch: resolution == .newEpoch ? fork.journalEpoch : nil, at: hubClock.now().wall)
        }
    }

    /// The account may use more, or less, of an API.
    func changeQuota(_ api: APIName, to units: Int64) async throws {
        do {
            _ = try await hub.setQuota(account: template.account.rawValue, api: api, units: units, by: .test)
            note("the quota of \(api) is \(units) units")
        } catch let problem as Problem where problem.code == .conflict {
            note("the quota of \(api) cannot be \(units) units")
        }
        await checkQuota()
    }

    func settleLeases() async throws {
        note("leases are settled: \(try await hub.settleLeases())")
        await checkQuota()
    }
}
