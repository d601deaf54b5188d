import HubAccess
import HubStorage
import WireModel

/// Which mail domains an enterprise cannot register under: the list that comes with the hub, and the operator's own
/// entries over it.
struct MailDomainRules {
    private let listed: [String: MailDomainKind]

    init(_ connection: any SQLConnection, for domain: String) throws {
        // The domain and its parents: an entry counts for everything below it.
        var names: [String] = []
        var rest: Substring = domain[...]
        while !rest.isEmpty {
            names.append(String(rest))
            guard let dot = rest.firstIndex(of: ".") else { break }
            rest = rest[rest.index(after: dot)...]
        }
        var listed: [String: MailDomainKind] = [:]
        for name in names {
            guard let row = try connection.firstRow("SELECT kind FROM mail_domain WHERE domain = ?", [.text(name)]) else { continue }
            listed[name] = MailDomainKind(rawValue: try row.text("kind"))
            break
        }
        self.listed = listed
    }

    func kind(of domain: String) -> MailDomainKind { listed.values.first ?? MailDomainList.builtIn.kind(of: domain) }

    /// - Throws: `mailDomainRefused` with the reason.
    func requireOwnDomain(_ email: EmailAddress) throws(Problem) {
        switch kind(of: email.domain) {
        case .ordinary: return
        case .publicProvider:
            throw Problem(
                .mailDomainRefused, "An enterprise registers with a mailbox on its own domain; this one is a public mail provider's.", detail: email.domain,
                remedy: "Use a mailbox such as name@your-company.example, or register as an individual.")
        case .disposable:
            throw Problem(
                .mailDomainRefused, "This domain hands out throw-away mailboxes, which cannot stand for an enterprise.", detail: email.domain,
                remedy: "Use a lasting mailbox on the organisation's own domain.")
        }
    }
}

extension Hub {
    /// Adds to, or corrects, the list of mail domains. `ordinary` takes a domain off the list that comes with the hub.
    /// - Returns: how many were set.
    package func setMailDomains(_ domains: Set<String>, kind: MailDomainKind, by actor: Actor) async throws -> Int {
        try await act(actor) { connection, trail, now in
            for domain in domains.sorted() {
                try connection.execute(
                    "INSERT INTO mail_domain (domain, kind, added_ms) VALUES (?, ?, ?) ON CONFLICT (domain) DO UPDATE SET kind = excluded.kind, added_ms = excluded.added_ms",
                    [.text(domain), .text(kind.rawValue), .integer(now.milliseconds)])
            }
            try trail.record(.mailDomainChange, subject: kind.rawValue, ["domains": "\(domains.count)"])
            return domains.count
        }
    }

    package func mailDomainKind(of domain: String) async throws -> MailDomainKind {
        try await database.read { try MailDomainRules($0, for: domain).kind(of: domain) }
    }
}
