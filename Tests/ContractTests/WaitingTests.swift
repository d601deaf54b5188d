import EdgeStore
import EdgeSync
import HubClient
import HubDomain
import ServiceSupport
import Synchronization
import TestKit
import Testing
import WireModel

@Suite("A device without a token, over TLS")
struct WaitingTests {
    private func wait(
        _ store: EdgeStore, _ served: JoinableHub, authority: String? = nil, newKey: Bool = false, patience: Duration = .zero,
        rest: @escaping @Sendable (Duration) async throws -> Void = { _ in }, tell: @escaping @Sendable (WaitingNews) -> Void = { _ in }
    ) async throws -> DeviceIdentity {
        try await DeviceEnrolment(store: store).wait(
            hub: served.url, authority: authority ?? served.hub.authorityFingerprint, label: "North door", model: "Test board", withNewKey: newKey,
            patience: patience, rest: rest, tell: tell)
    }

    private func code(_ body: () async throws -> Void) async -> ProblemCode? {
        do {
            try await body()
            return nil
        } catch { return Problem(describing: error).code }
    }

    private func store(_ served: JoinableHub, _ name: String = "edge") throws -> EdgeStore { try EdgeStore(directory: served.folder + "/" + name) }

    @Test("it waits with the fingerprint that the operator sees, is issued nothing before, and once approved is in account, group and labels and syncs")
    func approved() async throws {
        let served = try await JoinableHub()
        let hub: Hub = served.hub
        _ = try await hub.makeDeviceGroup("entrance", account: "Acme", by: .test)
        let told = Mutex<[WaitingNews]>([])
        let rests = Mutex(0)
        let store: EdgeStore = try store(served)
        let identity: DeviceIdentity = try await wait(
            store, served, patience: .seconds(3_600),
            rest: { pause in
                #expect(pause > .seconds(1) && pause < .seconds(10))
                let number: Int = rests.withLock {
                    $0 += 1
                    return $0
                }
                let waiting: [WaitingDevice] = try await hub.waitingDevices()
                #expect(waiting.map(\.label) == ["North door"] && waiting.map(\.model) == ["Test board"] && waiting.map(\.address) == ["127.0.0.1"])
                #expect(told.withLock { $0 } == waiting.map { .waits($0.fingerprint) })
                #expect(try await hub.devices().isEmpty)
                guard number == 3 else { return }
                let made: FleetDevice = try await hub.approveWaiting(
                    waiting[0].fingerprint.text.lowercased(),
                    JoinApproval(account: "Acme", group: "entrance", name: "Door 1", labels: ["site": "north"]), by: .test)
                #expect(made.device.label == "Door 1" && made.groupName == "entrance" && made.labels == ["site": "north"] && made.condition == .never)
            }, tell: { news in told.withLock { $0.append(news) } })
        #expect(rests.withLock { $0 } == 3)
        #expect(try await hub.waitingDevices().isEmpty)
        #expect(try await hub.devices().map(\.id) == [identity.device])
        #expect(try await hub.auditEntries().map(\.action).contains("device.approve"))
        _ = try await HubSync(store: store).run()
        #expect(try await hub.fleetDevice(identity.device).device.contact != nil)
        #expect(try await hub.deviceFacts(identity.device).fingerprint == KeyFingerprint(thumbprint: identity.keyThumbprint))
        // What it works by is known in full, though it reports a mark alone.
        let changed: FleetDevice = try await hub.configureDevice(identity.device, by: .test) { $0.targetFalseMatchRate = 0.00001 }
        for _ in 0..<2 { _ = try await HubSync(store: store).run() }
        #expect(try await hub.deviceFacts(identity.device).works == changed.wanted)
        #expect(try await hub.fleetDevice(identity.device).hasDrifted == false)
        // The answer may have been lost: the same command gets the same device, from the store and, with the same key, from the hub.
        #expect(try await wait(store, served).device == identity.device)
    }

