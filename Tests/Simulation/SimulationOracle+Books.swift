import HubDomain
import HubStorage
import WireModel

/// The hub's books against the oracle's, when all is quiet.
extension SimulationOracle {
    private struct Billed {
        let units: Int64
        let amount: Int64
        let price: String
        let used: Timestamp
        let isOverdraft: Bool
    }

    func compare(_ hub: Hub, template: SimulationTemplate) async throws {
        let (entries, records): ([Place: (hash: EntryHash, rejection: String?)], [Place: [Billed]]) = try await hub.database.read { connection in
            var entries: [Place: (hash: EntryHash, rejection: String?)] = [:]
            try connection.forEachRow("SELECT device_id, epoch, seq, hash, rejection FROM journal_entry", []) { row in
                entries[try Self.place(row)] = (EntryHash(try row.blob("hash")) ?? .genesis, try row.textOrNil("rejection"))
            }
            var records: [Place: [Billed]] = [:]
            try connection.forEachRow(
                "SELECT device_id, epoch, seq, units, amount, price_id, used_ms, overdraft FROM metering_record WHERE state = 'settled' AND units > 0", []
            ) { row in
                records[try Self.place(row), default: []].append(
                    Billed(
                        units: try row.integer("units"), amount: try row.integer("amount"), price: try row.text("price_id"),
                        used: try Timestamp(milliseconds: row.integer("used_ms")),
                        isOverdraft: try row.integer("overdraft") == 1))
            }
            return (entries, records)
        }
        for (place, told) in uses {
            let isCopied: Bool = copies[place.device] != nil
            let entry: (hash: EntryHash, rejection: String?)? = entries[place]
            guard let use = told.first(where: { $0.entry.hash == entry?.hash }) else {
                if !isCopied { blame("I1: \(told[0].machine) entry \(place.seq) of epoch \(place.epoch) is not in the hub's journal") }
                continue
            }
            check(use, at: place, rejection: entry?.rejection, billed: records[place] ?? [], isCopied: isCopied, template: template)
        }
        for place in records.keys where uses[place] == nil { blame("\(place.device) entry \(place.seq) was billed, and nobody recorded it") }
        for (place, hash) in book.taken where entries[place]?.hash != hash { blame("I1: entry \(place.seq) of \(place.device) was acknowledged and is gone") }
        checkGaps(entries.keys)
        checkSpending(template)
        try await checkInvoice(hub, template, records.values.joined().map { ($0.units, $0.amount) })
        try await checkAlarms(hub)
    }

    private static func place(_ row: SQLRow) throws -> Place {
        guard let device = DeviceID(rawValue: try row.text("device_id")) else { throw HubStorageError.damaged }
        return Place(device: device, epoch: try row.integer("epoch"), seq: try row.integerOrNil("seq") ?? 0)
    }

    private func check(_ use: Use, at place: Place, rejection: String?, billed: [Billed], isCopied: Bool, template: SimulationTemplate) {
        let name: String = "\(use.machine) entry \(place.seq)"
        guard use.entry.units > 0 else {
            if !billed.isEmpty { blame("I4: \(name) costs nothing and was billed") }
            return
        }
        if billed.isEmpty, !isCopied { return blame("I1: \(name) of \(use.entry.units) units is in no book\(rejection.map { ": " + $0 } ?? "")") }
        if billed.count > 1 { return blame("I2: \(name) was billed \(billed.count) times") }
        guard let bill = billed.first else { return }
        if bill.units != use.entry.units { blame("I4: \(name): \(bill.units) units billed, \(use.entry.units) recorded") }
        // A clock that was wrong dates a use anywhere; its price must be that of the date all the same.
        let isDated: Bool = book.dated.contains(place)
        let day: Timestamp = isDated ? use.at : bill.used
        let price: Price? = template.prices.last { $0.api == use.entry.api && $0.effective <= day }
        if price?.id.rawValue != bill.price { blame("I4: \(name) of \(use.at) was billed by price \(bill.price) and not that of its day") }
        if let price, bill.amount != price.unitPrice.millionths * bill.units { blame("I4: \(name): \(bill.amount) for \(bill.units) units") }
        if isDated, bill.used != use.at { blame("\(name) of \(use.at) is dated \(bill.used)") }
    }

    /// Copies together spend no more than a slice each beyond what was granted; a device that nobody copied, no more than that.
    private func checkSpending(_ template: SimulationTemplate) {
        var spent: [MachineBook.Key: Int64] = [:]
        for (place, told) in uses {
            var seen: Set<EntryHash> = []
            for use in told where seen.insert(use.entry.hash).inserted {
                guard let api = use.entry.api else { continue }
                spent[MachineBook.Key(device: place.device, epoch: place.epoch, api: api), default: 0] += use.entry.units
            }
        }
        for (key, units) in spent {
            let count: Int64 = copies[key.device] ?? 1
            let hard: Int64 = template.terms.policy == .refuse ? 0 : template.terms.hardLimit
            let limit: Int64 = granted[key, default: 0] + (count - 1) * template.terms.leaseUnits + count * hard
            if units > limit { blame("\(count) copies of \(key.device) spent \(units) units of \(key.api), \(granted[key, default: 0]) were granted") }
        }
    }

    private func checkGaps(_ places: some Sequence<Place>) {
        var ends: [Place: (last: Int64, count: Int64)] = [:]
        for place in places {
            let journal = Place(device: place.device, epoch: place.epoch, seq: 0)
            let end: (last: Int64, count: Int64) = ends[journal] ?? (0, 0)
            ends[journal] = (max(end.last, place.seq), end.count + 1)
        }
        for (journal, end) in ends where end.last != end.count {
            blame("I3: \(journal.device) has \(end.count) entries of epoch \(journal.epoch), the last is \(end.last)")
        }
    }

    private func checkInvoice(_ hub: Hub, _ template: SimulationTemplate, _ records: [(units: Int64, amount: Int64)]) async throws {
        let invoice: Invoice = try await hub.invoice(
            account: template.account.rawValue, from: Timestamp(milliseconds: 0), to: hub.now().advanced(by: .seconds(1)))
        let (units, amount): (Int64, Int64) = invoice.lines.reduce((0, 0)) { ($0.0 + $1.units, $0.1 + $1.amount.millionths) }
        let wanted: (Int64, Int64) = records.reduce((0, 0)) { ($0.0 + $1.units, $0.1 + $1.amount) }
        if (units, amount) != wanted { blame("I4: the invoice has \(units) units and \(amount), its records \(wanted)") }
        let settled: Int64 = try await hub.quotas(account: template.account.rawValue).reduce(0) { $0 + $1.settled }
        let overdraft: Int64 = invoice.lines.reduce(0) { $0 + $1.overdraftUnits }
        if settled != units - overdraft { blame("I4: \(settled) units settled, \(units) billed and \(overdraft) of them overdraft") }
    }

    private func checkAlarms(_ hub: Hub) async throws {
        let alarmed: Set<DeviceID> = try await hub.database.read { connection in
            Set(try connection.rows("SELECT DISTINCT device_id FROM fork_alarm", []).compactMap { DeviceID(rawValue: try $0.text("device_id")) })
        }
        for device in alarmed.subtracting(forked) { blame("an alarm for \(device), which never contradicted itself") }
        for device in book.barred.subtracting(alarmed) { blame("no alarm for \(device), whose histories met") }
    }
}
