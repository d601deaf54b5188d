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
        let keys: HubKeys = keys
        return try await database.write { connection in
            guard let row = try connection.firstRow("SELECT * FROM device WHERE id = ?", [.text(device.rawValue)]) else { throw HubStorageError.damaged }
            var intake = try JournalIntake(connection, row: row, request: request, now: now)
            try intake.verifyHead()
            let answers: [EntryAnswer] = try request.entries.map { try intake.take($0) }
            try intake.saveDevice()
            try intake.batch.flush()
            let grants = LeaseGrants(connection: connection, keys: keys, intake: intake)
            var leases: [SignedLease] = []
            var refusals: [LeaseRefusal] = []
            for held in request.leases where held.api.base != nil {
                let (lease, refusal) = try grants.renew(held)
                if let lease { leases.append(lease) }
                if let refusal { refusals.append(LeaseRefusal(api: held.api, code: refusal)) }
            }
            return SyncResponse(
                answers: answers, journalEpoch: intake.epoch, acknowledgedThrough: intake.watermark, backedUpThrough: try row.integer("backed_up_seq"),
                leases: leases,
                refusals: refusals, hubEpoch: intake.hubEpoch, time: now, clockSkewMilliseconds: intake.skew)
        }
    }
}

/// The hub's side of one device's journal during one sync.
struct JournalIntake {
    let device: DeviceID
    let account: Account
    let keyThumbprint: String
    let epoch: Int64
    let hubEpoch: Int64
    let now: Timestamp
    /// Device clock minus hub clock, milliseconds.
    let skew: Int64
    private(set) var watermark: Int64
    private var headHash: EntryHash
    private let enrolled: Timestamp
    private let publicKey: P256.Signing.PublicKey
    private let request: SyncRequest
    private let connection: any SQLConnection
    private let ledger: Ledger
    let batch: MeterBatch

    init(_ connection: any SQLConnection, row: SQLRow, request: SyncRequest, now: Timestamp) throws {
        guard let device = DeviceID(rawValue: try row.text("id")), let hash = EntryHash(try row.blob("head_hash")) else { throw HubStorageError.damaged }
        self.connection = connection
        self.request = request
        self.now = now
        self.device = device
        account = try Hub.account(connection, try row.text("account_id"))
        keyThumbprint = try row.text("key_thumbprint")
        epoch = try row.integer("journal_epoch")
        hubEpoch = try Hub.epoch(connection)
        skew = request.deviceTime.since(now).wholeMilliseconds
        watermark = try row.integer("head_seq")
        headHash = hash
        enrolled = Timestamp(milliseconds: try row.integer("created_ms"))
        publicKey = try P256.Signing.PublicKey(rawRepresentation: try row.blob("public_key"))
        batch = MeterBatch(connection: connection, now: now, actor: Actor(.device, device.rawValue))
        ledger = Ledger(batch: batch, device: device, account: account.id, epoch: epoch)
    }

    /// The device's signature must cover the last entry sent: a batch that anyone else made, or changed, is refused whole.
    func verifyHead() throws(Problem) {
        guard request.head.epoch == epoch, request.entries.allSatisfy({ $0.epoch == epoch }) else {
            throw Problem(
                .invalidRequest, "The journal's epoch is not the device's.", detail: "epoch \(request.head.epoch), the hub expects \(epoch)",
                remedy: "Join again with a new token.")
        }
        guard request.entries.count <= SyncLimits.entries else {
            throw Problem(
                .bodyTooLarge, "Too many entries in one sync.", detail: "\(request.entries.count), at most \(SyncLimits.entries)",
                remedy: "Send smaller batches.")
        }
        let isContiguous: Bool = zip(request.entries, request.entries.dropFirst()).allSatisfy { $1.seq == $0.seq + 1 && $1.previous == $0.hash }
        let endsAtHead: Bool = request.entries.last.map { $0.seq == request.head.seq && $0.hash == request.head.hash } ?? true
        guard isContiguous, endsAtHead, let signature = try? P256.Signing.ECDSASignature(rawRepresentation: request.headSignature.bytes),
            publicKey.isValidSignature(signature, for: request.head.signedBytes(device: device))
        else {
            throw Problem(
                .journalTampered, "The journal's head is not signed by this device, or does not fit its entries.", detail: "entry \(request.head.seq)",
                remedy: "Run `vultus-edge doctor` on the device; if its journal was altered, ask the operator to look.")
        }
    }

