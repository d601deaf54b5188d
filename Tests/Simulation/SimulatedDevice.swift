import EdgeStore
import EdgeSync
import HubClient
import HubDomain
import ServiceSupport
import TestKit
import WireModel

/// One machine with a device's disk in it. A copied disk in another machine is a second one of the same device.
final class SimulatedDevice {
    let name: String
    let id: DeviceID
    let clock: ManualClock
    let link: SimulatedLink
    private(set) var folder: String
    private(set) var store: EdgeStore
    private var disks: Int = 0
    private let base: String

    init(name: String, id: DeviceID, folder: String, clock: ManualClock, link: SimulatedLink) throws {
        self.name = name
        self.id = id
        self.folder = folder
        self.clock = clock
        self.link = link
        base = folder
        store = try EdgeStore(directory: folder, clock: clock)
    }

    /// One whose disk stays where it is.
    init(name: String, id: DeviceID, store: EdgeStore, clock: ManualClock, hub: Hub) throws {
        self.name = name
        self.id = id
        self.store = store
        self.clock = clock
        (folder, base) = ("", "")
        link = SimulatedLink(device: id, hub: hub)
    }

    /// The process dies and the program starts anew on what it left on the disk.
    func crash() throws {
        let image: String = nextDisk()
        try DiskImage.copy(folder, to: image)
        try swap(to: image)
    }

    /// Another disk is put into the machine.
    func insert(_ image: String) throws {
        let disk: String = nextDisk()
        try DiskImage.copy(image, to: disk)
        try swap(to: disk)
    }

    /// An image of the disk, taken while the program runs.
    func image(to path: String) throws { try DiskImage.copy(folder, to: path) }

    func sync() async throws -> SyncReport { try await HubSync(store: store, link: link).run() }

    private func swap(to disk: String) throws {
        let old: String = folder
        folder = disk
        store = try EdgeStore(directory: disk, clock: clock)
        DiskImage.remove(old)
    }

    private func nextDisk() -> String {
        disks += 1
        return base + "-\(disks)"
    }
}
