import Biometrics
import EdgeStore
import EdgeSync
import HubClient
import HubDomain
import ServiceSupport
import TestKit
import WireModel

/// A served hub whose galleries go to groups of devices.
final class FedHub: Sendable {
    let joinable: JoinableHub
    let clock: ManualClock
    let owner: GalleryOwner
    let gallery: Gallery
    static let group: String = "doors"
    static let term: Duration = .seconds(2 * 86_400)

    init() async throws {
        clock = ManualClock.startingNow()
        joinable = try await JoinableHub(clock: clock)
        let account: Account = try await joinable.hub.account("Acme")
        owner = GalleryOwner(account: account.id, application: try await joinable.hub.makeApplication("door", account: account.id, by: .test).id)
        gallery = try await joinable.hub.makeGallery("staff", of: owner, by: .test)
        _ = try await hub.makeDeviceGroup(Self.group, account: account.id.rawValue, by: .test)
        _ = try await hub.assign(gallery.id.rawValue, to: Self.group, term: Self.term, by: .test)
    }

    var hub: Hub { joinable.hub }

    /// Joined into a group, with a clock that goes as the hub's does.
    func device(_ name: String = "edge", group: String? = FedHub.group) async throws -> EdgeStore {
        let store = try EdgeStore(directory: joinable.folder + "/" + name, clock: clock)
        let token: String = try await hub.issueToken(account: "Acme", lifetime: .seconds(60), group: group, by: .test).token
        _ = try await DeviceEnrolment(store: store).join(hub: joinable.url, token: token, label: name)
        return store
    }

    func consent(onDevices: Bool, lasting: Duration = .seconds(30 * 86_400)) -> ConsentRecord {
        let now: Timestamp = clock.now().wall
        return ConsentRecord(reference: "paper 17", purpose: "entrance", given: now, expires: now.advanced(by: lasting), onDevices: onDevices)
    }

    @discardableResult
    func enrol(_ label: String, onDevices: Bool = true, in gallery: GalleryID? = nil, lasting: Duration = .seconds(30 * 86_400), face: Template? = nil)
        async throws -> PersonID
    {
        let quality = QualityResult(eyeDistance: 60, sharpness: 1, yaw: 0, pitch: 0, roll: 0, brightness: 120)
        let template: Template = try face ?? Template(model: .sface2021dec, normalizing: (0..<128).map { _ in Float.random(in: -1...1) })
        return try await hub.enrol(
            template, quality: quality, as: NewPerson(label: label, consent: consent(onDevices: onDevices, lasting: lasting)), in: gallery ?? self.gallery.id,
            of: owner, by: .test
        ).person
    }

    /// Subjects of the receipts in the audit chain, oldest first, with their grounds.
    func receipts() async throws -> [(subject: String, ground: String)] {
        try await hub.auditEntries(limit: 1_000).filter { $0.action == "person.erased_on_device" }.sorted { $0.seq < $1.seq }.map { entry in
            (entry.subject, try JSON.value([String: String].self, from: entry.detail)["ground"] ?? "")
        }
    }
}

/// A link in this process to a hub that gives little at a time; every other answer is lost on its way.
actor LossyLink: HubLink {
    private let hub: Hub
    private let device: DeviceID
    private let isLossy: Bool
    private(set) var exchanges: Int = 0

    init(_ hub: Hub, room: FeedRoom, device: DeviceID, isLossy: Bool = true) {
        var hub: Hub = hub
        hub.feedRoom = room
        self.hub = hub
        self.device = device
        self.isLossy = isLossy
    }

    func sync(_ request: SyncRequest) async throws(HubClientError) -> SyncResponse {
        exchanges += 1
        let answer: SyncResponse
        do { answer = try await hub.receive(request, from: device) } catch { throw .declined(Problem(describing: error)) }
        if isLossy, exchanges.isMultiple(of: 2) { throw .timedOut(hub: "lossy") }
        return answer
    }
}
