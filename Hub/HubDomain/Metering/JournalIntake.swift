import Crypto
import HubStorage
import ServiceSupport
import WireModel

extension Hub {
    /// One sync: takes in the journal, answers entry by entry, and renews leases; all in one transaction, so that an
    /// acknowledgement never exists without its ledger row, nor a lease without its reservation.
    /// - Throws: `Problem` when the request as a whole is not believable; then nothing is taken in.
    package func receive(_ request: SyncRequest, from device: DeviceID) async throws -> SyncResponse {
        let now: Timestamp = now()
        let hub: Hub = self
        return try await syncPace.during {
            try await database.write { connection in
                let intake = try JournalIntake(connection, hub, request, from: device, now: now)
                try intake.verify()
                guard !intake.isClockUnconfirmed else { return try intake.askingAgain() }
                try intake.followEpoch()
                try intake.takeHeld()
                let answers: [EntryAnswer] = try intake.takeEntries()
                try intake.endJournalIfAsked()
                try intake.takeRollBack()
                try intake.takeReceipts()
                try intake.takeUpdateReports()
                try intake.save()
                let grants: LeaseGrants.Answer = try intake.grantLeases()
                try intake.settleIfOver()
                return try intake.response(answers, grants)
            }
        }
    }
}

/// The hub's side of one device's journal during one sync.
final class JournalIntake {
    let connection: any SQLConnection
    let hub: Hub
    let request: SyncRequest
    let device: DeviceID
    let account: Account
    let keyThumbprint: String
    let hubEpoch: Int64
    let now: Timestamp
    /// Device clock minus hub clock, milliseconds.
    let skew: Int64
    /// The journal the request is of.
    private(set) var journal: JournalPlace
    /// The journal the device is to keep now.
    private(set) var current: JournalPlace
    private(set) var quarantine: ProblemCode?
    private(set) var backedUpThrough: Int64
    /// Entries of this request that were new and were taken in.
    private var taken: Int = 0
    private let enrolled: Timestamp
    private let publicKey: P256.Signing.PublicKey
    let batch: MeterBatch
    let allotments: Allotments
    let ledger: Ledger
    var rows = JournalRows()
    /// Reports of the device's health that were new.
    var healthEntries: [JournalEntry] = []

    var trail: AuditTrail { AuditTrail(connection: connection, actor: Actor(.device, device.rawValue), now: now) }

    init(_ connection: any SQLConnection, _ hub: Hub, _ request: SyncRequest, from device: DeviceID, now: Timestamp) throws {
        guard let row = try connection.firstRow("SELECT * FROM device WHERE id = ?", [.text(device.rawValue)]) else { throw HubStorageError.damaged }
        self.connection = connection
        self.hub = hub
        self.request = request
        self.now = now
        self.device = device
        account = try Hub.account(connection, try row.text("account_id"))
        keyThumbprint = try row.text("key_thumbprint")
        hubEpoch = try Hub.epoch(connection)
        skew = request.deviceTime.since(now).wholeMilliseconds
        current = try JournalPlace(device: row)
        journal = try JournalPlace.load(connection, device, epoch: request.head.epoch) ?? current
        quarantine = try row.textOrNil("quarantine").map { ProblemCode(rawValue: $0) ?? .journalFork }
        backedUpThrough = try row.integer("backed_up_seq")
        enrolled = try row.time("created_ms")
        publicKey = try P256.Signing.PublicKey(rawRepresentation: try row.blob("public_key"))
        batch = MeterBatch(connection: connection, now: now, actor: Actor(.device, device.rawValue))
        allotments = Allotments(batch: batch, device: device, account: account.id)
        ledger = Ledger(allotments)
    }

    /// The device's signature must cover the last entry sent: a batch that anyone else made, or changed, is refused whole.
    func verify() throws {
        guard request.entries.count <= SyncLimits.entries else {
            throw Problem(
                .bodyTooLarge, "Too many entries in one sync.", detail: "\(request.entries.count), at most \(SyncLimits.entries)",
                remedy: "Send smaller batches.")
        }
        let isContiguous: Bool = zip(request.entries, request.entries.dropFirst()).allSatisfy { $1.follows($0) }
        let endsAtHead: Bool = request.entries.last.map { $0.seq == request.head.seq && $0.hash == request.head.hash } ?? true
        guard isContiguous, endsAtHead, let signature = try? P256.Signing.ECDSASignature(rawRepresentation: request.headSignature.bytes),
            publicKey.isValidSignature(signature, for: request.head.signedBytes(device: device))
        else {
            throw Problem(
                .journalTampered, "The journal's head is not signed by this device, or does not fit its entries.", detail: "entry \(request.head.seq)",
                remedy: "Run `vultus-edge doctor` on the device; if its journal was altered, ask the operator to look.")
        }
    }

