import HubAccess
import HubStorage
import ServiceSupport
import WireModel

/// A session as it is handed out once; the hub keeps the token's hash.
package struct NewSession: Sendable {
    package let token: String
    package let session: Session
    package let principal: Principal
    /// Sent back as the device cookie: lets this browser through when strangers guess at the mailbox.
    package let device: String
}

package struct Session: Sendable, Codable {
    package let id: SessionID
    package let created: Timestamp
    package let seen: Timestamp
    package let expires: Timestamp
    package let address: String
    package let agent: String

    init(_ row: SQLRow) throws {
        guard let id = SessionID(rawValue: try row.text("id")) else { throw HubStorageError.damaged }
        self.id = id
        created = try row.time("created_ms")
        seen = try row.time("seen_ms")
        expires = try row.time("expires_ms")
        address = try row.text("address")
        agent = try row.text("agent")
    }
}

package struct Credentials: Sendable {
    package let email: EmailAddress
    package let password: String
    /// From the authenticator, or a recovery code.
    package let code: String?
    package let isOperator: Bool

    package init(email: EmailAddress, password: String, code: String?, isOperator: Bool) {
        self.email = email
        self.password = password
        self.code = code
        self.isOperator = isOperator
    }
}

extension Hub {
    /// A session unused for this long ends (OWASP: 15–30 minutes for high-value, hours for others; a console left open over
    /// a working day is the use here).
    package static let sessionIdle: Duration = .seconds(12 * 3_600)
    package static let sessionLife: Duration = .seconds(30 * 86_400)

    /// - Parameters:
    ///   - device: the device cookie, if the browser had one.
    /// - Throws: `credentialsWrong` for an unknown mailbox and a wrong password alike, after the same work; `tooManyAttempts`;
    ///   `secondFactorRequired`, `secondFactorWrong` only after the right password.
    package func signIn(_ credentials: Credentials, address: String, agent: String, device: String?) async throws -> NewSession {
        let key: String = Principals.key(credentials.email, isOperator: credentials.isOperator)
        let now: Timestamp = now()
        let deviceHash: String? = device.flatMap { isDevice($0, of: key) ? SecretToken.hash($0) : nil }
        let (isAdmitted, found): (Bool, Principal?) = try await database.write { connection in
            let isAdmitted: Bool = try SignInThrottle(connection: connection, now: now).admit(mailbox: key, address: address, device: deviceHash)
            return (isAdmitted, try Principals(connection: connection).find(key: key))
        }
        guard isAdmitted else {
            throw Problem(
                .tooManyAttempts, "Too many attempts to sign in.", detail: "within \(SignInThrottle.window.components.seconds / 60) minutes",
                remedy: "Wait a quarter of an hour, or set a new password by mail.")
        }
        // An unproven mailbox may be anybody's: until it is proven there is nothing to sign in to, and no difference to be seen.
        let known: Principal? = found.flatMap { $0.state == .active && $0.emailVerified != nil ? $0 : nil }
        let verdict: PasswordVerdict = await hasher.verify(credentials.password, against: known?.passwordHash)
        guard let principal = known, verdict != .wrong else {
            throw Self.credentialsWrong
        }
        try await requireSecondFactor(principal, code: credentials.code, address: address, now: now)
        let upgraded: String? = verdict == .rightButOutdated ? try await hasher.hash(credentials.password) : nil
        return try await begin(principal, upgraded: upgraded, address: address, agent: agent, device: deviceHash == nil ? nil : device)
    }

    private static let credentialsWrong = Problem(
        .credentialsWrong, "Mailbox or password is wrong.",
        remedy: "Try again, or set a new password by mail. A new account's mailbox is confirmed first: open the link that was mailed.")

