import Crypto
import CurlTransfer
import EdgeSync
import EdgeUpdate
import Foundation
import HubClient
import HubDomain
import HubStorage
import ReleaseFiles
import ServiceSupport
import SwiftASN1
import TestKit
import WireModel
import X509

/// A hub on its real store, and devices that keep releases in real folders: they sync, receive, try, and roll back as devices do. What is
/// played is the program that is started: it works, or does not.
final class RolledOutFleet {
    let clock = ManualClock.startingNow()
    let hub: Hub
    let workshop: ReleaseWorkshop
    private(set) var devices: [RolledOutDevice] = []
    private let database: TestDatabase
    private let folder: String
    /// Of the devices that tried something, every so manieth fails.
    private(set) var tries: Int = 0

    init() async throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "vultus-fleet-\(UUID().uuidString)").path
        workshop = try ReleaseWorkshop()
        database = try TestDatabase()
        hub = try await Hub.open(directory: folder, database: database.location, mayMake: true, clock: clock, passwords: .quick)
        _ = try await hub.openTestAccount()
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func add(_ count: Int, trusting isTrusting: Bool = true) async throws {
        for _ in 0..<count {
            let key = P256.Signing.PrivateKey()
            let token: IssuedToken = try await hub.issueToken(account: "Acme", lifetime: .seconds(600), by: .test)
            let request = try CertificateSigningRequest(
                version: .v1, subject: try DistinguishedName { CommonName("test") }, privateKey: .init(key), attributes: .init(),
                signatureAlgorithm: .ecdsaWithSHA256)
            let answer: EnrolmentResponse = try await hub.enrol(
                EnrolmentRequest(
                    secret: JoinToken(token.token)!.secret, certificateSigningRequest: try request.serializeAsPEM().pemString, label: "test", agentVersion: "0")
            )
            let device = RolledOutDevice(
                hub: hub, clock: clock, key: key, id: answer.device, folder: UpdateFolder(folder + "/\(answer.device)", disk: QuickDisk()))
            try device.folder.prepare()
            if isTrusting { _ = try device.folder.trust(workshop.keyFile) }
            devices.append(device)
        }
    }

    func publish(_ version: String) async throws -> Release {
        let place: String = workshop.folder + "/" + version
        // The same again is the same release.
        if !FileManager.default.fileExists(atPath: place) { try workshop.make(.agent, version, created: clock.now().wall).write(to: place) }
        return try await hub.publishRelease(place, trusting: [workshop.key], by: .test)
    }

    /// Every device once: contact, and whatever that asks of it.
    /// - Parameter fails: told how many have tried something before; whether what is tried does not work there.
    func round(fails: (Int) -> Bool = { _ in false }) async throws {
        clock.advance(by: .seconds(30))
        for device in devices {
            try await device.contact()
            try await device.update { () -> Bool in
                defer { tries += 1 }
                return !fails(tries)
            }
        }
    }

    /// How many run what; `nil` is what was installed.
    var running: [ReleaseNumber?: Int] { devices.reduce(into: [:]) { $0[$1.folder.current(.agent), default: 0] += 1 } }
}

final class RolledOutDevice {
    let hub: Hub
    let clock: ManualClock
    let key: P256.Signing.PrivateKey
    let id: DeviceID
    let folder: UpdateFolder
    private(set) var refusal: ProblemCode?

    init(hub: Hub, clock: ManualClock, key: P256.Signing.PrivateKey, id: DeviceID, folder: UpdateFolder) {
        (self.hub, self.clock, self.key, self.id, self.folder) = (hub, clock, key, id, folder)
    }

    /// - Parameter telling: what is told of what the device knows; everything otherwise.
    func contact(telling: ([UpdateReport]) -> [UpdateReport] = { $0 }) async throws {
        let head = JournalHead(epoch: 1, seq: 0, hash: .genesis)
        let answer: SyncResponse = try await hub.receive(
            SyncRequest(
                agentVersion: "0", head: head, headSignature: Base64(try key.signature(for: head.signedBytes(device: id)).rawRepresentation), entries: [],
                leases: [], deviceTime: clock.now().wall, hubEpoch: 1,
                reported: ReportedState(configuration: "", isPaused: false, certificateEnds: nil, updates: telling(try folder.reports()))), from: id)
        try folder.want(answer.releases ?? [])
    }

    /// Brings what is wanted into its place.
    func receive() async throws {
        guard let wanted = try folder.wanted().first else { return }
        let download = ReleaseDownload(folder: folder, source: DirectReleases(hub: hub, device: id))
        while try await download.step(wanted, at: clock.now().wall) != .staged {}
    }

    /// - Parameter works: asked when something is tried.
    func update(_ works: () -> Bool) async throws {
        guard let wanted = try folder.wanted().first else { return }
        let outcome: KindRecord.Outcome? = try folder.record(.agent).outcome
        guard outcome?.rollout != wanted.rollout || outcome?.goesBack != wanted.goesBack else { return }
        if wanted.goesBack {
            try folder.mark(.agent, to: try folder.record(.agent).previous?.version, rollout: wanted.rollout, goesBack: true)
        } else {
            let download = ReleaseDownload(folder: folder, source: DirectReleases(hub: hub, device: id))
            do {
                while try await download.step(wanted, at: clock.now().wall) != .staged {}
            } catch let problem as Problem where [.releaseUntrusted, .releaseUnsuitable].contains(problem.code) {
                refusal = problem.code
                return try folder.refuse(.agent, rollout: wanted.rollout, problem.code.rawValue)
            }
            try folder.mark(.agent, to: wanted.version, rollout: wanted.rollout)
        }
        let isWorking: Bool = works()
        while let trial = try folder.next().trial {
            if isWorking { try folder.confirm(trial) } else { try folder.note(trial, "it ended with exit code 1") }
        }
    }
}

/// The hub's own answers, without a wire between.
struct DirectReleases: ReleaseSource {
    let hub: Hub
    let device: DeviceID

    func release(_ id: ReleaseID) async throws(HubClientError) -> SignedRelease {
        do { return try await hub.release(id, for: device) } catch { throw .declined(Problem(describing: error)) }
    }

    func part(of file: ReleaseFile, in release: ReleaseID, at offset: Int64, count: Int) async throws(HubClientError) -> [UInt8] {
        do { return try await hub.releasePart(of: file.sha256, in: release, at: offset, count: count, for: device).bytes } catch {
            throw .declined(Problem(describing: error))
        }
    }

    var traffic: TransferTraffic { get async { .none } }
}
