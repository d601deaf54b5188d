import HubAccess
import HubStorage
import ServiceSupport
import WireModel

/// Counts in windows, kept in the database so that several hubs count as one.
struct AttemptWindow {
    let connection: any SQLConnection
    let now: Timestamp

    /// Counts one more.
    /// - Returns: how many in the window, this one included.
    func count(_ key: String, within window: Duration) throws -> Int64 {
        let began: Int64 = now.advanced(by: .zero - window).milliseconds
        return try connection.rows(
            """
            INSERT INTO attempt_window (key, began_ms, count) VALUES (?, ?, 1)
            ON CONFLICT (key) DO UPDATE SET
                count = CASE WHEN attempt_window.began_ms <= ? THEN 1 ELSE attempt_window.count + 1 END,
                began_ms = CASE WHEN attempt_window.began_ms <= ? THEN excluded.began_ms ELSE attempt_window.began_ms END
            RETURNING count
            """, [.text(key), .integer(now.milliseconds), .integer(began), .integer(began)]
        )[0].integer("count")
    }

    func forget(_ key: String) throws { try connection.execute("DELETE FROM attempt_window WHERE key = ?", [.text(key)]) }
}

/// How many wrong passwords are borne, and from whom. A guesser is stopped by address; guesses from everywhere at once
/// stop strangers, not whoever comes from a browser the owner signed in with before (OWASP "device cookies").
struct SignInThrottle {
    static let window: Duration = .seconds(900)
    static let perPair: Int64 = 10
    static let perAddress: Int64 = 100
    static let perMailbox: Int64 = 50

    let windows: AttemptWindow

    init(connection: any SQLConnection, now: Timestamp) { windows = AttemptWindow(connection: connection, now: now) }

    /// Counts the attempt before it is judged, so that many at once cannot slip through.
    /// - Parameter device: the hash of a valid device cookie for this mailbox.
    func admit(mailbox: String, address: String, device: String?) throws -> Bool {
        let pair: Int64 = try windows.count("signin:pair:\(SecretToken.hash(mailbox + "|" + (device ?? Self.network(address))))", within: Self.window)
        // Whoever is stopped counts no further: one address alone must not use up what the mailbox bears from all.
        guard pair <= Self.perPair else { return false }
        // Counted apart: a device the owner used before is bound to its own count alone.
        if device != nil { return true }
        guard try windows.count("signin:network:\(Self.network(address))", within: Self.window) <= Self.perAddress else { return false }
        return try windows.count("signin:mailbox:\(SecretToken.hash(mailbox))", within: Self.window) <= Self.perMailbox
    }

    /// A password set by mail: what was guessed at the old one counts no more, for this mailbox and from here.
    func renew(mailbox: String, address: String) throws {
        try windows.forget("signin:pair:\(SecretToken.hash(mailbox + "|" + Self.network(address)))")
        try windows.forget("signin:mailbox:\(SecretToken.hash(mailbox))")
    }

    func succeed(mailbox: String, address: String, device: String?) throws {
        try windows.forget("signin:pair:\(SecretToken.hash(mailbox + "|" + (device ?? Self.network(address))))")
    }

    /// IPv6 callers own a /64 at least.
    static func network(_ address: String) -> String {
        guard let bytes = IPAddressBytes.parse(address), bytes.count == 16 else { return address }
        let isMapped: Bool = bytes.prefix(12) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        return isMapped ? bytes.suffix(4).map(String.init).joined(separator: ".") : Array(bytes.prefix(8)).hexadecimal
    }
}

/// Mail that anybody can ask for: five an hour of a kind to a mailbox, thirty from a network, so that nobody's mailbox is
/// flooded from here. Known and unknown mailboxes count alike; each kind apart, so that what strangers ask for does not keep
/// its owner from a new password.
struct MailThrottle {
    static let window: Duration = .seconds(3_600)
    static let perMailbox: Int64 = 5
    static let perNetwork: Int64 = 30

    let connection: any SQLConnection
    let now: Timestamp

    func admit(_ email: EmailAddress, for kind: String, address: String) throws {
        let windows = AttemptWindow(connection: connection, now: now)
        let mailbox: Int64 = try windows.count("mail:\(kind):\(SecretToken.hash(email.key))", within: Self.window)
        let network: Int64 = try windows.count("mail:network:\(SignInThrottle.network(address))", within: Self.window)
        guard mailbox <= Self.perMailbox, network <= Self.perNetwork else {
            throw Problem(
                .tooManyAttempts, "Too many mails were asked for.",
                remedy: "Look into the mailbox, its spam folder too. An hour after the first one more are sent, to this mailbox and from this network.")
        }
    }
}

extension Hub {

    /// Looking a domain up reaches outside: twenty an hour for an account.
    package func limitDomainChecks(_ account: AccountID) async throws {
        let now: Timestamp = now()
        let count: Int64 = try await database.write { try AttemptWindow(connection: $0, now: now).count("domain:\(account)", within: .seconds(3_600)) }
        guard count <= 20 else {
            throw Problem(.tooManyAttempts, "The domain was looked up too often.", remedy: "DNS changes take minutes to be seen: wait an hour.")
        }
    }
}
