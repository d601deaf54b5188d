import HubAccess
import HubStorage
import WireModel

extension Hub {
    /// Asks again for the password of somebody who is signed in; counted like signing in, so that a stolen session is no
    /// way to guess it.
    func requirePassword(_ principal: Principal, _ password: String) async throws {
        let now: Timestamp = now()
        let count: Int64 = try await database.write {
            try AttemptWindow(connection: $0, now: now).count("password:\(principal.id)", within: SignInThrottle.window)
        }
        guard count <= SignInThrottle.perPair else {
            throw Problem(.tooManyAttempts, "Too many attempts with a wrong password.", remedy: "Wait a quarter of an hour, or set a new one by mail.")
        }
        guard await hasher.verify(password, against: principal.passwordHash) != .wrong else {
            throw Problem(.credentialsWrong, "The current password is wrong.", remedy: "Try again, or set a new password by mail.")
        }
        try await database.write { try AttemptWindow(connection: $0, now: now).forget("password:\(principal.id)") }
    }

    /// Sets a new password and ends every other session.
    package func changePassword(_ principal: Principal, current: String, new: String, session: SessionID, address: String) async throws {
        try PasswordPolicy.check(new, email: principal.email, name: "")
        try await requirePassword(principal, current)
        let hash: String = try await hasher.hash(new)
        let sealer = sealer
        try await act(principal.actor(address: address)) { connection, trail, now in
            try Self.setPassword(connection, principal, hash: hash, now: now)
            try Principals(connection: connection).endSessions(of: principal.id, except: session.rawValue)
            try trail.record(.passwordChange, account: principal.account, subject: principal.id)
            try Outbox(connection: connection, sealer: sealer, now: now).mail(.passwordChanged, to: principal)
        }
    }

    /// Mails a token to a registered mailbox; the same answer and the same work for any other.
    package func forgotPassword(_ email: EmailAddress, isOperator: Bool, language: Language, address: String) async throws {
        try await mailToken(.reset, to: email, isOperator: isOperator, language: language, address: address) {
            .reset(token: $0, publicURL: $1, isOperator: isOperator)
        }
    }

    /// Sets a new password with a mailed token and ends every session. The second factor stays on.
    /// - Returns: a device cookie for the browser it was done in, so that guesses from elsewhere do not keep its owner out.
    package func resetPassword(token: String, new: String, address: String) async throws -> String {
        try PasswordPolicy.check(new, email: "", name: "")
        try await checkToken(token, .reset)
        let hash: String = try await hasher.hash(new)
        let sealer = sealer
        let now: Timestamp = now()
        let principal: Principal = try await database.write { connection in
            let principal: Principal = try MailTokens(connection: connection, now: now).redeem(token, .reset)
            try PasswordPolicy.check(new, email: principal.email, name: "")
            try Self.setPassword(connection, principal, hash: hash, now: now)
            try Principals(connection: connection).endSessions(of: principal.id)
            try SignInThrottle(connection: connection, now: now).renew(mailbox: principal.emailKey, address: address)
            try AuditTrail(connection: connection, actor: principal.actor(address: address), now: now)
                .record(.passwordReset, account: principal.account, subject: principal.id)
            try Outbox(connection: connection, sealer: sealer, now: now).mail(.passwordChanged, to: principal)
            return principal
        }
        return makeDevice(for: principal.emailKey)
    }

    private static func setPassword(_ connection: any SQLConnection, _ principal: Principal, hash: String, now: Timestamp) throws {
        try connection.execute(
            "UPDATE principal SET password_hash = ?, password_changed_ms = ? WHERE id = ?",
            [.text(hash), .integer(now.milliseconds), .text(principal.id)])
        // What was mailed before the change must not undo it.
        try connection.execute(
            "DELETE FROM mail_token WHERE principal_id = ? AND purpose = 'reset' AND used_ms IS NULL", [.text(principal.id)])
    }
}
