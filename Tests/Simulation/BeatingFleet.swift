import Crypto
import EdgeStore
import EdgeSync
import Foundation
import HubDomain
import NIOCore
import NIOPosix
import NIOSSL
import ServiceSupport
import SwiftASN1
import TestKit
import WireModel
import X509

/// Devices that have joined, hold their leases, and have nothing to say but that they are there: what a hub hears most of the time.
package struct BeatingFleet: Sendable, Codable {
    package struct Device: Sendable, Codable {
        package let id: DeviceID
        package let certificatePEM: String
        package let keyPEM: String
        /// What it sends from now on, but for the time.
        package let request: SyncRequest
    }

    package let authorityPEM: String
    package let devices: [Device]
    /// In the place of the time of a request.
    private static let noTime = Timestamp(milliseconds: 1_111_111_111_111)

    /// As an agent with one camera has it.
    private static let health: HealthRecord = {
        var vitals = DeviceVitals()
        (vitals.started, vitals.decided) = (noTime.advanced(by: .seconds(-86_400)), DecisionCounts(matched: 812, unknown: 93, undecided: 7))
        vitals.cameras = [CameraVitals(name: "auto", rate: 14.9, lost: 3, problem: nil)]
        (vitals.celsius, vitals.processorShare, vitals.memoryShare, vitals.residentBytes) = (51.5, 0.21, 0.43, 96_000_000)
        (vitals.unsentEntries, vitals.lagMilliseconds, vitals.leaseShare) = (0, 0, 0.62)
        return HealthRecord(states: ["fresh"], freeBytes: 20_000_000_000, storeBytes: 4_000_000, clockSetBackMilliseconds: 0, vitals: vitals)
    }()

    /// Writes `hub` and `fleet.json` under `folder`.
    /// - Parameter heartbeat: what the hub's operator has set between two contacts.
    package static func make(in folder: String, devices count: Int, heartbeat: Duration, progress: (Int) -> Void) async throws {
        let memory = try SimulationFolder()
        let hub: Hub = try await Hub.open(directory: memory.path + "/hub", mayMake: true, clock: SystemClock(), passwords: .quick)
        let account: AccountID = try await hub.openTestAccount("Acme").id
        let terms = SimulationTerms(leaseUnits: 100, leaseTerm: .seconds(86_400 * 7), quota: Int64(count) * 1_000)
        for api in APIName.onDevice {
            _ = try await hub.setPrice(
                api: api, unitPrice: Money(millionths: 1_000, currency: SimulationTerms.currency), effective: SystemClock().now().wall, lease: terms.leaseTerms,
                by: .test)
            _ = try await hub.setQuota(account: "Acme", api: api, units: terms.quota, by: .test)
        }
        _ = try await hub.setCredit(Money(millionths: 1_000_000_000_000_000, currency: SimulationTerms.currency), account: "Acme", by: .test)
        try await hub.set(.deviceContactSeconds, to: "\(Int(heartbeat / .seconds(1)))", by: .test)
        var devices: [Device] = []
        for number in 1...count {
            devices.append(try await device(hub, account, name: "terminal \(number)"))
            if number % 500 == 0 { progress(number) }
        }
        let fleet = BeatingFleet(authorityPEM: hub.keys.authorityPEM, devices: devices)
        await hub.close()
        try DiskImage.copy(memory.path + "/hub", to: folder + "/hub")
        try Data(try JSON.bytes(fleet)).write(to: URL(filePath: folder + "/fleet.json"))
    }

    package static func load(from folder: String) throws -> BeatingFleet {
        try JSON.value(BeatingFleet.self, from: [UInt8](try Data(contentsOf: URL(filePath: folder + "/fleet.json"))))
    }

    /// Joins, and speaks to the hub until it has all that it gets.
    private static func device(_ hub: Hub, _ account: AccountID, name: String) async throws -> Device {
        let key = P256.Signing.PrivateKey()
        let token: IssuedToken = try await hub.issueToken(account: account.rawValue, lifetime: .seconds(60), by: .test)
        let answer: EnrolmentResponse = try await hub.enrol(
            EnrolmentRequest(
                secret: JoinToken(token.token)!.secret, certificateSigningRequest: try SigningRequest.pem(for: key), label: name,
                agentVersion: ReleaseVersion.current))
        let head = JournalHead(epoch: 1, seq: 0, hash: .genesis)
        let signature = Base64(try key.signature(for: head.signedBytes(device: answer.device)).rawRepresentation)
        let end: Date? = (try? Certificate(pemEncoded: answer.certificate))?.notValidAfter
        func request(leases: [HeldLease], cursor: String?, epoch: Int64, time: Timestamp) throws -> SyncRequest {
            SyncRequest(
                agentVersion: ReleaseVersion.current, head: head, headSignature: signature, entries: [], leases: leases, deviceTime: time,
                clockSkewMilliseconds: 0, hubEpoch: epoch, feed: FeedState(cursor: cursor, digests: [:]),
                reported: ReportedState(
                    configuration: try JSON.mark(DeviceConfiguration.standard), isPaused: false,
                    certificateEnds: end.map { Timestamp(milliseconds: Int64($0.timeIntervalSince1970 * 1_000)) }),
                health: Self.health)
        }
        let now: Timestamp = SystemClock().now().wall
        let first: SyncResponse = try await hub.receive(
            try request(leases: APIName.onDevice.map { HeldLease(api: $0, number: 0) }, cursor: nil, epoch: 1, time: now), from: answer.device)
        let leases: [HeldLease] = first.leases.compactMap { $0.open(with: hub.keys.leaseKey.publicKey) }.map { HeldLease(api: $0.api, number: $0.number) }
        return Device(
            id: answer.device, certificatePEM: answer.certificate, keyPEM: key.pemRepresentation,
            request: try request(leases: leases, cursor: first.feed?.cursor, epoch: first.hubEpoch, time: noTime))
    }

    /// All devices at their work, spread over one interval at first, until `body` returns.
    package func beat(at host: String, _ port: Int, every interval: Duration, while body: (HeartbeatTally) async throws -> Void) async throws {
        let tally = HeartbeatTally(devices: devices.count)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let authority = try NIOSSLCertificate(bytes: Array(authorityPEM.utf8), format: .pem)
        let beating: [BeatingDevice] = try devices.enumerated().map { index, device in
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .certificates([authority])
            tls.certificateVerification = .noHostnameVerification
            tls.certificateChain = try NIOSSLCertificate.fromPEMBytes(Array(device.certificatePEM.utf8)).map { .certificate($0) }
            tls.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: Array(device.keyPEM.utf8), format: .pem))
            let text: [String] = try JSON.text(device.request).components(separatedBy: try JSON.text(Self.noTime))
            return BeatingDevice(
                index: index, host: host, port: port, tls: try NIOSSLContext(configuration: tls), request: (text[0], text[1]), interval: interval,
                group: group, tally: tally)
        }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for one in beating { tasks.addTask { await one.beat(after: interval * (Double(one.index) / Double(beating.count))) } }
            try await body(tally)
            tasks.cancelAll()
        }
        try await group.shutdownGracefully()
    }
}
