import HubStorage
import WireModel

/// What can be bought beside use: packs of units that end, and more frequency for a time.
package struct Product: Sendable, Codable {
    package enum Kind: String, Sendable, Codable, CaseIterable {
        /// Units used before any is charged.
        case pack
        /// Calls on top of the API's frequency, in its own span.
        case frequency
    }

    package let id: ProductID
    package let api: APIName
    package let kind: Kind
    package let name: String
    package let units: Int64
    package let validDays: Int64
    package let price: Money
    package let effective: Timestamp
    package let withdrawn: Timestamp?

    init(_ row: SQLRow) throws {
        guard let id = ProductID(rawValue: try row.text("id")), let api = APIName(rawValue: try row.text("api")),
            let kind = Kind(rawValue: try row.text("kind"))
        else { throw HubStorageError.damaged }
        self.id = id
        self.api = api
        self.kind = kind
        name = try row.text("name")
        units = try row.integer("units")
        validDays = try row.integer("valid_ms") / 86_400_000
        price = Money(millionths: try row.integer("price"), currency: try row.text("currency"))
        effective = try row.time("effective_ms")
        withdrawn = try row.timeOrNil("withdrawn_ms")
    }
}

package struct ProductDraft: Sendable {
    package let api: APIName
    package let kind: Product.Kind
    package let name: String
    package let units: Int64
    package let validDays: Int64
    package let price: Money

    package init(api: APIName, kind: Product.Kind, name: String, units: Int64, validDays: Int64, price: Money) {
        self.api = api
        self.kind = kind
        self.name = name
        self.units = units
        self.validDays = validDays
        self.price = price
    }
}

/// A product that an account bought: what it bought stays as it was then.
package struct Purchase: Sendable, Codable {
    package let id: PurchaseID
    package let product: ProductID
    package let kind: Product.Kind
    package let api: APIName
    package let units: Int64
    package let used: Int64
    package let begins: Timestamp
    package let ends: Timestamp
    package let transaction: LedgerTransactionID?

    init(_ row: SQLRow) throws {
        guard let id = PurchaseID(rawValue: try row.text("id")), let product = ProductID(rawValue: try row.text("product_id")),
            let kind = Product.Kind(rawValue: try row.text("kind")), let api = APIName(rawValue: try row.text("api"))
        else { throw HubStorageError.damaged }
        self.id = id
        self.product = product
        self.kind = kind
        self.api = api
        units = try row.integer("units")
        used = try row.integer("used")
        begins = try row.time("begins_ms")
        ends = try row.time("ends_ms")
        transaction = try row.textOrNil("transaction_id").flatMap(LedgerTransactionID.init(rawValue:))
    }
}

extension Hub {
    package func addProduct(_ draft: ProductDraft, by actor: Actor) async throws -> Product {
        let name: String = try Self.checkName(draft.name)
        guard (1...1_000_000_000).contains(draft.units), (1...3_660).contains(draft.validDays) else {
            throw Problem(.invalidRequest, "A product has units and lasts some days.", remedy: "Give 1 or more units and 1 to 3660 days.")
        }
        return try await act(actor) { connection, trail, now in
            try Self.checkSold(connection, draft.api)
            let row: SQLRow = try connection.rows(
                """
                INSERT INTO product (id, api, kind, name, units, valid_ms, price, currency, effective_ms, created_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *
                """,
                [
                    .text(ProductID(at: now).rawValue), .text(draft.api.rawValue), .text(draft.kind.rawValue), .text(name), .integer(draft.units),
                    .integer(draft.validDays * 86_400_000), .integer(draft.price.millionths), .text(draft.price.currency), .integer(now.milliseconds),
                    .integer(now.milliseconds),
                ])[0]
            let product = try Product(row)
            try trail.record(.productSet, subject: product.id.rawValue, ["api": draft.api.rawValue, "price": draft.price.text])
            return product
        }
    }

    /// From now on nobody buys it; what was bought goes on.
    package func withdrawProduct(_ id: ProductID, by actor: Actor) async throws -> Product {
        try await act(actor) { connection, trail, now in
            let rows: [SQLRow] = try connection.rows(
                "UPDATE product SET withdrawn_ms = coalesce(withdrawn_ms, ?) WHERE id = ? RETURNING *", [.integer(now.milliseconds), .text(id.rawValue)])
            guard let row = rows.first else { throw Problem.nothing("product", id.rawValue) }
            try trail.record(.productWithdraw, subject: id.rawValue)
            return try Product(row)
        }
    }

    package func purchases(_ account: AccountID) async throws -> [Purchase] {
        try await database.read {
            try $0.rows("SELECT * FROM purchase WHERE account_id = ? ORDER BY id DESC", [.text(account.rawValue)]).map(Purchase.init)
        }
    }

    /// Bought out of the balance, in force at once.
    /// - Parameter key: the same for every repetition of one order, which is bought once.
    package func buy(_ id: ProductID, account: AccountID, key: String? = nil, by actor: Actor) async throws -> Purchase {
        try await act(actor) { connection, trail, now in
            let repeatable: PurchaseID? = key.map { RepeatedOrder.identifier(of: $0, account) }
            if let repeatable, let row = try connection.firstRow("SELECT * FROM purchase WHERE id = ?", [.text(repeatable.rawValue)]) {
                let before = try Purchase(row)
                guard before.product == id else { throw MeterRefusal.mismatch }
                return before
            }
            guard
                let row = try connection.firstRow(
                    "SELECT * FROM product WHERE id = ? AND withdrawn_ms IS NULL AND effective_ms <= ?", [.text(id.rawValue), .integer(now.milliseconds)])
            else { throw Problem.nothing("product for sale", id.rawValue) }
            let product = try Product(row)
            let purchase: PurchaseID = repeatable ?? PurchaseID(at: now)
            let books = Books(connection: connection, now: now, actor: actor)
            var transaction: LedgerTransactionID?
            if product.price.millionths > 0 {
                transaction = try books.move(
                    .purchase, -product.price.millionths, account, product.price.currency, counter: CounterLedger.revenue(product.api), reason: product.name,
                    reference: purchase.rawValue)
                try books.flush()
            }
            let made: SQLRow = try connection.rows(
                """
                INSERT INTO purchase (id, account_id, product_id, kind, api, units, begins_ms, ends_ms, transaction_id, created_ms)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *
                """,
                [
                    .text(purchase.rawValue), .text(account.rawValue), .text(id.rawValue), .text(product.kind.rawValue), .text(product.api.rawValue),
                    .integer(product.units), .integer(now.milliseconds), .integer(now.milliseconds + product.validDays * 86_400_000),
                    SQLValue(transaction?.rawValue), .integer(now.milliseconds),
                ])[0]
            try trail.record(.purchaseMake, account: account, subject: purchase.rawValue, ["product": id.rawValue, "price": product.price.text])
            return try Purchase(made)
        }
    }
}
