import HubAccess
import HubStorage
import WireModel

/// What somebody needs to set their authenticator up.
package struct SecondFactorOffer: Sendable, Codable {
    /// Base32, to type.
    package let secret: String
    /// `otpauth://`, to show as a QR code.
    package let uri: String
}

extension Hub {
    private static func context(_ principal: String) -> String { "totp:" + principal }

    func requireSecondFactor(_ principal: Principal, code: String?, address: String, now: Timestamp) async throws {
        guard principal.totpEnabled != nil, let sealed = principal.totpSealed else { return }
        guard let code, !code.isEmpty else {
            throw Problem(.secondFactorRequired, "This sign-in asks for a second factor.", remedy: "Send the code of your authenticator, or a recovery code.")
        }
        let secret = TOTPSecret(bytes: try sealer.open(sealed, context: Self.context(principal.id)))
        let recovery: String = RecoveryCodes.hash(code)
        let sealer = sealer
        let isRight: Bool = try await act(principal.actor(address: address)) { connection, trail, now in
            let row: SQLRow? = try connection.firstRow("SELECT totp_step FROM principal WHERE id = ?", [.text(principal.id)])
            // Each step counts once: SQL decides between two that come at the same time.
            if let row, let step = secret.step(of: code, at: now, after: try row.integer("totp_step")) {
                return try connection.execute(
                    "UPDATE principal SET totp_step = ? WHERE id = ? AND totp_step < ?", [.integer(step), .text(principal.id), .integer(step)]) == 1
            }
            let used: Int = try connection.execute(
                "UPDATE recovery_code SET used_ms = ? WHERE principal_id = ? AND hash = ? AND used_ms IS NULL",
                [.integer(now.milliseconds), .text(principal.id), .text(recovery)])
            guard used == 1 else { return false }
            let left: Int64 = try connection.rows(
                "SELECT count(*) AS n FROM recovery_code WHERE principal_id = ? AND used_ms IS NULL", [.text(principal.id)])[0].integer("n")
            try trail.record(.recoveryCodeUse, account: principal.account, subject: principal.id, ["left": "\(left)"])
            try Outbox(connection: connection, sealer: sealer, now: now).mail(.recoveryCodeUsed(left: left), to: principal)
            return true
        }
        guard isRight else {
            throw Problem(
                .secondFactorWrong, "That code is not right.", remedy: "Take the code your authenticator shows now, or a recovery code; each works once.")
        }
    }

    /// Makes a secret; it counts only after ``confirmSecondFactor``. The password is asked for again: whoever has only the
    /// session must not be able to shut its owner out.
    package func offerSecondFactor(_ principal: Principal, password: String, address: String) async throws -> SecondFactorOffer {
        guard principal.totpEnabled == nil else {
            throw Problem(.conflict, "A second factor is on already.", remedy: "Switch it off first to set up another.")
        }
        try await requirePassword(principal, password)
        let secret = TOTPSecret.generate()
        let sealed: [UInt8] = try sealer.seal(secret.bytes, context: Self.context(principal.id))
        let issuer: String = try await setting(.providerName)
        try await database.write {
            _ = try $0.execute(
                "UPDATE principal SET totp_sealed = ?, totp_step = 0 WHERE id = ? AND totp_enabled_ms IS NULL", [.blob(sealed), .text(principal.id)])
        }
        return SecondFactorOffer(secret: secret.base32, uri: secret.uri(issuer: issuer, account: principal.email))
    }

    /// - Returns: recovery codes, shown once.
    package func confirmSecondFactor(_ principal: Principal, code: String, session: SessionID, address: String) async throws -> [String] {
        let codes: [String] = RecoveryCodes.generate()
        let sealer = sealer
        try await act(principal.actor(address: address)) { connection, trail, now in
            guard let current = try Principals(connection: connection).find(id: principal.id), current.totpEnabled == nil, let sealed = current.totpSealed
            else {
                throw Problem(.conflict, "There is no second factor to confirm.", remedy: "Ask for a secret first.")
            }
            let secret = TOTPSecret(bytes: try sealer.open(sealed, context: Self.context(principal.id)))
            guard let step = secret.step(of: code, at: now, after: current.totpStep) else {
                throw Problem(.secondFactorWrong, "That code is not right.", remedy: "Check the time of your telephone and take the code it shows now.")
            }
            try connection.execute(
                "UPDATE principal SET totp_enabled_ms = ?, totp_step = ? WHERE id = ?", [.integer(now.milliseconds), .integer(step), .text(principal.id)])
            try connection.execute("DELETE FROM recovery_code WHERE principal_id = ?", [.text(principal.id)])
            for code in codes {
                try connection.execute("INSERT INTO recovery_code (principal_id, hash) VALUES (?, ?)", [.text(principal.id), .text(RecoveryCodes.hash(code))])
            }
            try Principals(connection: connection).endSessions(of: principal.id, except: session.rawValue)
            try trail.record(.secondFactorOn, account: principal.account, subject: principal.id)
            try Outbox(connection: connection, sealer: sealer, now: now).mail(.secondFactor(isOn: true), to: current)
        }
        return codes
    }

    /// For somebody who lost authenticator and recovery codes, once the operator is sure who asks. Ends every session.
    package func clearSecondFactor(of id: String, by actor: Actor) async throws {
        let sealer = sealer
        try await act(actor) { connection, trail, now in
            let principals = Principals(connection: connection)
            guard let principal = try principals.find(id: id) else { throw Problem.nothing("member or operator", id) }
            guard principal.totpEnabled != nil else {
                throw Problem(.conflict, "No second factor is on.", detail: id, remedy: "The password alone signs in; a new one is set by mail.")
            }
            try Self.dropSecondFactor(connection, principal)
            try principals.endSessions(of: id)
            try trail.record(.secondFactorOff, account: principal.account, subject: id)
            try Outbox(connection: connection, sealer: sealer, now: now).mail(.secondFactor(isOn: false), to: principal)
        }
    }

    private static func dropSecondFactor(_ connection: any SQLConnection, _ principal: Principal) throws {
        try connection.execute("UPDATE principal SET totp_enabled_ms = NULL, totp_sealed = NULL, totp_step = 0 WHERE id = ?", [.text(principal.id)])
        try connection.execute("DELETE FROM recovery_code WHERE principal_id = ?", [.text(principal.id)])
    }

    package func removeSecondFactor(_ principal: Principal, password: String, address: String) async throws {
        try await requirePassword(principal, password)
        let sealer = sealer
        try await act(principal.actor(address: address)) { connection, trail, now in
            try Self.dropSecondFactor(connection, principal)
            try trail.record(.secondFactorOff, account: principal.account, subject: principal.id)
            try Outbox(connection: connection, sealer: sealer, now: now).mail(.secondFactor(isOn: false), to: principal)
        }
    }
}
