import HubAccess
import HubStorage
import WireModel

/// What a key may do beyond calling: each must be named when the key is made.
package enum KeyPermission: String, Sendable, Codable, CaseIterable {
    /// Read the numbers of templates, where the account's terms allow that too.
    case templates = "templates:read"
}

/// The consent under which an application enrols persons through an interface that cannot say whose consent it has.
package struct StandingConsent: Sendable, Codable, Hashable {
    package let reference: String
    package let purpose: String
    /// Days until consent that was given at enrolment ends.
    package let days: Int64
    /// It says that templates are kept on terminals too.
    package let onDevices: Bool

    package init(reference: String, purpose: String, days: Int64, onDevices: Bool = false) {
        self.reference = reference
        self.purpose = purpose
        self.days = days
        self.onDevices = onDevices
    }

    /// Consent that does not speak of devices was not given for them.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            reference: try container.decode(String.self, forKey: .reference), purpose: try container.decode(String.self, forKey: .purpose),
            days: try container.decode(Int64.self, forKey: .days), onDevices: try container.decodeIfPresent(Bool.self, forKey: .onDevices) ?? false)
    }

    /// What a person enrolled now has consented to.
    package func record(at now: Timestamp) -> ConsentRecord {
        ConsentRecord(
            reference: reference, purpose: purpose, given: now, expires: now.advanced(by: .seconds(days * 86_400)), onDevices: onDevices)
    }
}

extension Hub {
    /// Whether the account's terms allow it, and the key was made for it.
    package func mayReadTemplates(_ key: APIKeyID, account: AccountID) async throws -> Bool {
        try await database.read { connection in
            let row: SQLRow? = try connection.firstRow(
                "SELECT scopes, allows_templates FROM api_key JOIN account ON account.id = api_key.account_id WHERE api_key.id = ? AND account.id = ?",
                [.text(key.rawValue), .text(account.rawValue)])
            guard let row else { return false }
            return try row.integer("allows_templates") == 1
                && JSON.value([KeyPermission].self, from: try row.text("scopes")).contains(.templates)
        }
    }

    /// - Parameter reference: an account's id or name.
    package func setTemplates(allowed: Bool, account reference: String, by actor: Actor) async throws -> Account {
        try await act(actor) { connection, trail, _ in
            let account: Account = try Self.account(connection, reference)
            try connection.execute("UPDATE account SET allows_templates = ? WHERE id = ?", [SQLValue(allowed), .text(account.id.rawValue)])
            try trail.record(.templateTerms, account: account.id, subject: account.id.rawValue, ["templates": allowed ? "allowed" : "withheld"])
            return account
        }
    }

    private static func context(_ application: ApplicationID) -> String { "application-consent/" + application.rawValue }

    package func standingConsent(_ owner: GalleryOwner) async throws -> StandingConsent? {
        let sealer = sealer
        return try await database.read { connection in
            let row: SQLRow? = try connection.firstRow(
                "SELECT sealed_consent FROM application WHERE id = ? AND account_id = ?",
                [.text(owner.application.rawValue), .text(owner.account.rawValue)])
            guard let row else { throw Problem.nothing("application", owner.application.rawValue) }
            return try row.blobOrNil("sealed_consent").map {
                try JSON.value(StandingConsent.self, from: try sealer.open($0, context: Self.context(owner.application)))
            }
        }
    }

    /// - Parameter consent: `nil` takes it away: nobody can be enrolled that way any more; who was stays.
    package func setStandingConsent(_ consent: StandingConsent?, of owner: GalleryOwner, by actor: Actor) async throws {
        let sealer = sealer
        try await act(actor) { connection, trail, now in
            if let consent { try PersonRule.check(consent.record(at: now), isMinor: false, now: now) }
            let sealed: [UInt8]? = try consent.map { try sealer.seal(try JSON.bytes($0), context: Self.context(owner.application)) }
            let changed: Int = try connection.execute(
                "UPDATE application SET sealed_consent = ? WHERE id = ? AND account_id = ?",
                [SQLValue(sealed), .text(owner.application.rawValue), .text(owner.account.rawValue)])
            guard changed == 1 else { throw Problem.nothing("application", owner.application.rawValue) }
            try trail.record(
                .applicationConsent, account: owner.account, subject: owner.application.rawValue,
                ["consent": consent.map { $0.onDevices ? "set, for devices too" : "set" } ?? "ended"])
        }
    }
}