    mutating func take(_ entry: JournalEntry) throws -> EntryAnswer {
        guard entry.isIntact(for: device) else { return reject(entry, .journalTampered) }
        if entry.seq <= watermark { return try compare(entry) }
        guard entry.seq == watermark + 1 else { return reject(entry, .journalGap) }
        guard entry.previous == headHash else {
            try raiseFork(entry)
            return reject(entry, .journalFork)
        }
        let bill: Result<Ledger.Bill?, LedgerRefusal> = try ledger.assess(entry, usedAt: used(entry), now: now)
        var rejection: ProblemCode?
        if case .failure(let refusal) = bill { rejection = refusal.code }
        try store(entry, rejection: rejection)
        if case .success(let bill?) = bill { try ledger.post(bill, for: entry) }
        if entry.units > 0, let api = entry.api { try ledger.countSpent(entry.units, of: api) }
        watermark = entry.seq
        headHash = entry.hash
        return rejection.map { reject(entry, $0) } ?? EntryAnswer(seq: entry.seq, outcome: .accepted)
    }

    func saveDevice() throws {
        // The signature of the head is the device's proof; it is kept when it covers what the hub holds.
        let isHead: Bool = request.head.seq == watermark && request.head.hash == headHash
        try connection.execute(
            """
            UPDATE device SET head_seq = ?, head_hash = ?, contact_ms = ?, agent_version = ?, clock_skew_ms = ?,
                head_signature = CASE WHEN ? = 1 THEN ? ELSE head_signature END
            WHERE id = ?
            """,
            [
                .integer(watermark), .blob(headHash.bytes), .integer(now.milliseconds), .text(String(request.agentVersion.prefix(40))), .integer(skew),
                .integer(isHead ? 1 : 0), .blob(request.headSignature.bytes), .text(device.rawValue),
            ])
    }

    /// When the use happened by the hub's clock: the device's time less its skew, between enrolment and now.
    private func used(_ entry: JournalEntry) -> Timestamp {
        let corrected = Timestamp(milliseconds: entry.time.milliseconds - (abs(skew) > 120_000 ? skew : 0))
        return min(max(corrected, enrolled), now)
    }

    private func compare(_ entry: JournalEntry) throws -> EntryAnswer {
        let stored = try connection.firstRow(
            "SELECT hash, rejection FROM journal_entry WHERE device_id = ? AND epoch = ? AND seq = ?",
            [.text(device.rawValue), .integer(entry.epoch), .integer(entry.seq)])
        guard let stored, try stored.blob("hash") == entry.hash.bytes else {
            try raiseFork(entry)
            return reject(entry, .journalFork)
        }
        if let code = try stored.textOrNil("rejection").flatMap(ProblemCode.init(rawValue:)) { return reject(entry, code) }
        return EntryAnswer(seq: entry.seq, outcome: .duplicate)
    }

    private func reject(_ entry: JournalEntry, _ code: ProblemCode) -> EntryAnswer {
        EntryAnswer(seq: entry.seq, outcome: .rejected, code: code)
    }

    /// Two different entries claim the same place: a copied or rolled-back device. Kept for the operator.
    private func raiseFork(_ entry: JournalEntry) throws {
        try connection.execute(
            "INSERT INTO fork_alarm (device_id, epoch, seq, hash, raised_ms) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [.text(device.rawValue), .integer(entry.epoch), .integer(entry.seq), .blob(entry.hash.bytes), .integer(now.milliseconds)])
    }

    private func store(_ entry: JournalEntry, rejection: ProblemCode?) throws {
        try connection.execute(
            """
            INSERT INTO journal_entry (device_id, epoch, seq, kind, api, units, lease_id, wall_ms, boot_ms, body, body_digest, previous, hash, received_ms,
                rejection)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(device.rawValue), .integer(entry.epoch), .integer(entry.seq), .text(entry.kind.rawValue), SQLValue(entry.api?.rawValue),
                .integer(entry.units), SQLValue(entry.lease?.rawValue), .integer(entry.time.milliseconds), .integer(entry.bootMilliseconds),
                .text(entry.body ?? ""), entry.body == nil ? .blob(entry.bodyDigest.bytes) : .null, .blob(entry.previous.bytes), .blob(entry.hash.bytes),
                .integer(now.milliseconds), SQLValue(rejection?.rawValue),
            ])
    }
}
