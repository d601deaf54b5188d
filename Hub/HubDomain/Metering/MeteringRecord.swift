import HubStorage
import WireModel

/// One use, of a call or a device: claimed before the work, settled or released after it, deduplicated by its id for ever.
package struct MeteringRecord: Sendable, Encodable {
    package enum State: String, Sendable, Codable, CaseIterable { case claimed, settled, released }

    /// `mtr_…` of a call; device, epoch and sequence of a journal entry.
    package let id: String
    package let account: AccountID
    package let application: ApplicationID?
    package let key: APIKeyID?
    let entitlement: EntitlementID?
    package let device: DeviceID?
    package let epoch: Int64?
    package let seq: Int64?
    package let api: APIName
    /// Claimed, until it is settled; then used.
    package internal(set) var units: Int64
    package internal(set) var state: State
    package internal(set) var used: Timestamp
    /// When it came into the books.
    package internal(set) var booked: Timestamp?
    package internal(set) var price: PriceID?
    package internal(set) var currency: String
    /// Millionths.
    package internal(set) var amount: Int64
    /// Of `units`, those that a pack paid.
    package internal(set) var packUnits: Int64
    package internal(set) var isTrial: Bool
    package let isOverdraft: Bool
    package internal(set) var transaction: LedgerTransactionID?
    var requestHash: String?
    /// Why it was released.
    package internal(set) var fault: ProblemCode?

    /// The count it takes places of; `nil` when it costs nothing.
    var countKey: MeterBatch.CountKey? { price.map { MeterBatch.CountKey(account: account, price: $0, month: CalendarMonth(used)) } }

    private enum CodingKeys: String, CodingKey {
        case id, account, application, key, device, epoch, seq, api, units, state, used, booked, price, currency, amount, packUnits, isTrial, isOverdraft
        case transaction, fault
    }

    init(_ row: SQLRow) throws {
        guard let account = AccountID(rawValue: try row.text("account_id")), let api = APIName(rawValue: try row.text("api")),
            let state = State(rawValue: try row.text("state"))
        else { throw HubStorageError.damaged }
        id = try row.text("id")
        self.account = account
        application = try row.textOrNil("application_id").flatMap(ApplicationID.init(rawValue:))
        key = try row.textOrNil("key_id").flatMap(APIKeyID.init(rawValue:))
        entitlement = try row.textOrNil("entitlement_id").flatMap(EntitlementID.init(rawValue:))
        device = try row.textOrNil("device_id").flatMap(DeviceID.init(rawValue:))
        epoch = try row.integerOrNil("epoch")
        seq = try row.integerOrNil("seq")
        self.api = api
        units = try row.integer("units")
        self.state = state
        used = try row.time("used_ms")
        booked = try row.timeOrNil("booked_ms")
        price = try row.textOrNil("price_id").flatMap(PriceID.init(rawValue:))
        currency = try row.text("currency")
        amount = try row.integer("amount")
        packUnits = try row.integer("pack_units")
        isTrial = try row.integer("is_trial") == 1
        isOverdraft = try row.integer("overdraft") == 1
        transaction = try row.textOrNil("transaction_id").flatMap(LedgerTransactionID.init(rawValue:))
        requestHash = try row.textOrNil("request_hash")
        fault = try row.textOrNil("fault").flatMap(ProblemCode.init(rawValue:))
    }

    /// Claimed by a call.
    init(_ claim: ClaimRequest, entitlement: EntitlementID, price: Price?, isTrial: Bool, now: Timestamp) {
        id = claim.id.rawValue
        account = claim.account
        application = claim.application
        key = claim.key
        self.entitlement = entitlement
        (device, epoch, seq) = (nil, nil, nil)
        api = claim.api
        units = claim.units
        state = .claimed
        used = now
        booked = nil
        self.price = price?.id
        currency = price?.unitPrice.currency ?? ""
        (amount, packUnits, transaction, fault) = (0, 0, nil, nil)
        self.isTrial = isTrial
        isOverdraft = false
        requestHash = claim.requestHash
    }

    /// Of a device's journal.
    init(entry: JournalEntry, device: DeviceID, account: AccountID, api: APIName, used: Timestamp, price: Price, isOverdraft: Bool, now: Timestamp) {
        id = "\(device):\(entry.epoch):\(entry.seq)"
        self.account = account
        (application, key, entitlement) = (nil, nil, nil)
        (self.device, epoch, seq) = (device, entry.epoch, entry.seq)
        self.api = api
        units = entry.units
        state = .claimed
        self.used = used
        booked = now
        self.price = price.id
        currency = price.unitPrice.currency
        (amount, packUnits, transaction, requestHash, fault) = (0, 0, nil, nil, nil)
        isTrial = false
        self.isOverdraft = isOverdraft
    }

    private static let columns: [String] = [
        "units", "state", "used_ms", "booked_ms", "price_id", "currency", "amount", "pack_units", "is_trial", "transaction_id", "request_hash",
        "fault", "entitlement_id", "id",
    ]

    /// What may change, in the order of ``columns``.
    private var values: [SQLValue] {
        [
            .integer(units), .text(state.rawValue), .integer(used.milliseconds), SQLValue(booked?.milliseconds), SQLValue(price?.rawValue), .text(currency),
            .integer(amount), .integer(packUnits), SQLValue(isTrial), SQLValue(transaction?.rawValue), SQLValue(requestHash),
            SQLValue(fault?.rawValue), SQLValue(entitlement?.rawValue), .text(id),
        ]
    }

    /// Those that are written with the record, and those that may change.
    static let allColumns: [String] = columns + ["account_id", "application_id", "key_id", "device_id", "epoch", "seq", "api", "overdraft"]

    /// In the order of ``allColumns``.
    var row: [SQLValue] {
        values + [
            .text(account.rawValue), SQLValue(application?.rawValue), SQLValue(key?.rawValue), SQLValue(device?.rawValue), SQLValue(epoch), SQLValue(seq),
            .text(api.rawValue), SQLValue(isOverdraft),
        ]
    }

    func update(_ connection: any SQLConnection) throws {
        let changes: String = Self.columns.dropLast().map { "\($0) = ?" }.joined(separator: ", ")
        try connection.execute("UPDATE metering_record SET \(changes) WHERE id = ?", values)
    }
}
