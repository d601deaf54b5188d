import Crypto
import EdgeStore
import EdgeSync
import Foundation
import HubAccess
import HubClient
import HubDomain
import HubStorage
import ServiceSupport
import SwiftASN1
import TestKit
import WireModel
import X509

/// A hub on SQLite in this process, that devices reach without a network.
final class DirectHub {
    let folder: String
    let hub: Hub

    private init(folder: String, hub: Hub) { (self.folder, self.hub) = (folder, hub) }

    var path: String { folder + "/hub.sqlite" }

    /// What a power failure or damage left, opened as a restart does.
    static func reopen(_ folder: String) async throws -> DirectHub {
        DirectHub(folder: folder, hub: try await Hub.open(directory: folder, mayMake: false, passwords: .quick))
    }

    static func make(_ folder: String) async throws -> DirectHub {
        let hub: Hub = try await Hub.open(directory: folder, mayMake: true, passwords: .quick)
        _ = try await hub.openTestAccount()
        _ = try await hub.setCredit(try Money("1000000", currency: "CNY"), account: "Acme", by: .test)
        for api in APIName.onDevice {
            _ = try await hub.setPrice(
                api: api, unitPrice: try Money("0.01", currency: "CNY"), effective: nil,
                lease: LeaseTerms(units: 1_000, termMilliseconds: 86_400_000, whenExhausted: .refuse, hardLimit: 0), by: .test)
            _ = try await hub.setQuota(account: "Acme", api: api, units: 10_000_000, by: .test)
        }
        return DirectHub(folder: folder, hub: hub)
    }

    /// A device's store, joined.
    func device(_ folder: String) async throws -> EdgeStore {
        let store = try EdgeStore(directory: folder)
        let key = P256.Signing.PrivateKey()
        let request: String = try CertificateSigningRequest(
            version: .v1, subject: try DistinguishedName { CommonName("test") }, privateKey: .init(key), attributes: .init(),
            signatureAlgorithm: .ecdsaWithSHA256
        ).serializeAsPEM().pemString
        let token: IssuedToken = try await hub.issueToken(account: "Acme", lifetime: .seconds(600), by: .test)
        try store.saveJoinDraft(
            JoinDraft(hub: "https://hub.invalid", authorityPEM: hub.keys.authorityPEM, key: key, requestPEM: request), tokenFingerprint: "token")
        try store.finishJoin(
            try await hub.enrol(
                EnrolmentRequest(secret: JoinToken(token.token)!.secret, certificateSigningRequest: request, label: "test", agentVersion: "0")))
        return store
    }

    /// The production sync loop over a link without a network.
    func sync(_ store: EdgeStore) throws -> HubSync {
        try HubSync(store: store, link: DirectLink(hub: hub, device: try store.identity().device))
    }
}

/// Hands requests to a hub in this process, through the messages' own encoding.
struct DirectLink: HubLink {
    let hub: Hub
    let device: DeviceID

    func sync(_ request: SyncRequest) async throws(HubClientError) -> SyncResponse {
        do {
            let sent: SyncRequest = try JSON.value(SyncRequest.self, from: try JSON.bytes(request))
            return try JSON.value(SyncResponse.self, from: try JSON.bytes(try await hub.receive(sent, from: device)))
        } catch {
            throw .declined(Problem(describing: error))
        }
    }
}
