import HubStorage
import WireModel

/// One API as anybody may read of it: what it is, costs and allows now, and what is due to change.
package struct CatalogueEntry: Sendable, Codable {
    package let api: APIName
    package let title: String
    package let summary: String
    package let offer: Offer
    /// Announced terms, the next first.
    package let offersToCome: [Offer]
    package let plans: [PlanEntry]
    package let products: [Product]
    /// Documents that bind a call of it, the one that prevails first.
    package let agreements: [String]
    package let documentation: String
}

package struct PlanEntry: Sendable, Codable {
    package let plan: String
    /// `nil`: it begins with the first of `pricesToCome`.
    package let price: Price?
    package let pricesToCome: [Price]
}

extension APIName {
    package func title(in language: Language) -> String {
        switch base {
        case .detect?: language.text("Face detection", "人脸检测")
        case .quality?: language.text("Face quality", "人脸质量")
        case .compare?: language.text("Face comparison (1:1)", "人脸比对（1:1）")
        case .search?: language.text("Face search (1:N)", "人脸检索（1:N）")
        case .enrol?: language.text("Enrolment", "人脸注册")
        default: rawValue
        }
    }

    package func summary(in language: Language) -> String {
        switch base {
        case .detect?: language.text("Where the faces of a picture are, with five landmarks and the measures of each.", "返回图片中每张人脸的位置、五个关键点与质量指标。")
        case .quality?:
            language.text("Whether a face is good enough to be searched for or enrolled, and what to do when it is not.", "判断人脸是否满足检索或注册要求，并给出改进建议。")
        case .compare?:
            language.text(
                "Whether two faces are of one person, with score, threshold and the threshold's measured false-match rate.", "判断两张人脸是否为同一人，返回分数、阈值及其误识率。")
        case .search?: language.text("Who of a gallery a face is, or plainly unknown.", "在人脸库中检索身份；不在库中则明确返回未知。")
        case .enrol?: language.text("Makes a template of a consenting person's face and keeps it sealed in a gallery.", "为已同意者生成模板并加密存入人脸库。")
        default: ""
        }
    }

    /// What a call comes to; the routes say the same in numbers.
    package func charged(in language: Language) -> String {
        switch base {
        case .detect?, .quality?: language.text("1 unit for each picture, faces or none.", "每张图片计 1 次，无论是否有人脸。")
        case .compare?: language.text("1 unit for each comparison that gives a score.", "每次得出分数的比对计 1 次。")
        case .search?:
            language.text(
                "1 unit for each picture of which a face was decided on, match or unknown; nothing where every face is undecided.",
                "图片中至少有一张人脸得出结论（匹配或未知）时计 1 次；全部无法判定则不计。")
        case .enrol?: language.text("1 unit for each template that was made; nothing for the same picture again.", "每生成一个模板计 1 次；重复的图片不计。")
        default: ""
        }
    }
}

extension Hub {
    package func catalogue(in language: Language) async throws -> [CatalogueEntry] {
        let now: Timestamp = now()
        return try await database.read { connection in try APIName.all.map { try Self.entry(connection, $0, language, now) } }
    }

    package func catalogueEntry(_ api: APIName, in language: Language) async throws -> CatalogueEntry {
        let now: Timestamp = now()
        return try await database.read { try Self.entry($0, api, language, now) }
    }

    private static func entry(_ connection: any SQLConnection, _ api: APIName, _ language: Language, _ now: Timestamp) throws -> CatalogueEntry {
        let prices: [Price] = try connection.rows(
            "SELECT * FROM price WHERE api = ? AND account_id IS NULL ORDER BY plan, effective_ms, version", [.text(api.rawValue)]
        ).map(Price.init)
        let plans: [PlanEntry] = Dictionary(grouping: prices, by: \.plan).sorted { $0.key < $1.key }.map { plan, prices in
            PlanEntry(plan: plan, price: prices.last { $0.effective <= now }, pricesToCome: prices.filter { $0.effective > now })
        }
        return CatalogueEntry(
            api: api, title: api.title(in: language), summary: api.summary(in: language), offer: try offer(connection, api, at: now),
            offersToCome: try connection.rows(
                "SELECT * FROM offer WHERE api = ? AND effective_ms > ? ORDER BY effective_ms", [.text(api.rawValue), .integer(now.milliseconds)]
            ).map(Offer.init), plans: plans,
            products: try connection.rows(
                "SELECT * FROM product WHERE api = ? AND withdrawn_ms IS NULL AND effective_ms <= ? ORDER BY kind, price, id",
                [.text(api.rawValue), .integer(now.milliseconds)]
            ).map(Product.init), agreements: Agreements.layers(of: api), documentation: "/docs/\(api)")
    }

