import Biometrics
import Crypto
import EdgeStore
import EdgeSync
import HubClient
import HubDomain
import ServiceSupport
import TestKit
import Testing
import WireModel

@Suite("Edge against hub, over TLS")
struct SyncContractTests {
    @Test("joins, gets leases, and what it used is what the hub holds")
    func mainRoad() async throws {
        let served = try await JoinableHub()
        let store: EdgeStore = try await served.device()
        _ = try await HubSync(store: store).run()
        #expect(try store.leases().map(\.lease.api) == [.compare, .search])
        for _ in 0..<7 { _ = try store.record([decision]) }
        let report: SyncReport = try await HubSync(store: store).run()
        // Two leases and seven uses.
        #expect(report.accepted == 9)
        #expect(report.acknowledgedThrough == 9)
        #expect(try await served.units() == 7)
        #expect(try await HubSync(store: store).run().sent == 0)
    }

    @Test("a backlog of several batches arrives whole, and renews its lease on the way")
    func backlog() async throws {
        let served = try await JoinableHub()
        let store: EdgeStore = try await served.device()
        let sync = try HubSync(store: store)
        _ = try await sync.run()
        var used: Int64 = 0
        while used < 600 {
            _ = try store.record(Array(repeating: decision, count: 60))
            used += 60
            if used.isMultiple(of: 60) { _ = try await sync.run() }
        }
        // Nothing-to-pay entries fill more than one batch.
        let free = DecisionDraft(api: .search, units: 0, record: decision.record)
        _ = try store.record(Array(repeating: free, count: 1_200))
        let waiting: Int64 = try store.journalHead().seq - store.syncState().acknowledgedThrough
        let report: SyncReport = try await sync.run()
        #expect(report.roundTrips == 3)
        #expect(report.accepted >= 1_200 && report.accepted == Int(waiting))
        #expect(try await served.units() == 600)
    }

    @Test("a lost answer is made good by the next sync, and billed once")
    func lostAnswer() async throws {
        let served = try await JoinableHub()
        let store: EdgeStore = try await served.device()
        _ = try await HubSync(store: store).run()
        _ = try store.record([decision, decision])
        // The hub takes the entries in, and the device never hears of it.
        let identity: DeviceIdentity = try store.identity()
        let entries: [JournalEntry] = try store.entries(after: 0, epoch: 1, limit: 10, bytes: 1 << 20)
        let head: JournalHead = try store.journalHead()
        let request = SyncRequest(
            agentVersion: "0", head: head, headSignature: Base64(try identity.key.signature(for: head.signedBytes(device: identity.device)).rawRepresentation),
            entries: entries, leases: [], deviceTime: SystemClock().now().wall, hubEpoch: 1)
        _ = try await served.hub.receive(request, from: identity.device)
        let report: SyncReport = try await HubSync(store: store).run()
        #expect(report.duplicates == 4)
        #expect(try await served.units() == 2)
    }

    @Test("a revoked device is refused at once, on a connection that is already open")
    func revoked() async throws {
        let served = try await JoinableHub()
        let store: EdgeStore = try await served.device()
        let sync = try HubSync(store: store)
        _ = try await sync.run()
        _ = try await served.hub.revokeDevice(try store.identity().device, by: .test)
        await #expect { _ = try await sync.run() } throws: { ($0 as? HubClientError)?.problem.code == .deviceRevoked }
    }

    @Test("nothing that leaves the device holds a template, a name or a picture")
    func localByDefault() async throws {
        let served = try await JoinableHub()
        let store: EdgeStore = try await served.device()
        _ = try await HubSync(store: store).run()
        _ = try store.enrol(try .init(model: .init(rawValue: "m"), normalizing: (1...128).map(Float.init)), label: "Ada Lovelace")
        _ = try store.record([decision])
        let sent: String = try JSON.text(try store.entries(after: 0, epoch: 1, limit: 10, bytes: 1 << 20))
        #expect(!sent.contains("Ada"))
        for entry in try store.entries(after: 0, epoch: 1, limit: 10, bytes: 1 << 20) where entry.kind != .lease {
            #expect((entry.body?.utf8.count ?? 0) < 500)
        }
        // The request has these fields and no other: what is not here cannot be sent.
        let head = JournalHead(epoch: 1, seq: 0, hash: .genesis)
        let request = SyncRequest(
            agentVersion: "", head: head, headSignature: Base64([]), entries: [], leases: [], deviceTime: Timestamp(milliseconds: 0), hubEpoch: 1)
        #expect(
            Set(Mirror(reflecting: request).children.compactMap(\.label)) == [
                "agentVersion", "head", "headSignature", "entries", "leases", "deviceTime", "clockSkewMilliseconds", "hubEpoch", "feed", "newEpoch", "rollBack",
                "receipts", "reported", "health", "announcements",
            ])
        let health = HealthRecord(states: [], freeBytes: 0, storeBytes: 0, clockSetBackMilliseconds: 0)
        #expect(
            Set(Mirror(reflecting: health).children.compactMap(\.label)) == [
                "states", "freeBytes", "storeBytes", "clockSetBackMilliseconds", "decisions", "vitals",
            ])
        #expect(
            Set(Mirror(reflecting: DeviceVitals()).children.compactMap(\.label)) == [
                "started", "decided", "cameras", "celsius", "processorShare", "memoryShare", "residentBytes", "unsentEntries", "lagMilliseconds",
                "leaseShare", "leaseEnds", "model",
            ])
    }
}

