import Biometrics
import HubDomain
import HubStorage
import ServiceSupport
import TestKit
import WireModel

/// A hub with an account, an application and a gallery, and faces that no camera ever saw.
final class GalleryFixture {
    let database: TestDatabase
    let hub: Hub
    let clock = ManualClock()
    let account: Account
    let owner: GalleryOwner
    let gallery: Gallery

    /// - Parameter wrap: what the hub has in place of its database.
    init(through wrap: (any HubDatabase) -> any HubDatabase = { $0 }) async throws {
        database = try TestDatabase()
        hub = try await Hub.open(
            directory: database.folderForKeys, on: wrap(try await database.location.open()), clock: clock, passwords: .quick)
        account = try await hub.openTestAccount()
        owner = try await Self.owner(account, hub)
        gallery = try await hub.makeGallery("staff", of: owner, by: .test)
    }

    /// An application of its own.
    static func owner(_ account: Account, _ hub: Hub) async throws -> GalleryOwner {
        GalleryOwner(account: account.id, application: try await hub.makeApplication("door", account: account.id, by: .test).id)
    }

    /// A second hub on the same database.
    func neighbour() async throws -> Hub {
        try await Hub.open(directory: database.folderForKeys, database: database.location, mayMake: false, clock: clock, passwords: .quick)
    }

    func consent(days: Int64 = 30, onDevices: Bool = false) -> ConsentRecord {
        let now: Timestamp = clock.now().wall
        return ConsentRecord(
            reference: "paper 17", purpose: "entrance", given: now, expires: now.advanced(by: .seconds(days * 86_400)), onDevices: onDevices)
    }

    func draft(_ label: String, days: Int64 = 30, onDevices: Bool = false) -> NewPerson {
        NewPerson(label: label, consent: consent(days: days, onDevices: onDevices))
    }

    /// A face of nobody: two of them are as unlike as random directions in 128 dimensions are.
    static func face() throws -> Template { try Template(model: .sface2021dec, normalizing: (0..<128).map { _ in Float.random(in: -1...1) }) }

    static let quality = QualityResult(eyeDistance: 60, sharpness: 1, yaw: 0, pitch: 0, roll: 0, brightness: 120)

    @discardableResult
    func enrol(_ face: Template, _ label: String, days: Int64 = 30, onDevices: Bool = false) async throws -> Enrolment {
        try await hub.enrol(face, quality: Self.quality, as: draft(label, days: days, onDevices: onDevices), in: gallery.id, of: owner, by: .test)
    }

    /// A group with the gallery, and a device in it.
    func terminal(group: String = "doors", term: Duration = .seconds(7 * 86_400)) async throws -> FedDevice {
        if try await !hub.deviceGroups().contains(where: { $0.name == group }) {
            _ = try await hub.makeDeviceGroup(group, account: account.id.rawValue, by: .test)
            _ = try await hub.assign(gallery.id.rawValue, to: group, term: term, by: .test)
        }
        return try await FedDevice(hub: hub, clock: clock, account: account.id.rawValue, group: group)
    }

    /// Whom the hub takes a face for, at the gallery's threshold.
    func recognise(_ face: Template, on hub: Hub? = nil) async throws -> PersonID? {
        let best: GalleryCandidate? = try await (hub ?? self.hub).search([face], limit: 1, of: .sface2021dec, in: gallery.id, of: owner).candidates[0].first
        return best.flatMap { $0.score.rawValue >= 0.9 ? $0.person : nil }
    }
}
