import HubStorage
import WireModel

/// One account whole, as operators see it: what must hold, who is in it, what was decided, what was done about it.
package struct AccountView: Sendable, Codable {
    package let account: Account
    package let registration: Registration
    package let members: [Member]
    package let agreements: [AgreementStatus]
    package let measures: [Measure]
    package let history: [StandingChange]
    package let closures: [Closure]
}

extension Hub {
    /// - Parameter reference: an id or a name.
    package func view(account reference: String) async throws -> AccountView {
        let account: Account = try await account(reference)
        return AccountView(
            account: account, registration: try await registration(account), members: try await members(account.id),
            agreements: try await agreementStatus(account.id), measures: try await measures(account.id), history: try await standingHistory(account.id),
            closures: try await closures(account.id))
    }
}
