import HubStorage
import WireModel

/// One device, two journals: its disk was copied or put back. What they say differently is found at the first conflicting sync;
/// from then on nothing is taken from the device, and nothing given to it, until an operator has looked.
extension JournalIntake {
    /// Kept as evidence, at most so many of a device.
    private static let mostEvidence: Int64 = 1_000

    /// Two different entries claim the same place.
    func raiseFork(seq: Int64, hash: EntryHash, entry: JournalEntry?) throws {
        // The operator who ordered the next journal has looked at this one.
        if quarantine == nil, journal.ended?.ground != .ordered { try enterQuarantine(.journalFork) }
        try noteEvidence(seq: seq, hash: hash, entry: entry)
    }

    func noteEvidence(seq: Int64, hash: EntryHash, entry: JournalEntry?) throws {
        let count: Int64 = try connection.rows("SELECT count(*) AS n FROM fork_alarm WHERE device_id = ?", [.text(device.rawValue)])[0].integer("n")
        guard count < Self.mostEvidence else { return }
        // What was resolved once and comes again is why the device is barred again.
        let again: String =
            quarantine == nil
            ? "DO NOTHING"
            : """
            (device_id, epoch, seq, hash) DO UPDATE SET raised_ms = excluded.raised_ms, resolved_ms = NULL, resolution = NULL
                WHERE fork_alarm.resolved_ms IS NOT NULL
            """
        try connection.execute(
            """
            INSERT INTO fork_alarm (device_id, epoch, seq, hash, raised_ms, entry_kind, entry_api, entry_units, entry_wall_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT \(again)
            """,
            [
                .text(device.rawValue), .integer(request.head.epoch), .integer(seq), .blob(hash.bytes), .integer(now.milliseconds),
                SQLValue(entry?.kind.rawValue), SQLValue(entry?.api?.rawValue), .integer(entry?.units ?? 0), SQLValue(entry?.time.milliseconds),
            ])
    }

    /// The device says that its store is an old copy: nothing contradicts anything, and it goes no further by itself. Believed when
    /// the hub does hold more of the present journal than the signed head, and said after an operator last looked: requests may come late.
    func takeRollBack() throws {
        guard let report = request.rollBack, quarantine == nil, report.epoch == current.epoch, request.head.epoch == current.epoch,
            report.seq == request.head.seq, report.seq < journal.seq
        else { return }
        let looked: Int64? = try connection.firstRow(
            "SELECT max(resolved_ms) AS looked FROM fork_alarm WHERE device_id = ?", [.text(device.rawValue)]
        )?.integerOrNil("looked")
        guard looked.map({ report.heard.milliseconds > $0 }) ?? true else { return }
        try enterQuarantine(.journalRolledBack)
        try noteEvidence(seq: report.seq, hash: request.head.hash, entry: nil)
    }

    func enterQuarantine(_ code: ProblemCode) throws {
        set(quarantine: code)
        try connection.execute(
            "UPDATE device SET quarantine = ?, quarantined_ms = ? WHERE id = ?", [.text(code.rawValue), .integer(now.milliseconds), .text(device.rawValue)])
        try trail.record(.deviceQuarantine, account: account.id, subject: device.rawValue, ["code": code.rawValue, "epoch": "\(request.head.epoch)"])
        let outbox = Outbox(connection: connection, sealer: hub.sealer, now: now)
        let event: Event = .deviceQuarantined(device, code)
        try outbox.tell(account.id, event, mailing: .owners)
        for row in try connection.rows("SELECT * FROM principal WHERE kind = 'operator' AND state = 'active'", []) {
            try outbox.mail(event, to: try Principal(row))
        }
    }
}
