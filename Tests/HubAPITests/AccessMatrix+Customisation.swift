import HubDomain
import RecognitionAPI
import TestKit
import WireModel

extension Hub {
    /// A request of each kind, a variant, and a webhook with a message, for an account.
    /// - Returns: their identifiers by the names that paths give them.
    func customise(_ account: Account, prefix: String) async throws -> [String: String] {
        func quoted(_ name: String) async throws -> Customisation {
            let asked: Customisation = try await requestCustomisation(
                CustomisationWish(base: .search, name: name, words: "\(prefix)words", definition: nil, expectedMonthly: 1, variant: nil), account: account.id,
                by: .test)
            let price = Money(millionths: 1_000, currency: "CNY")
            let terms = QuoteTerms(
                api: APIName(rawValue: "face.search.\(name)")!, definition: ["fields": [["name": "who", "from": "faces[0].person"]]], unitPrice: price,
                monthlyAllowance: 0, monthlyQuota: 10, setupFee: Money(millionths: 0, currency: "CNY"), words: "\(prefix)quote",
                validUntil: now().advanced(by: .seconds(30 * 86_400)), effective: nil)
            return try await quote(terms, for: asked.id, by: .test)
        }
        let accepted: Customisation = try await quoted("\(prefix)one")
        _ = try await acceptQuote(accepted.quotes[0].id, of: accepted.id, account: account.id, by: .test)
        let open: Customisation = try await quoted("\(prefix)two")
        let webhook: IssuedWebhook = try await makeWebhook(
            WebhookSettings(url: "https://\(prefix)hook.example/", about: "", topics: [.notice]), account: account.id, by: .test)
        let ping: WebhookDelivery = try await pingWebhook(webhook.webhook.id, account: account.id)
        return [
            "customisation": open.id.rawValue, "quote": open.quotes[0].id.rawValue, "variant": try await variants(account.id)[0].id.rawValue,
            "webhook": webhook.webhook.id.rawValue, "delivery": ping.id.rawValue,
        ]
    }

    /// Everything of these that a route might change.
    func customisationState(_ account: AccountID) async throws -> String {
        var parts: [String] = [
            try JSON.text(try await customisations(account)), try JSON.text(try await variants(account)), try JSON.text(try await webhooks(account)),
        ]
        for webhook in try await webhooks(account) { parts.append(try JSON.text(try await deliveries(of: webhook.id, before: nil, account: account))) }
        return parts.joined(separator: "\n")
    }
}