    /// The request's time is neither about the hub's nor off by as much as the device knows of: either the device's clock was set, or
    /// this request was on its way for long. Who dated its uses by that would be wrong by as much.
    var isClockUnconfirmed: Bool { abs(skew - (request.clockSkewMilliseconds ?? 0)) > SyncLimits.clockTolerance }

    /// Goes to the journal that the request is of.
    func followEpoch() throws {
        if request.head.epoch > current.epoch, JournalPlace.mayAdopt(request.head.epoch, after: current.epoch, hubEpoch: hubEpoch) {
            try adoptEpoch(request.head.epoch)
        }
        guard request.head.epoch == journal.epoch, request.entries.allSatisfy({ $0.epoch == journal.epoch }) else {
            throw Problem(
                .invalidRequest, "The journal's epoch is not the device's.", detail: "epoch \(request.head.epoch), the hub expects \(current.epoch)",
                remedy: "Join again with a new token.")
        }
    }

    func takeEntries() throws -> [EntryAnswer] {
        try rows.load(connection, device, request, through: journal.seq)
        if request.entries.isEmpty, request.head.seq > 0, request.head.seq <= journal.seq, let stored = rows.stored[request.head.seq],
            stored.hash != request.head.hash
        {
            try raiseFork(seq: request.head.seq, hash: request.head.hash, entry: nil)
        }
        return try request.entries.map { try take($0) }
    }

    private func take(_ entry: JournalEntry) throws -> EntryAnswer {
        guard entry.isIntact(for: device) else { return reject(entry, .journalTampered) }
        if entry.seq <= journal.seq { return try compare(entry) }
        if let quarantine {
            try noteEvidence(seq: entry.seq, hash: entry.hash, entry: entry)
            return reject(entry, quarantine)
        }
        let gap: GapRecord? = entry.gap
        guard gap.map({ (1...journal.seq + 1).contains($0.from) }) ?? (entry.kind != .gap && entry.seq == journal.seq + 1) else {
            return reject(entry, .journalGap)
        }
        guard try hash(before: gap?.from ?? entry.seq).map({ $0 == entry.previous }) ?? true else {
            try raiseFork(seq: entry.seq, hash: entry.hash, entry: entry)
            return reject(entry, quarantine ?? .journalFork)
        }
        var rejection: ProblemCode?
        let used: Timestamp = used(entry)
        do {
            if let bill = try ledger.assess(entry, usedAt: used) { try ledger.post(bill, for: entry) }
            if let gap { try take(gap, entry) } else { try note(entry) }
        } catch let refusal as LedgerRefusal { rejection = refusal.code }
        let key: Allotment.Key? = entry.api.map { Allotment.Key(epoch: entry.epoch, api: $0) }
        if rejection == .notForSale { try hold(entry, usedAt: used, isCounted: try key.map { try allotments[$0] != nil } ?? false) }
        if entry.units > 0, let key { try allotments.spend(entry.units, key) }
        rows.add(entry, rejection: rejection)
        journal.advance(to: entry)
        taken += 1
        return rejection.map { reject(entry, $0) } ?? EntryAnswer(seq: entry.seq, outcome: .accepted)
    }

    /// Of the entry before a place at most one after the last; `nil` matches whatever is stated: a gap begins in the middle of another.
    private func hash(before seq: Int64) throws -> EntryHash? {
        if seq == journal.seq + 1 { return journal.hash }
        if seq == 1 { return .genesis }
        try rows.flush(connection, device, now: now)
        return try JournalRows.hash(connection, device, epoch: journal.epoch, seq: seq - 1)
    }

    /// When the use happened by the hub's clock: the device's time less its skew, between enrolment and now.
    func used(_ entry: JournalEntry) -> Timestamp {
        let corrected = Timestamp(milliseconds: entry.time.milliseconds - (abs(skew) > SyncLimits.clockTolerance ? skew : 0))
        return min(max(corrected, enrolled), now)
    }