    /// Every version there was and will be: offers of an API, newest first.
    package func offers(_ api: APIName) async throws -> [Offer] {
        try await database.read { try $0.rows("SELECT * FROM offer WHERE api = ? ORDER BY version DESC", [.text(api.rawValue)]).map(Offer.init) }
    }

    /// Tells those who use an API of prices and terms they have not been told of. Safe on several hubs at once.
    /// - Returns: how many changes were announced.
    @discardableResult
    package func announceCatalogue() async throws -> Int {
        let (prices, offers): ([PriceID], [OfferID]) = try await database.read { connection in
            (
                try connection.rows("SELECT id FROM price WHERE announced_ms IS NULL ORDER BY id", []).compactMap {
                    PriceID(rawValue: try $0.text("id"))
                },
                try connection.rows("SELECT id FROM offer WHERE announced_ms IS NULL ORDER BY id", []).compactMap { OfferID(rawValue: try $0.text("id")) }
            )
        }
        for id in prices { try await announce(table: "price", id.rawValue) { try Self.words(of: Price($0), $1) } }
        for id in offers { try await announce(table: "offer", id.rawValue) { try Self.words(of: Offer($0), $1) } }
        return prices.count + offers.count
    }

    private func announce(table: String, _ id: String, _ event: @escaping @Sendable (SQLRow, Language) throws -> Event) async throws {
        let sealer = sealer
        try await act(.system("announcements")) { connection, _, now in
            let rows: [SQLRow] = try connection.rows(
                "UPDATE \(table) SET announced_ms = ? WHERE id = ? AND announced_ms IS NULL RETURNING *", [.integer(now.milliseconds), .text(id)])
            guard let row = rows.first else { return }
            let outbox = Outbox(connection: connection, sealer: sealer, now: now)
            let contract: String? = table == "price" ? try row.textOrNil("account_id") : nil
            let users: [AccountID] =
                try contract.map { AccountID(rawValue: $0).map { [$0] } ?? [] }
                ?? connection.rows(
                    """
                    SELECT id FROM account WHERE standing <> 'ended' AND id IN (
                        SELECT account_id FROM entitlement WHERE api = ? AND ended_ms IS NULL UNION SELECT account_id FROM quota WHERE api = ? AND units > 0)
                    ORDER BY id
                    """, [.text(try row.text("api")), .text(try row.text("api"))]
                ).compactMap { AccountID(rawValue: try $0.text("id")) }
            for user in users {
                let account: Account = try Self.account(connection, user)
                try outbox.tell(user, try event(row, account.language), mailing: .owners)
            }
        }
    }

    private static func words(of price: Price, _ language: Language) -> Event {
        .price(price.api, plan: price.plan, effective: price.effective, words: price.words(in: language))
    }

    private static func words(of offer: Offer, _ language: Language) -> Event {
        .offer(
            offer.api, effective: offer.effective,
            words: language.text(
                "From \(offer.effective.day): \(offer.terms.frequency.calls) calls in \(offer.terms.frequency.seconds) s for each application"
                    + (offer.terms.allowance.map { "; at most \($0.units) uses, counted by \($0.period.rawValue)" } ?? "") + ". All of it: /docs/\(offer.api)",
                "自 \(offer.effective.day) 起：每个应用每 \(offer.terms.frequency.seconds) 秒 \(offer.terms.frequency.calls) 次"
                    + (offer.terms.allowance.map { "；用量上限 \($0.units)（\($0.period.rawValue)）" } ?? "") + "。详见 /docs/\(offer.api)"))
    }
}

extension Price {
    /// The tariff in a sentence.
    package func words(in language: Language) -> String {
        var parts: [String] = []
        if tariff.free > 0 { parts.append(language.text("\(tariff.free) a month are free", "每月前 \(tariff.free) 次免费")) }
        for step in tariff.steps {
            let price: String = Money(millionths: step.price, currency: unitPrice.currency).text
            parts.append(
                step.through.map { language.text("up to \($0): \(price) each", "至第 \($0) 次：每次 \(price)") }
                    ?? language.text(
                        "\(tariff.steps.count > 1 || tariff.free > 0 ? "beyond: " : "")\(price) each",
                        "\(tariff.steps.count > 1 || tariff.free > 0 ? "其后" : "")每次 \(price)"))
        }
        return parts.joined(separator: language.text("; ", "；"))
    }
}
