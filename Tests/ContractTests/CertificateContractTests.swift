import Crypto
import EdgeStore
import EdgeSync
import HubClient
import HubDomain
import HubStorage
import ServiceSupport
import SwiftASN1
import TestKit
import Testing
import WireModel
import X509

@Suite("A device's certificate, over TLS")
struct CertificateContractTests {
    /// Gives the device a certificate that was issued some days ago, as the hub would have then.
    private func age(_ store: EdgeStore, _ served: JoinableHub, days: Int64) async throws -> DeviceIdentity {
        let identity: DeviceIdentity = try store.identity()
        let then: Timestamp = served.hub.now().advanced(by: .seconds(-days * 86_400))
        let old = try served.hub.keys.deviceCertificate(for: identity.key.publicKey, device: identity.device, now: then)
        _ = try await served.hub.database.write {
            try $0.execute(
                "UPDATE device SET certificate_pem = ?, certificate_serial = ?, certificate_ms = ? WHERE id = ?",
                [.text(old.pem), .text(old.serial), .integer(then.milliseconds), .text(identity.device.rawValue)])
        }
        try store.install(certificatePEM: old.pem)
        return try store.identity()
    }

    private static func request(_ store: EdgeStore) throws -> SyncRequest {
        let (identity, head): (DeviceIdentity, JournalHead) = (try store.identity(), try store.journalHead())
        return SyncRequest(
            agentVersion: "0", head: head, headSignature: Base64(try identity.key.signature(for: head.signedBytes(device: identity.device)).rawRepresentation),
            entries: [], leases: [], deviceTime: SystemClock().now().wall, hubEpoch: 1)
    }

    private func term(_ store: EdgeStore) throws -> CertificateTerm { try #require(CertificateTerm(try store.identity().certificatePEM)) }

    @Test("before two thirds of its life it is kept; after, the next sync brings another of the same key, and the old one counts until that is used")
    func due() async throws {
        let served = try await JoinableHub()
        let store: EdgeStore = try await served.device()
        _ = try await HubSync(store: store).run()
        let young: DeviceIdentity = try await age(store, served, days: 500)
        _ = try await HubSync(store: store).run()
        #expect(try store.identity().certificatePEM == young.certificatePEM)
        let old: DeviceIdentity = try await age(store, served, days: 560)
        _ = try await HubSync(store: store).run()
        let renewed: DeviceIdentity = try store.identity()
        #expect(renewed.certificatePEM != old.certificatePEM && renewed.keyThumbprint == old.keyThumbprint)
        #expect(try term(store).end > served.hub.now().advanced(by: .seconds(800 * 86_400)))
        // The first use ended the old one; a device that goes back to it is given the newest again.
        try store.install(certificatePEM: old.certificatePEM)
        let credential = ClientCredential(certificatePEM: old.certificatePEM, keyPEM: old.key.pemRepresentation)
        let request: SyncRequest = try Self.request(store)
        let client = try HubClient(hub: served.url)
        do {
            _ = try await client.sync(request, authorityPEM: old.authorityPEM, credential: credential)
            Issue.record("the old certificate still counts")
        } catch {
            #expect(error.isAboutCertificate)
        }
        _ = try await HubSync(store: store).run()
        #expect(try store.identity().certificatePEM == renewed.certificatePEM)
        #expect(try await served.hub.auditEntries().filter { $0.action == "device.certificate" }.count == 1)
    }

    @Test("a device whose certificate ended while it was dark gets another by its key, and its journal arrives; revoked, it gets none")
    func expired() async throws {
        let served = try await JoinableHub()
        let store: EdgeStore = try await served.device()
        _ = try await HubSync(store: store).run()
        _ = try store.record([decision, decision])
        _ = try await age(store, served, days: 900)
        #expect(try store.deviceStates(certificateEnd: try term(store).end).contains(.certificateExpired))
        _ = try await HubSync(store: store).run()
        #expect(try await served.units() == 2)
        #expect(try term(store).end > served.hub.now())
        let ended: DeviceIdentity = try await age(store, served, days: 900)
        _ = try await served.hub.revokeDevice(try store.identity().device, by: .system("test"))
        do {
            _ = try await HubSync(store: store).run()
            Issue.record("a revoked device got a certificate")
        } catch {
            #expect(Problem(describing: error).code == .deviceRevoked)
        }
        #expect(try store.identity().certificatePEM == ended.certificatePEM)
    }

    @Test("nobody gets a certificate for a key that no device has, and none for a request that is not signed by its key")
    func stranger() async throws {
        let served = try await JoinableHub()
        let store: EdgeStore = try await served.device()
        let client = try HubClient(hub: served.url)
        let authority: String = try store.identity().authorityPEM
        let stranger: String = try CertificateSigningRequest(
            version: .v1, subject: DistinguishedName { CommonName("x") }, privateKey: .init(P256.Signing.PrivateKey()), attributes: .init(),
            signatureAlgorithm: .ecdsaWithSHA256
        ).serializeAsPEM().pemString
        for (request, code) in [("nothing", ProblemCode.invalidRequest), (stranger, .certificateRefused)] {
            do {
                _ = try await client.renewCertificate(CertificateRequest(certificateSigningRequest: request), authorityPEM: authority)
                Issue.record("a stranger got a certificate")
            } catch {
                #expect(Problem(describing: error).code == code)
            }
        }
    }
}
