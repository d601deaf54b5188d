import HubStorage
import WireModel

/// What an account owes for a period, a line per API and price version.
package struct Invoice: Sendable, Codable {
    package let account: AccountID
    package let name: String
    package let from: Timestamp
    package let to: Timestamp
    package let lines: [InvoiceLine]
    /// One per currency.
    package let totals: [Money]
}

package struct InvoiceLine: Sendable, Codable {
    /// `face.search/v1`: API and price version, the handle for a trace.
    package let line: String
    package let api: APIName
    package let units: Int64
    /// Journal entries and calls behind the line.
    package let entries: Int64
    package let devices: Int64
    /// Units used beyond a lease under `continue-and-flag`.
    package let overdraftUnits: Int64
    package let unitPrice: Money
    package let amount: Money
}

/// One journal entry behind an invoice line: enough to find it on the device and to check its hash.
package struct TracedUse: Sendable, Codable {
    package let device: DeviceID
    package let epoch: Int64
    package let seq: Int64
    package let units: Int64
    package let used: Timestamp
    package let lease: LeaseID?
    package let hash: EntryHash
    /// Recomputed from the entry as stored: false would mean it was changed after it was received.
    package let isIntact: Bool
}

extension Hub {
    /// - Parameters:
    ///   - from: first moment billed.
    ///   - to: first moment not billed any more.
    package func invoice(account reference: String, from: Timestamp, to: Timestamp) async throws -> Invoice {
        guard from < to else {
            throw Problem(.invalidRequest, "The period ends before it begins.", detail: "\(from) – \(to)", remedy: "Give --from earlier than --to.")
        }
        return try await database.read { connection in
            let account: Account = try Self.account(connection, reference)
            let lines: [InvoiceLine] = try connection.rows(
                """
                SELECT price.api AS api, price.version AS version, price.unit_price AS unit_price, price.currency AS currency,
                    sum(units) AS units, sum(amount) AS amount, count(*) AS entries, count(DISTINCT device_id) AS devices,
                    sum(CASE WHEN overdraft = 1 THEN units ELSE 0 END) AS overdraft
                FROM metering_record JOIN price ON price.id = metering_record.price_id
                WHERE metering_record.account_id = ? AND state = 'settled' AND units > 0 AND used_ms >= ? AND used_ms < ?
                GROUP BY price.api, price.version, price.unit_price, price.currency ORDER BY price.api, price.version
                """,
                [.text(account.id.rawValue), .integer(from.milliseconds), .integer(to.milliseconds)]
            ).map(InvoiceLine.init)
            let currencies: [String: Int64] = lines.reduce(into: [:]) { $0[$1.amount.currency, default: 0] += $1.amount.millionths }
            return Invoice(
                account: account.id, name: account.name, from: from, to: to, lines: lines,
                totals: currencies.sorted { $0.key < $1.key }.map { Money(millionths: $0.value, currency: $0.key) })
        }
    }

    /// The journal entries that made an invoice line.
    /// - Parameter line: as in ``InvoiceLine/line``.
    package func trace(account reference: String, line: String, from: Timestamp, to: Timestamp) async throws -> [TracedUse] {
        let parts: [Substring] = line.split(separator: "/")
        guard parts.count == 2, let api = APIName(rawValue: String(parts[0])), parts[1].hasPrefix("v"), let version = Int64(parts[1].dropFirst()) else {
            throw Problem(.invalidRequest, "That is not an invoice line.", detail: line, remedy: "Write it as the invoice does: face.search/v1.")
        }
        return try await database.read { connection in
            let account: Account = try Self.account(connection, reference)
            return try connection.rows(
                """
                SELECT journal_entry.*, metering_record.used_ms AS used_ms
                FROM metering_record
                JOIN price ON price.id = metering_record.price_id
                JOIN journal_entry ON journal_entry.device_id = metering_record.device_id
                    AND journal_entry.epoch = metering_record.epoch AND journal_entry.seq = metering_record.seq
                WHERE metering_record.account_id = ? AND price.api = ? AND price.version = ? AND used_ms >= ? AND used_ms < ?
                ORDER BY metering_record.device_id, metering_record.epoch, metering_record.seq
                """,
                [.text(account.id.rawValue), .text(api.rawValue), .integer(version), .integer(from.milliseconds), .integer(to.milliseconds)]
            ).map(TracedUse.init)
        }
    }
}

extension InvoiceLine {
    init(_ row: SQLRow) throws {
        guard let api = APIName(rawValue: try row.text("api")) else { throw HubStorageError.damaged }
        let price = Money(millionths: try row.integer("unit_price"), currency: try row.text("currency"))
        self.api = api
        line = "\(api)/v\(try row.integer("version"))"
        units = try row.integer("units")
        entries = try row.integer("entries")
        devices = try row.integer("devices")
        overdraftUnits = try row.integer("overdraft")
        unitPrice = price
        amount = Money(millionths: try row.integer("amount"), currency: price.currency)
    }
}

extension TracedUse {
    init(_ row: SQLRow) throws {
        guard let device = DeviceID(rawValue: try row.text("device_id")) else { throw HubStorageError.damaged }
        let entry = try JournalEntry(row)
        self.device = device
        epoch = entry.epoch
        seq = entry.seq
        units = entry.units
        used = Timestamp(milliseconds: try row.integer("used_ms"))
        lease = entry.lease
        hash = entry.hash
        isIntact = entry.isIntact(for: device)
    }
}

extension JournalEntry {
    /// A row of `journal_entry`, which has a digest in place of a body that was forgotten.
    init(_ row: SQLRow) throws {
        guard let kind = EntryKind(rawValue: try row.text("kind")), let previous = EntryHash(try row.blob("previous")),
            let hash = EntryHash(try row.blob("hash"))
        else { throw HubStorageError.damaged }
        let api: APIName? = try row.textOrNil("api").flatMap(APIName.init(rawValue:))
        let lease: LeaseID? = try row.textOrNil("lease_id").flatMap(LeaseID.init(rawValue:))
        if let digest = try row.blobOrNil("body_digest").flatMap(EntryHash.init) {
            self.init(
                epoch: try row.integer("epoch"), seq: try row.integer("seq"), kind: kind, api: api, units: try row.integer("units"), lease: lease,
                time: try row.time("wall_ms"), bootMilliseconds: try row.integer("boot_ms"), bodyDigest: digest, previous: previous, hash: hash)
        } else {
            self.init(
                epoch: try row.integer("epoch"), seq: try row.integer("seq"), kind: kind, api: api, units: try row.integer("units"), lease: lease,
                time: try row.time("wall_ms"), bootMilliseconds: try row.integer("boot_ms"), body: try row.text("body"), previous: previous, hash: hash)
        }
    }
}
