import FoundationEssentials
import GRDB
import WireModel

extension EdgeStore {
    var journalMarks: JournalMarkFile { JournalMarkFile(path: files.journalHead, masterKey: masterKey) }

    /// Where the journal of now ends; `nil` while there is none.
    func place(_ database: Database) throws -> JournalHead? {
        try database.value(Int64.self, sql: "SELECT journal_epoch FROM identity WHERE device_id IS NOT NULL").map { try self.head(database, $0) }
    }

    /// - Throws: `.damaged` when a count is not what was written: a mark must not vouch for it.
    func journalMark(_ database: Database) throws -> JournalMark? {
        guard let row = try database.row(sql: "SELECT device_id, journal_epoch FROM identity WHERE device_id IS NOT NULL"),
            let device = DeviceID(rawValue: row["device_id"])
        else { return nil }
        let head: JournalHead = try head(database, row["journal_epoch"])
        return JournalMark(device: device, head: head, spent: try spentUnits(database, head.epoch))
    }

    /// Brings the mark up to the journal: a store that was written before there were marks, or by a process that ended before it came to it.
    func keepJournalMark() throws(EdgeStoreError) {
        if let mark = try read({ try self.journalMark($0) }) { journalMarks.advance(to: mark) }
    }

    /// - Parameter mark: read before the journal is, so that what others do meanwhile is not taken for damage.
    /// - Returns: what the journal lacks of what was answered, or `nil`.
    func fault(behind mark: JournalMark?, _ database: Database, _ identity: DeviceIdentity) throws -> String? {
        guard let mark, mark.device == identity.device, mark.head.epoch >= identity.journalEpoch else { return nil }
        guard mark.head.epoch == identity.journalEpoch else { return "journal \(mark.head.epoch) is missing" }
        let end: JournalHead = try head(database, identity.journalEpoch)
        guard mark.head.seq <= end.seq else { return "the journal ends with entry \(end.seq) and went to entry \(mark.head.seq)" }
        let sql: String = "SELECT hash FROM journal WHERE epoch = ? AND seq = ?"
        let kept: EntryHash? = try database.value(Data.self, sql: sql, arguments: [mark.head.epoch, mark.head.seq]).map(hash)
        return kept ?? mark.head.hash == mark.head.hash ? nil : "entry \(mark.head.seq) is another than was written"
    }
}
