import CurlTransfer
import EdgeStore
import EdgeUpdate
import HubClient
import ServiceSupport
import WireModel

/// What one sync did.
package struct SyncReport: Sendable, Codable, Equatable {
    package var sent: Int = 0
    package var accepted: Int = 0
    package var duplicates: Int = 0
    package var rejected: Int = 0
    package var roundTrips: Int = 0
    package var acknowledgedThrough: Int64 = 0
    package var head: Int64 = 0
    package var refusals: [LeaseRefusal] = []
    package var clockSkewMilliseconds: Int64 = 0
    /// Changes of the hub's that were applied.
    package var changes: Int = 0
    /// Persons of the hub's galleries that were erased here.
    package var erased: Int = 0
    /// Galleries that were not what the hub says, not even after they were given from the start.
    package var differing: [GalleryID] = []
    /// On the wire, TLS included, failed exchanges too.
    package var bytesUp: Int64 = 0
    package var bytesDown: Int64 = 0
    /// When the hub wants to be asked again; `nil`: as the device thinks fit.
    package var nextContactMilliseconds: Int64?
    /// The bytes allowed were used up before everything was done.
    package var isCutShort: Bool = false
}

/// Brings hub and device up to date: journal up in batches, acknowledgements and leases down.
///
/// Repeatable and interruptible at any point: what the hub has acknowledged is remembered per batch, and what it
/// gets twice it recognises.
package actor HubSync {
    private let store: EdgeStore
    private var identity: DeviceIdentity
    private let link: any HubLink
    private var hasAudited: Bool = false
    private var size = BatchSize()
    private var certificate = CertificateRenewal()
    private let health: (@Sendable () -> HealthRecord?)?
    private var pace = HealthPace()

    /// - Parameters:
    ///   - link: the way to the hub.
    ///   - health: how the device is, where an agent can tell.
    package init(store: EdgeStore, link: any HubLink, health: (@Sendable () -> HealthRecord?)? = nil) throws {
        self.health = health
        self.store = store
        identity = try store.identity()
        self.link = link
    }

    package init(store: EdgeStore, timeout: Duration = .seconds(30), health: (@Sendable () -> HealthRecord?)? = nil) throws {
        try self.init(store: store, link: SecureLink(store: store, timeout: timeout), health: health)
    }

    /// - Parameters:
    ///   - allowance: what the day's bytes allow.
    ///   - progress: told after every batch.
    /// - Throws: `EdgeStoreError` or `HubClientError`; batches already acknowledged stay so.
    package func run(
        within allowance: ByteBudget.Allowance = .unlimited, progress: @Sendable (SyncReport) -> Void = { _ in }
    ) async throws -> SyncReport {
        guard allowance != .nothing else { return SyncReport() }
        try store.requireRoomToSync()
        // What goes wrong there, the sync says.
        if try certificate.isDue(store) { do { _ = try await CertificateRenewal.renew(store, link) } catch is HubClientError {} }
        var isWiping: Bool = try store.wiping().isOrdered
        let wanted: [APIName] = allowance.coversJournal && !isWiping ? APIName.onDevice : []
        if !hasAudited { try store.auditHeldGalleries() }
        hasAudited = true
        var report = SyncReport()
        var feed = FeedProgress()
        var isComplete: Bool = false
        var patience: Int = Self.triesWithLess
        var mayRenew: Bool = true
        var confirmations: Int = Self.clockConfirmations
        var rollBack: RollBackNews = .none
        let traffic: TransferTraffic = await link.traffic
        while !isComplete {
            try Task.checkCancellation()
            let before: SyncState = try store.syncState()
            let end: JournalHead = try store.journalHead()
            let batch: [JournalEntry] = try store.entries(
                after: before.acknowledgedThrough, epoch: identity.journalEpoch, limit: rollBack == .due ? 0 : limit(allowance, report),
                bytes: SyncLimits.bytes / 2)
            let asked: FeedState = try store.feedState()
            let answer: SyncResponse
            do {
                answer = try await exchange(batch, end: end, state: before, wanted: wanted, feed: isWiping ? nil : asked)
            } catch let error as HubClientError where error.isAboutCertificate && mayRenew {
                // It ended while the device was dark, or the hub was restored to before it gave it.
                mayRenew = false
                guard try await CertificateRenewal.renew(store, link) else { throw error }
                continue
            } catch HubClientError.declined(let problem) where problem.code == .deviceStolen {
                try store.destroy()
                throw problem
            } catch let error as HubClientError where error.mayBeSize && batch.count > 1 {
                // What got through before stays; less at a time may get through where this much did not.
                size.shrink(sent: batch.count)
                guard patience > 0 else { throw error }
                patience -= 1
                continue
            }
            if answer.isClockUnconfirmed == true {
                // The hub told by how much this clock is off, and looks at nothing before it hears that back.
                guard confirmations > 0 else { throw HubClientError.clockUnsteady(hub: identity.hub) }
                confirmations -= 1
                // What takes minutes to send looks the same to the hub.
                if batch.count > 1 { size.shrink(sent: batch.count) }
                try store.apply(answer, sent: head(batch, end), wanted: [])
                continue
            }
            try UpdateFolder.of(store)?.want(answer.releases ?? [])
            size.succeed(sent: batch.count)
            patience = Self.triesWithLess
            let changes: FeedOutcome = try store.apply(answer, sent: head(batch, end), wanted: wanted, asked: asked)
            let former: Int64 = identity.journalEpoch
            identity = try store.identity()
            feed.take(changes, of: answer.feed, asked: asked)
            report.count(answer, sent: batch.count, head: end.seq)
            report.count(await link.traffic - traffic)
            report.count(changes)
            progress(report)
            let after: SyncState = try store.syncState()
            // A hub that goes back to an earlier epoch asks for entries again; one that does not advance ends the loop.
            // A new journal comes with the answer that names it; its leases with the next.
            let hasMoved: Bool = after.acknowledgedThrough != before.acknowledgedThrough || after.hubEpoch != before.hubEpoch
            isComplete = identity.journalEpoch == former && (after.acknowledgedThrough >= end.seq || !hasMoved) && feed.isComplete
            // What this answer has shown the hub is to know now, and not at the next contact.
            if rollBack == .due { rollBack = .told }
            if isComplete, rollBack == .none, answer.quarantine == nil, try store.rollBackReport() != nil {
                (rollBack, isComplete) = (.due, false)
            }
            let wiping = try store.wiping()
            if wiping.isTold, after.acknowledgedThrough >= end.seq || answer.quarantine != nil {
                throw try store.destroy()
            }
            isWiping = wiping.isOrdered
            if let bytes = allowance.bytes, !isComplete, report.bytesUp + report.bytesDown >= bytes {
                report.isCutShort = true
                isComplete = true
            }
        }
        return report
    }

    /// By an operator's command; the one in use counts until the new one is used.
    package func renewCertificate() async throws -> Bool { try await CertificateRenewal.renew(store, link) }

    /// Whether this sync has told that the store is an old copy, in a round trip without entries.
    private enum RollBackNews { case none, due, told }

    /// How often a sync tries on with smaller batches before it leaves the next attempt to whoever called.
    private static let triesWithLess: Int = 3

    /// How often in a sync the hub may ask for the clock's difference: once when the clock was set, more often when it is set meanwhile.
    private static let clockConfirmations: Int = 4

    /// What an entry takes on the wire, rather more than less: compressed it is about 50 bytes.
    private static let entryBytes: Int64 = 128

    private func limit(_ allowance: ByteBudget.Allowance, _ report: SyncReport) -> Int {
        guard allowance.coversJournal else { return 0 }
        guard let bytes = allowance.bytes else { return size.entries }
        return min(size.entries, max(1, Int((bytes - report.bytesUp - report.bytesDown) / Self.entryBytes)))
    }

    private func exchange(
        _ batch: [JournalEntry], end: JournalHead, state: SyncState, wanted: [APIName], feed: FeedState?
    ) async throws -> SyncResponse {
        let now: ClockReading = store.clock.now()
        let isDue: Bool = try head(batch, end) == end && pace.isDue(now, store.configuration())
        let health: HealthRecord? = isDue ? self.health?() : nil
        let request: SyncRequest = try store.syncRequest(
            batch, end: end, state: state, identity: identity, wanted: wanted, feed: feed, health: health)
        let before: TransferTraffic = await link.traffic
        let result: Result<SyncResponse, HubClientError>
        do { result = .success(try await link.sync(request)) } catch { result = .failure(error) }
        // What was lost on the way was paid for too.
        let traffic: TransferTraffic = await link.traffic - before
        try store.countTraffic(up: traffic.sent, down: traffic.received)
        let answer: SyncResponse = try result.get()
        if health != nil, answer.isClockUnconfirmed != true { pace.note(now) }
        return answer
    }

    private func head(_ batch: [JournalEntry], _ end: JournalHead) -> JournalHead {
        batch.last.map { JournalHead(epoch: $0.epoch, seq: $0.seq, hash: $0.hash) } ?? end
    }
}

extension SyncReport {
    fileprivate mutating func count(_ answer: SyncResponse, sent count: Int, head newHead: Int64) {
        roundTrips += 1
        sent += count
        for item in answer.answers {
            switch item.outcome {
            case .accepted: accepted += 1
            case .duplicate: duplicates += 1
            case .rejected: rejected += 1
            }
        }
        acknowledgedThrough = answer.acknowledgedThrough
        head = newHead
        refusals = answer.refusals
        clockSkewMilliseconds = answer.clockSkewMilliseconds
        nextContactMilliseconds = answer.nextContactMilliseconds
    }

    fileprivate mutating func count(_ traffic: TransferTraffic) {
        bytesUp = traffic.sent
        bytesDown = traffic.received
    }
}
