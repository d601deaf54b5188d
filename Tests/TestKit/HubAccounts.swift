import HubAccess
import HubDomain
import HubStorage
import WireModel

extension Actor {
    package static let test = Actor(.shell, "test")
}

extension PasswordParameters {
    /// So little work that a test may make many; what they are is tested apart.
    package static let quick = PasswordParameters(memoryKiB: 8, passes: 1)
}

extension Hub {
    package static let testPassword: String = "correct horse battery staple"

    /// Every agreement in force, in English, as somebody who has read them sends it.
    package func acceptableTexts(_ documents: Set<String>? = nil) async throws -> [AcceptedText] {
        try await agreementsInForce().filter { documents?.contains($0.document) ?? true }.map {
            AcceptedText(document: $0.document, number: $0.number, hash: $0.textHashes["en"] ?? "")
        }
    }

    /// The token in the newest queued mail to a mailbox.
    package func mailedToken(_ mailbox: String, purpose: String? = nil) async throws -> String {
        let mail: (subject: String, text: String) = try await queuedMail(to: mailbox, purpose: purpose, by: .test)
        return mail.text.split(whereSeparator: \.isNewline).map(String.init).first { $0.hasPrefix("vmt_") } ?? ""
    }

    /// The whole road from nothing to an active account: opened, invited by mail, accepted with the mailed token.
    @discardableResult
    package func openTestAccount(_ name: String = "Acme", email: String = "owner@acme.example") async throws -> Account {
        _ = try await openAccount(name: name, kind: .individual, owner: try EmailAddress(email), language: .en, by: .test)
        return try await acceptInvitation(
            token: try await mailedToken(email), password: Self.testPassword, accepted: try await acceptableTexts(), address: "192.0.2.1")
    }

    /// Regular use of an API for an application, priced at nothing unless it has a price.
    @discardableResult
    package func grant(_ api: APIName, to application: ApplicationID, of account: Account, price: String = "0") async throws -> Entitlement {
        if try await catalogueEntry(api, in: .en).plans.isEmpty {
            _ = try await setPrice(
                api: api, unitPrice: try Money(price, currency: "CNY"), effective: nil,
                lease: LeaseTerms(units: 100, termMilliseconds: 86_400_000, whenExhausted: .refuse, hardLimit: 0), by: .test)
        }
        return try await apply(
            EntitlementRequest(api: api, isTrial: false, plan: nil, reason: "test", accepted: []), application: application, account: account.id, by: .test)
    }

    /// Sessions of everybody in an account.
    package func countSessions(account: AccountID) async throws -> Int {
        try await database.read {
            Int(
                try $0.rows(
                    "SELECT count(*) AS n FROM session JOIN principal ON principal.id = session.principal_id WHERE account_id = ?", [.text(account.rawValue)])[
                        0
                    ]
                    .integer("n"))
        }
    }
}
