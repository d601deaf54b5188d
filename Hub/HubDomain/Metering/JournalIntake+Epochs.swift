import HubStorage
import WireModel

/// Journals end and begin: a device whose store was damaged asks for another, and a restored hub meets one that it opened after
/// the backup.
extension JournalIntake {
    /// Journals that a device may end in a day before an operator has to look.
    static let mostEpochsADay: Int64 = 3

    /// After the entries that came with the request.
    func endJournalIfAsked() throws {
        guard let ask = request.newEpoch, ask.ended == request.head.epoch, quarantine == nil else { return }
        guard journal.epoch == current.epoch else { return try answerAgain() }
        let day: Timestamp = now.advanced(by: .seconds(-86_400))
        let recent: Int64 = try connection.rows(
            "SELECT count(*) AS n FROM ended_journal WHERE device_id = ? AND ground = 'damaged' AND ended_ms > ?",
            [.text(device.rawValue), .integer(day.milliseconds)])[0].integer("n")
        guard recent < Self.mostEpochsADay else { return try enterQuarantine(.storeDamaged) }
        for (api, spent) in try units(ask.spent ?? [:]) {
            let counted: Int64 = try allotments[Allotment.Key(epoch: journal.epoch, api: api)]?.spent ?? 0
            if spent > counted { try leaveOpen(spent - counted, of: api, epoch: journal.epoch, seq: journal.seq + 1, ground: "damaged") }
        }
        try journal.end(connection, device, .damaged, asked: request.head, now: now)
        begin(JournalPlace(beginning: journal.epoch + 1))
        try trail.record(
            .deviceEpoch, account: account.id, subject: device.rawValue,
            ["epoch": "\(current.epoch)", "ended": "\(journal.epoch)", "through": "\(journal.seq)"])
    }

    /// The device asks again to end a journal that has ended. When the next one is empty still, it did not hear the answer. When
    /// it is not, either the request is an old one that comes late, and says nothing new; or another copy of the device asks.
    private func answerAgain() throws {
        guard current.seq > 0, request.head != journal.ended?.asked, request.head.seq > journal.seq else { return }
        try raiseFork(seq: request.head.seq, hash: request.head.hash, entry: nil)
    }

    /// The hub opened this journal after the backup that it was restored from.
    func adoptEpoch(_ epoch: Int64) throws {
        for ended in current.epoch..<epoch {
            let place: JournalPlace = ended == current.epoch ? current : JournalPlace(beginning: ended)
            try place.end(connection, device, .restored, asked: nil, now: now)
        }
        begin(JournalPlace(beginning: epoch))
        follow(current)
        try trail.record(.deviceEpoch, account: account.id, subject: device.rawValue, ["epoch": "\(epoch)", "ground": "restored"])
    }
}