    @Test("given up, it waits on with the same key when started again; with another key it is another; refused, it is told so until the operator thinks again")
    func resumed() async throws {
        let served = try await JoinableHub()
        let hub: Hub = served.hub
        for _ in 0..<2 { #expect(await code { _ = try await wait(try store(served), served) } == .joinPending) }
        let first: [WaitingDevice] = try await hub.waitingDevices()
        #expect(first.count == 1)
        #expect(await code { _ = try await wait(try store(served), served, newKey: true) } == .joinPending)
        let both: [WaitingDevice] = try await hub.waitingDevices()
        #expect(both.count == 2 && Set(both.map(\.fingerprint)).count == 2)
        let second: WaitingDevice = try #require(both.first { $0.id != first[0].id })
        _ = try await hub.refuseWaiting(second.id.rawValue, reason: "not ours", by: .test)
        do {
            _ = try await wait(try store(served), served)
            Issue.record("a refused device joined")
        } catch {
            let problem = Problem(describing: error)
            #expect(problem.code == .joinRefused && problem.detail == "not ours")
        }
        #expect(try await hub.waitingDevices().map(\.id) == [first[0].id])
        #expect(try await hub.devices().isEmpty)
        // Its former key is nobody's now.
        let approved: FleetDevice = try await hub.approveWaiting(second.id.rawValue, JoinApproval(account: "Acme"), by: .test)
        #expect(try await wait(try store(served), served).device == approved.device.id)
        #expect(try await hub.auditEntries().map(\.action).filter { $0 == "device.refuse" || $0 == "device.approve" }.count == 2)
    }

    @Test("a hub whose authority is not the one named gets nothing; a hub that is away is asked again")
    func otherHub() async throws {
        let (served, other) = (try await JoinableHub(), try await JoinableHub())
        #expect(await code { _ = try await wait(try store(served), served, authority: other.hub.authorityFingerprint) } == .hubUntrusted)
        #expect(await code { _ = try await wait(try store(served), served, authority: "vjt") } == .invalidRequest)
        #expect(try await served.hub.waitingDevices().isEmpty)
        let told = Mutex<[WaitingNews]>([])
        let away: ProblemCode? = await code {
            _ = try await DeviceEnrolment(store: try store(served)).wait(
                hub: "https://127.0.0.1:9", authority: served.hub.authorityFingerprint, label: "d", model: "", patience: .seconds(60), rest: { _ in },
                tell: { news in told.withLock { $0.append(news) } })
        }
        #expect(away == .joinPending)
        #expect(told.withLock { $0.count } == 1)
    }

    @Test("a key whose device was taken out of service is not let in again by waiting, nor without its owner's signature")
    func revoked() async throws {
        let served = try await JoinableHub()
        let keys = try DeviceKeys()
        _ = try await served.hub.wait(keys.waiting(), address: "192.0.2.1")
        let made: FleetDevice = try await served.hub.approveWaiting(
            try #require(keys.fingerprint).text, JoinApproval(account: "Acme"), by: .test)
        #expect(try await served.hub.wait(keys.waiting(), address: "192.0.2.1").enrolment?.device == made.device.id)
        _ = try await served.hub.revokeDevice(made.device.id, by: .test)
        #expect(await code { _ = try await served.hub.wait(keys.waiting(), address: "192.0.2.1") } == .deviceRevoked)
        let stolen = WaitingRequest(certificateSigningRequest: String(keys.request.dropLast(60)), label: "d", model: "", agentVersion: "0")
        #expect(await code { _ = try await served.hub.wait(stolen, address: "192.0.2.1") } == .invalidRequest)
        for label in ["", "two\nlines", "turned \u{202E}round", String(repeating: "x", count: 101)] {
            #expect(await code { _ = try await served.hub.wait(try DeviceKeys().waiting(label), address: "192.0.2.1") } == .invalidRequest)
        }
    }

    @Test("strangers fill neither the list nor one network's share; who stops asking makes room; an operator may let nobody wait")
    func full() async throws {
        let clock = ManualClock.startingNow()
        let served = try await JoinableHub(clock: clock)
        let hub: Hub = served.hub
        let first = try DeviceKeys()
        _ = try await hub.wait(first.waiting(), address: "2001:db8::1")
        for number in 1..<WaitingLimit.perNetwork { _ = try await hub.wait(try DeviceKeys().waiting(), address: "2001:db8::\(number)") }
        #expect(await code { _ = try await hub.wait(try DeviceKeys().waiting(), address: "2001:db8::ffff") } == .tooManyAttempts)
        // Whoever is in stays in, and others come from elsewhere.
        #expect(try await hub.wait(first.waiting(), address: "2001:db8::1").enrolment == nil)
        _ = try await hub.wait(try DeviceKeys().waiting(), address: "192.0.2.7")
        try await hub.set(.waitingDevices, to: "51", by: .test)
        #expect(await code { _ = try await hub.wait(try DeviceKeys().waiting(), address: "192.0.2.8") } == .tooManyAttempts)
        clock.advance(by: .seconds(1_800))
        _ = try await hub.wait(first.waiting(), address: "2001:db8::1")
        clock.advance(by: .seconds(1_801))
        #expect(try await hub.waitingDevices().map(\.fingerprint) == [try #require(first.fingerprint)])
        _ = try await hub.wait(try DeviceKeys().waiting(), address: "2001:db8::2")
        // Those that were refused count on for their network.
        for device in try await hub.waitingDevices() { _ = try await hub.refuseWaiting(device.id.rawValue, reason: "", by: .test) }
        for number in 2..<WaitingLimit.perNetwork { _ = try await hub.wait(try DeviceKeys().waiting(), address: "2001:db8::\(number)") }
        #expect(await code { _ = try await hub.wait(try DeviceKeys().waiting(), address: "2001:db8::ffff") } == .tooManyAttempts)
        clock.advance(by: .seconds(8 * 86_400))
        try await hub.clearExpired()
        #expect(try await hub.waitingDevices(refused: true).isEmpty)
        try await hub.set(.waitingDevices, to: "0", by: .test)
        #expect(await code { _ = try await hub.wait(first.waiting(), address: "2001:db8::1") } == .joinRefused)
    }
}