    /// An entry for a place that is taken: the same again, or another.
    private func compare(_ entry: JournalEntry) throws -> EntryAnswer {
        let stored: JournalRows.Stored? = rows.stored[entry.seq]
        if let stored, stored.hash != entry.hash {
            try raiseFork(seq: entry.seq, hash: entry.hash, entry: entry)
            return reject(entry, quarantine ?? .journalFork)
        }
        // Inside a gap: what cost nothing is done with; what was counted as lost stays with the operator.
        if stored?.isGap ?? true, entry.units > 0 { return reject(entry, .journalGap) }
        return stored?.rejection.map { reject(entry, $0) } ?? EntryAnswer(seq: entry.seq, outcome: .duplicate)
    }

    private func reject(_ entry: JournalEntry, _ code: ProblemCode) -> EntryAnswer { EntryAnswer(seq: entry.seq, outcome: .rejected, code: code) }

    // MARK: State

    func begin(_ place: JournalPlace) {
        current = place
        backedUpThrough = 0
    }

    func follow(_ place: JournalPlace) { journal = place }

    func set(quarantine code: ProblemCode) { quarantine = code }

    func save() throws {
        try rows.flush(connection, device, now: now)
        try allotments.flush()
        try batch.flush()
        try takeHealth()
        if journal.epoch == current.epoch { current = journal }
        // The signature of the head is the device's proof; it is kept when it covers what the hub holds.
        let isHead: Bool = request.head.epoch == current.epoch && request.head.seq == current.seq && request.head.hash == current.hash
        if journal.epoch != current.epoch { try journal.saveEnded(connection, device) }
        try connection.execute(
            """
            UPDATE device SET journal_epoch = ?, head_seq = ?, head_hash = ?, backed_up_seq = ?, contact_ms = ?, agent_version = ?, clock_skew_ms = ?,
                head_signature = CASE WHEN ? = 1 THEN ? ELSE head_signature END
            WHERE id = ?
            """,
            [
                .integer(current.epoch), .integer(current.seq), .blob(current.hash.bytes), .integer(backedUpThrough), .integer(now.milliseconds),
                .text(String(request.agentVersion.prefix(40))), .integer(skew), SQLValue(isHead), .blob(request.headSignature.bytes), .text(device.rawValue),
            ])
    }

    private func nextContact() throws -> Int64 {
        let usual: Int64 = (Int64(try Settings(connection)[.deviceContactSeconds]) ?? 30) * 1_000
        return hub.syncPace.next(after: try DeviceGroups.configuration(connection, of: device)?.contactMilliseconds ?? usual)
    }

    func response(_ answers: [EntryAnswer], _ grants: LeaseGrants.Answer) throws -> SyncResponse {
        // What a device still has of a journal that ended without its asking is taken in first; then it hears of the next one.
        let isDraining: Bool = journal.epoch != current.epoch && taken > 0 && request.newEpoch == nil
        let place: JournalPlace = isDraining ? journal : current
        return SyncResponse(
            answers: answers, journalEpoch: place.epoch, acknowledgedThrough: place.seq, backedUpThrough: isDraining ? 0 : backedUpThrough,
            leases: grants.leases, refusals: grants.refusals, hubEpoch: hubEpoch, time: now, clockSkewMilliseconds: skew,
            timeSignature: try signedTime(), nextContactMilliseconds: try nextContact(), quarantine: quarantine, feed: try feed(),
            commands: try commands(), receiptsTaken: request.receipts?.map(\.id), announcements: try announcements(),
            releases: try releases())
    }

    /// Tells the time and how far the hub holds the journal, and nothing else.
    func askingAgain() throws -> SyncResponse {
        SyncResponse(
            answers: [], journalEpoch: current.epoch, acknowledgedThrough: current.seq, backedUpThrough: backedUpThrough, leases: [], refusals: [],
            hubEpoch: hubEpoch, time: now, clockSkewMilliseconds: skew, isClockUnconfirmed: true, timeSignature: try signedTime(), quarantine: quarantine)
    }

    private func signedTime() throws -> Base64 {
        Base64(try hub.keys.leaseKey.signature(for: SyncResponse.signedTimeBytes(device: device, head: request.head, time: now)))
    }
}
