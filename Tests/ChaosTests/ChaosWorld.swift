import Crypto
import EdgeStore
import EdgeSync
import Foundation
import HubClient
import HubDomain
import HubStorage
import ServiceSupport
import TestKit
import WireModel

/// A real hub over TLS, devices joined to it, a chaos proxy between them, and books kept apart from both.
final class ChaosWorld {
    let served: ServedHub
    let proxy: ChaosProxy
    var books = ChaosBooks()
    private(set) var random: SeededGenerator
    private(set) var devices: [ChaosDevice] = []

    /// Full counts with `VULTUS_FULL_TESTS`, a tenth without.
    static func count(_ full: Int) -> Int { FullTests.count(full) }

    init(seed: UInt64, leaseUnits: Int64 = 2_000) async throws {
        random = SeededGenerator(seed: seed)
        served = try await ServedHub()
        proxy = try ChaosProxy(to: Int(served.url.split(separator: ":").last!)!)
        _ = try await served.hub.openTestAccount()
        _ = try await served.hub.setCredit(try Money("1000000", currency: "CNY"), account: "Acme", by: .test)
        for api in APIName.onDevice {
            _ = try await served.hub.setPrice(
                api: api, unitPrice: try Money("0.01", currency: "CNY"), effective: nil,
                lease: LeaseTerms(units: leaseUnits, termMilliseconds: 86_400_000, whenExhausted: .refuse, hardLimit: 0), by: .test)
            _ = try await served.hub.setQuota(account: "Acme", api: api, units: 1_000_000, by: .test)
        }
    }

    /// A joined device that has its leases, reached without chaos so far.
    func device(_ name: String) async throws -> ChaosDevice {
        let store = try EdgeStore(directory: served.folder + "/" + name)
        let token: String = try await served.hub.issueToken(account: "Acme", lifetime: .seconds(600), by: .test).token
        _ = try await DeviceEnrolment(store: store).join(hub: served.url, token: token, label: name)
        _ = try await HubSync(store: store).run()
        let device = ChaosDevice(store: store, identity: try store.identity())
        devices.append(device)
        return device
    }

    /// One picture's decisions, as far as the lease allows them, entered into the books when the store said that they are made.
    func use(_ device: ChaosDevice, faces: Int) throws {
        let drafts: [DecisionDraft] = (0..<faces).map { _ in
            DecisionDraft(
                api: Bool.random(using: &random) ? .search : .compare, units: Int64.random(in: 0...1, using: &random),
                record: DecisionRecord(
                    outcome: .unknown, person: nil, score: nil, threshold: 0.5, falseMatchRate: 1e-5, model: "m", refusals: [], overdraft: false))
        }
        do {
            books.note(try device.store.record(drafts), of: device.id)
        } catch {
            guard case .refused = error else { throw error }
        }
    }

    /// A number below `bound`.
    func draw(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }

    /// After the weather: everybody syncs undisturbed, and then hub, devices and books must agree to the unit.
    func violationsAfterCalm() async throws -> [String] {
        proxy.arm(.pass)
        var found: [String] = []
        for device in devices {
            do { _ = try await HubSync(store: device.store).run() } catch let error as HubClientError { found.append("calm: \(error.problem.code.rawValue)") }
        }
        return found + (try await books.violations(served, devices: devices, isSettled: true))
    }
}

struct ChaosDevice {
    let store: EdgeStore
    let identity: DeviceIdentity
    var id: DeviceID { identity.device }

    /// Its way to the hub at `url`, without chaos but what is on the way.
    func link(to url: String, timeout: Duration = .seconds(2)) throws -> SecureLink {
        SecureLink(
            client: try HubClient(hub: url, timeout: timeout), authorityPEM: identity.authorityPEM,
            credential: { [identity] in ClientCredential(certificatePEM: identity.certificatePEM, keyPEM: identity.key.pemRepresentation) })
    }
}