    private func begin(_ principal: Principal, upgraded: String?, address: String, agent: String, device: String?) async throws -> NewSession {
        let token: String = SecretToken.generate(prefix: "vls_")
        let newDevice: String = device ?? makeDevice(for: principal.emailKey)
        return try await act(principal.actor(address: address)) { connection, trail, now in
            // The password that was judged must still be the one: it may have been changed, or its owner taken out, meanwhile.
            let isStillRight: Bool =
                try connection.execute(
                    "UPDATE principal SET login_ms = ?, password_hash = ? WHERE id = ? AND state = 'active' AND password_hash = ?",
                    [
                        .integer(now.milliseconds), SQLValue(upgraded ?? principal.passwordHash), .text(principal.id), SQLValue(principal.passwordHash),
                    ]) == 1
            guard isStillRight else { throw Self.credentialsWrong }
            try SignInThrottle(connection: connection, now: now).succeed(
                mailbox: principal.emailKey, address: address, device: device.map(SecretToken.hash))
            try connection.execute("DELETE FROM session WHERE principal_id = ? AND expires_ms <= ?", [.text(principal.id), .integer(now.milliseconds)])
            let id: String = SessionID(at: now).rawValue
            let row: SQLRow = try connection.rows(
                """
                INSERT INTO session (id, hash, principal_id, created_ms, seen_ms, expires_ms, address, agent) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                RETURNING *
                """,
                [
                    .text(id), .text(SecretToken.hash(token)), .text(principal.id), .integer(now.milliseconds), .integer(now.milliseconds),
                    .integer(now.advanced(by: Self.sessionLife).milliseconds), .text(address), .text(String(agent.prefix(200))),
                ])[0]
            try trail.record(.signIn, account: principal.account, subject: id)
            return NewSession(token: token, session: try Session(row), principal: principal, device: newDevice)
        }
    }

    /// Who a session token belongs to.
    /// - Throws: `signInRequired` for no, an unknown or an ended session.
    package func session(token: String) async throws -> (session: Session, principal: Principal) {
        let now: Timestamp = now()
        let found: (Session, Principal)? = try await database.read { connection in
            guard let row = try connection.firstRow("SELECT * FROM session WHERE hash = ?", [.text(SecretToken.hash(token))]),
                let principal = try Principals(connection: connection).find(id: try row.text("principal_id"))
            else { return nil }
            return (try Session(row), principal)
        }
        guard let (session, principal) = found, principal.state == .active, now < session.expires, now.since(session.seen) < Self.sessionIdle else {
            throw Problem(.signInRequired, "You are not signed in, or your session has ended.", remedy: "Sign in and try again.")
        }
        // A row written once a minute, not on every request.
        if now.since(session.seen) > .seconds(60) {
            try await database.write {
                _ = try $0.execute("UPDATE session SET seen_ms = ? WHERE id = ?", [.integer(now.milliseconds), .text(session.id.rawValue)])
            }
        }
        return (session, principal)
    }

    package func sessions(of principal: Principal) async throws -> [Session] {
        let now: Timestamp = now()
        return try await database.read {
            try $0.rows(
                "SELECT * FROM session WHERE principal_id = ? AND expires_ms > ? ORDER BY seen_ms DESC, id", [.text(principal.id), .integer(now.milliseconds)]
            ).map(Session.init)
        }
    }

    package func endSession(_ id: SessionID, of principal: Principal, address: String) async throws {
        try await act(principal.actor(address: address)) { connection, trail, _ in
            guard try connection.execute("DELETE FROM session WHERE id = ? AND principal_id = ?", [.text(id.rawValue), .text(principal.id)]) == 1 else {
                throw Problem.nothing("session", id.rawValue)
            }
            try trail.record(.sessionEnd, account: principal.account, subject: id.rawValue)
        }
    }

    /// What a form must send back so that another site's page cannot act in this session's name.
    package func csrfToken(session token: String) -> String { sealer.mac(token, context: "csrf") }

    func makeDevice(for key: String) -> String {
        let nonce: String = Base64(SystemRandom.bytes(16)).text
        return nonce + "." + sealer.mac(nonce + "|" + key, context: "device")
    }

    private func isDevice(_ text: String, of key: String) -> Bool {
        let parts: [Substring] = text.split(separator: ".")
        guard parts.count == 2 else { return false }
        return ConstantTime.equal(Array(parts[1].utf8), Array(sealer.mac(parts[0] + "|" + key, context: "device").utf8))
    }
}
