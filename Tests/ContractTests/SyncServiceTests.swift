import Crypto
import EdgeAgent
import EdgeStore
import EdgeSync
import FacePipeline
import HubClient
import HubDomain
import Logging
import ServiceSupport
import TestKit
import Testing
import WireModel

@Suite("The agent's syncs, over TLS", .serialized)
struct SyncServiceTests {
    private static let free = DecisionDraft(api: .search, units: 0, record: decision.record)

    /// Runs an agent's sync service until `condition` holds.
    private static func serve(_ store: EdgeStore, _ policy: SyncPolicy, until condition: @escaping @Sendable () async throws -> Bool) async throws {
        let service = SyncService(
            store: store, policy: policy, commands: RemoteCommandExecutor(store: store, models: .failure(.missingDirectory("none")), isAgent: true),
            restart: {},
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await service.run()
                return false
            }
            group.addTask {
                while try await !condition() { try await Task.sleep(for: .milliseconds(20)) }
                return true
            }
            let isMet: Bool? = try await group.next()
            #expect(isMet == true)
            group.cancelAll()
        }
    }

    @Test("a lease that runs low is asked for at once, though the next contact is a day away")
    func lowLease() async throws {
        let served = try await JoinableHub()
        let store: EdgeStore = try await served.device()
        try await Self.serve(store, SyncPolicy(interval: .seconds(86_400))) {
            guard let lease = try store.leases().first(where: { $0.lease.api == .search }) else { return false }
            if lease.lease.number == 1, lease.remaining > 5 { _ = try store.record([decision]) }
            return lease.lease.number > 1
        }
        #expect(try await served.units() >= 80)
    }

    @Test("where only unmetered links may be used, a metered one carries nothing, and status can say so")
    func meteredLink() async throws {
        let served = try await JoinableHub()
        let store: EdgeStore = try await served.device()
        _ = try await HubSync(store: store).run()
        _ = try store.record([Self.free])
        let (known, before): (Int64?, DayTraffic) = (try await served.hub.devices().first?.journalEntries, try store.trafficToday())
        try await Self.serve(store, SyncPolicy(interval: .seconds(1), links: .unmetered, meteredInterfaces: ["lo"])) {
            try store.syncHold()?.hold == .meteredLink
        }
        #expect(try await served.hub.devices().first?.journalEntries == known)
        #expect(try store.trafficToday() == before)
        let head: Int64 = try store.journalHead().seq
        try await Self.serve(store, SyncPolicy(interval: .seconds(1), links: .unmetered)) { try store.syncState().acknowledgedThrough >= head }
        #expect(try store.syncHold() == nil)
    }

    @Test("a sync stops where the day's bytes end, keeps what it has, and goes on with more")
    func budget() async throws {
        let served = try await JoinableHub()
        let store: EdgeStore = try await served.device()
        let sync = try HubSync(store: store)
        _ = try await sync.run()
        for _ in 0..<20 { _ = try store.record(Array(repeating: Self.free, count: 100)) }
        let before: Int64 = try store.trafficToday().total
        let cut: SyncReport = try await sync.run(within: .upTo(20_000))
        #expect(cut.isCutShort)
        #expect(cut.acknowledgedThrough > 0 && cut.acknowledgedThrough < cut.head)
        #expect(cut.bytesUp + cut.bytesDown < 60_000)
        #expect(try store.trafficToday().total - before == cut.bytesUp + cut.bytesDown)
        let erasures: SyncReport = try await sync.run(within: .erasuresOnly(upTo: 100_000))
        #expect(erasures.sent == 0 && erasures.roundTrips == 1)
        let rest: SyncReport = try await sync.run()
        #expect(rest.acknowledgedThrough == rest.head && !rest.isCutShort)
    }

    @Test(
        "a group's byte budget holds on its devices: the agent stops when the day's bytes are used, and goes on when the group is given more",
        .timeLimit(.minutes(3)))
    func groupBudget() async throws {
        let fed = try await FedHub()
        let store: EdgeStore = try await fed.device()
        _ = try await fed.hub.configureDeviceGroup(FedHub.group, by: .test) { old in
            DeviceConfiguration(
                version: old.version, contactMilliseconds: 1_000, resultRetentionDays: old.resultRetentionDays, storeBytes: old.storeBytes, links: .any,
                bytesPerDay: 100_000, targetFalseMatchRate: nil)
        }
        _ = try await HubSync(store: store).run()
        #expect(try store.configuration().bytesPerDay == 100_000)
        for _ in 0..<80 { _ = try store.record(Array(repeating: Self.free, count: 100)) }
        let head: Int64 = try store.journalHead().seq
        // The agent then keeps its peace for hours: each service is one that was started again.
        try await Self.serve(store, SyncPolicy()) { try store.trafficToday().total >= 100_000 }
        try await Self.serve(store, SyncPolicy()) { try store.syncHold()?.hold == .budgetSpent }
        let used: Int64 = try store.trafficToday().total
        #expect(used >= 100_000 && used < 200_000)
        #expect(try store.syncState().acknowledgedThrough < head)
        _ = try await fed.hub.configureDeviceGroup(FedHub.group, by: .test) { old in
            DeviceConfiguration(
                version: old.version, contactMilliseconds: 1_000, resultRetentionDays: old.resultRetentionDays, storeBytes: old.storeBytes, links: .any,
                bytesPerDay: nil, targetFalseMatchRate: nil)
        }
        try await Self.serve(store, SyncPolicy()) { try store.configuration().bytesPerDay == nil }
        try await Self.serve(store, SyncPolicy()) { try store.syncState().acknowledgedThrough >= head }
        #expect(try store.syncHold() == nil)
    }

    @Test("what a failed exchange took counts too")
    func failedTraffic() async throws {
        let served = try await JoinableHub()
        let store: EdgeStore = try await served.device()
        let identity: DeviceIdentity = try store.identity()
        let proxy = try ChaosProxy(to: Int(served.url.split(separator: ":").last!)!)
        let link = SecureLink(
            client: try HubClient(hub: proxy.url), authorityPEM: identity.authorityPEM,
            credential: { ClientCredential(certificatePEM: identity.certificatePEM, keyPEM: identity.key.pemRepresentation) })
        _ = try await HubSync(store: store).run()
        _ = try store.record([Self.free])
        let before: DayTraffic = try store.trafficToday()
        let sync = try HubSync(store: store, link: link)
        // In the middle of the hub's answer to the handshake.
        proxy.arm(.truncate(.down, after: 1_000))
        await #expect(throws: HubClientError.self) { _ = try await sync.run() }
        let today: DayTraffic = try store.trafficToday()
        #expect(today.bytesUp - before.bytesUp > 200 && (1_000...1_002).contains(today.bytesDown - before.bytesDown))
    }
}
