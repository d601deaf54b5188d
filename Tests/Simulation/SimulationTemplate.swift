import Crypto
import EdgeStore
import EdgeSync
import Foundation
import HubDomain
import ServiceSupport
import TestKit
import WireModel

/// A hub with an account, prices and devices that have joined, on disk and closed: every seed begins with a copy of it.
package struct SimulationTemplate: Sendable {
    package static let account: String = "Acme"
    package static let start = Timestamp(milliseconds: 1_790_000_000_000)

    package let terms: SimulationTerms
    package let account: AccountID
    package let devices: [DeviceID]
    package let leaseKey: Curve25519.Signing.PublicKey
    package let prices: [Price]
    /// Each device's first sync, where it has had one, and its clock then.
    let contacts: [(deliveries: [Delivery], reading: ClockReading)]
    private let folder: SimulationFolder

    var hubFolder: String { folder.path + "/hub" }

    func deviceFolder(_ index: Int) -> String { folder.path + "/device\(index)" }

    /// - Parameters:
    ///   - hasSynced: each device has met the hub once, and holds what leases there are.
    ///   - start: when hub and devices come into being.
    ///   - prices: millionths of a unit, and from when.
    package init(
        _ terms: SimulationTerms, devices count: Int, hasSynced: Bool = false, start: Timestamp = Self.start,
        prices changes: [(after: Duration, millionths: Int64)] = SimulationTerms.prices
    ) async throws {
        self.terms = terms
        folder = try SimulationFolder()
        let clock = ManualClock(wall: start)
        let hub: Hub = try await Hub.open(directory: folder.path + "/hub", mayMake: true, clock: clock, passwords: .quick)
        leaseKey = hub.keys.leaseKey.publicKey
        account = try await hub.openTestAccount(Self.account).id
        // Before anybody uses it, so that no price needs notice.
        for api in APIName.onDevice {
            for price in changes {
                _ = try await hub.setPrice(
                    api: api, unitPrice: Money(millionths: price.millionths, currency: SimulationTerms.currency),
                    effective: start.advanced(by: price.after), lease: terms.leaseTerms, by: .test)
            }
            _ = try await hub.setQuota(account: Self.account, api: api, units: terms.quota, by: .test)
        }
        _ = try await hub.setCredit(Money(millionths: 1_000_000_000_000, currency: SimulationTerms.currency), account: Self.account, by: .test)
        prices = try await hub.prices()
        var joined: [DeviceID] = []
        var contacts: [(deliveries: [Delivery], reading: ClockReading)] = []
        for index in 0..<count {
            let store = try EdgeStore(directory: folder.path + "/device\(index)", clock: clock)
            let device: DeviceID = try await Self.join(hub, store)
            joined.append(device)
            guard hasSynced else { continue }
            let link = SimulatedLink(device: device, hub: hub)
            _ = try await HubSync(store: store, link: link).run()
            contacts.append((link.takeDeliveries(), clock.now()))
        }
        devices = joined
        self.contacts = contacts
        await hub.close()
    }

    /// As `vultus-edge join` does it, without a wire between.
    private static func join(_ hub: Hub, _ store: EdgeStore) async throws -> DeviceID {
        let key = P256.Signing.PrivateKey()
        let draft = JoinDraft(hub: "https://hub.invalid", authorityPEM: hub.keys.authorityPEM, key: key, requestPEM: try SigningRequest.pem(for: key))
        try store.saveJoinDraft(draft, tokenFingerprint: "simulated")
        let token: IssuedToken = try await hub.issueToken(account: account, lifetime: .seconds(60), by: .test)
        let answer: EnrolmentResponse = try await hub.enrol(
            EnrolmentRequest(secret: JoinToken(token.token)!.secret, certificateSigningRequest: draft.requestPEM, label: "simulated", agentVersion: "0"))
        try store.finishJoin(answer)
        return answer.device
    }
}