@Suite("Trust")
struct TrustTests {
    private func code(_ body: () async throws -> Void) async -> ProblemCode? {
        do {
            try await body()
            return nil
        } catch {
            return Problem(describing: error).code
        }
    }

    @Test("a token for another hub is not sent to this one")
    func wrongHub() async throws {
        let (right, wrong) = (try await JoinableHub(), try await ServedHub())
        let token: String = try await right.token()
        let store = try EdgeStore(directory: wrong.folder + "/edge")
        #expect(await code { _ = try await DeviceEnrolment(store: store).join(hub: wrong.url, token: token, label: "x") } == .hubUntrusted)
        // It is still good at the right one.
        _ = try await DeviceEnrolment(store: store).join(hub: right.url, token: token, label: "x")
    }

    @Test("a device of one hub is refused by another, whose certificate it refuses too")
    func otherAuthority() async throws {
        let (mine, other) = (try await JoinableHub(), try await ServedHub())
        let identity: DeviceIdentity = try (try await mine.device()).identity()
        let head = JournalHead(epoch: 1, seq: 0, hash: .genesis)
        let request = SyncRequest(
            agentVersion: "0", head: head, headSignature: Base64(try identity.key.signature(for: head.signedBytes(device: identity.device)).rawRepresentation),
            entries: [], leases: [], deviceTime: Timestamp(milliseconds: 0), hubEpoch: 1)
        let credential = ClientCredential(certificatePEM: identity.certificatePEM, keyPEM: identity.key.pemRepresentation)
        let client = try HubClient(hub: other.url)
        #expect(await code { _ = try await client.sync(request, authorityPEM: identity.authorityPEM, credential: credential) } == .hubUntrusted)
        let impostor = try HubClient(hub: other.url)
        #expect(await code { _ = try await impostor.sync(request, authorityPEM: other.hub.keys.authorityPEM, credential: credential) } == .certificateRefused)
    }

    @Test("a sync without a certificate is refused with the way to one")
    func withoutCertificate() async throws {
        let served = try await JoinableHub()
        let client = try HubClient(hub: served.url)
        let token: String = try await served.token()
        let authority: String = try await client.authority(fingerprint: JoinToken(token)!.authorityFingerprint)
        let request = EnrolmentRequest(secret: "x", certificateSigningRequest: "x", label: "x", agentVersion: "0")
        #expect(await code { _ = try await client.enrol(request, authorityPEM: authority) } == .invalidRequest)
        let outcome = try await Program.curl(served.url + Routes.sync, authority: authority, body: "{}")
        #expect(outcome.contains("certificate_missing"))
        #expect(outcome.contains("401"))
        #expect(try await Program.curl(served.url + "/edge/v1/nothing", authority: authority, body: nil).contains("not_found"))
        #expect(try await Program.curl(served.url + Routes.enrol, authority: authority, body: "{").contains("invalid_request"))
    }

    @Test("clocks a day apart neither stop the join nor the sync, and the difference is known", arguments: [-86_400, 86_400])
    func clocks(seconds: Int) async throws {
        let served = try await JoinableHub(clock: ShiftedClock(by: .seconds(seconds)))
        let store: EdgeStore = try await served.device()
        _ = try await HubSync(store: store).run()
        _ = try store.record([decision])
        let report: SyncReport = try await HubSync(store: store).run()
        #expect(report.accepted == 3)
        #expect(abs(report.clockSkewMilliseconds + Int64(seconds) * 1_000) < 60_000)
    }

    @Test(
        "an address that is none is refused before anything is sent", arguments: ["http://127.0.0.1:1", "127.0.0.1", "https://", "https://a/b", "https://a@b"])
    func addresses(text: String) async throws {
        #expect(await code { _ = try HubClient(hub: text) } == .invalidRequest)
    }

    @Test("a hub that is not there is unreachable, and the same call may be tried again")
    func absent() async throws {
        let client = try HubClient(hub: "https://127.0.0.1:1")
        do {
            _ = try await client.authority(fingerprint: "")
            Issue.record("answered")
        } catch {
            #expect(error.isTransient)
            #expect(error.problem.code == .hubUnreachable)
        }
    }
}
