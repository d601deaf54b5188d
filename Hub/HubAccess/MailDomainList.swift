package enum MailDomainKind: String, Codable, Sendable {
    /// Of an organisation, as far as anyone knows.
    case ordinary
    /// Anyone can have a mailbox there: the domain says nothing of who it is.
    case publicProvider = "public"
    /// Mailboxes for an hour, often open to everybody.
    case disposable
}

/// Which domains give mailboxes to anyone.
package struct MailDomainList: Sendable {
    private let publicProviders: Set<String>
    private let disposable: Set<String>

    /// - Parameters: domains in ASCII and lower case, as `parse` gives them.
    package init(publicProviders: Set<String>, disposable: Set<String>) {
        self.publicProviders = publicProviders
        self.disposable = disposable
    }

    package static let builtIn = MailDomainList(publicProviders: parse(builtInPublicProviders), disposable: parse(builtInDisposable))

    /// The domain or any above it counts, the nearest one first; in both lists, it is disposable.
    /// - Parameter domain: in ASCII (`EmailAddress.domain`).
    package func kind(of domain: String) -> MailDomainKind {
        var name: Substring = domain.lowercased()[...]
        while true {
            if disposable.contains(String(name)) { return .disposable }
            if publicProviders.contains(String(name)) { return .publicProvider }
            guard let dot = name.firstIndex(of: ".") else { return .ordinary }
            name = name[name.index(after: dot)...]
        }
    }

    /// Domains one a line, or several with spaces between them; `#` begins a comment. What is no domain name of two labels
    /// or more is left out: one bad line must not turn off the rest of an operator's list, nor `com` refuse the world.
    package static func parse(_ text: String) -> Set<String> {
        var domains: Set<String> = []
        for line in text.split(whereSeparator: \.isNewline) {
            for word in line.prefix(while: { $0 != "#" }).split(whereSeparator: \.isWhitespace) {
                if let domain = DomainName.ascii(String(word)), domain.contains(".") { domains.insert(domain) }
            }
        }
        return domains
    }
}
