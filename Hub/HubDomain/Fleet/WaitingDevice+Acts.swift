import Crypto
import HubAccess
import HubStorage
import WireModel

/// Where a waiting device goes once it is approved.
package struct JoinApproval: Sendable {
    /// Id or name.
    package var account: String
    /// Of the account, by id or name; `nil` for none.
    package var group: String?
    /// `nil` leaves the one the device gave itself.
    package var name: String?
    package var labels: [String: String] = [:]
    /// A device of the account in whose place it comes.
    package var replaces: DeviceID?

    package init(account: String, group: String? = nil, name: String? = nil, labels: [String: String] = [:], replaces: DeviceID? = nil) {
        self.account = account
        self.group = group
        self.name = name
        self.labels = labels
        self.replaces = replaces
    }
}

extension Hub {
    /// A device without a token asks, for the first time or again. Nothing is signed here: the certificate is made when an operator approves.
    /// - Throws: `join_refused`, `too_many_attempts` when the list is full, `device_revoked` for the key of a device that is out of service.
    package func wait(_ request: WaitingRequest, address: String) async throws -> WaitingAnswer {
        let key: P256.Signing.PublicKey = try Self.publicKey(of: request.certificateSigningRequest)
        try request.check()
        let (now, thumbprint): (Timestamp, String) = (now(), NewDevice.thumbprint(of: key))
        guard let fingerprint = KeyFingerprint(thumbprint: thumbprint) else { throw HubStorageError.damaged }
        let leaseKey = Base64(keys.leaseKey.publicKey.rawRepresentation)
        let (enrolled, known): (EnrolmentResponse?, WaitingDevice?) = try await database.read { connection in
            let row: SQLRow? = try connection.firstRow("SELECT * FROM device WHERE key_thumbprint = ? ORDER BY id DESC LIMIT 1", [.text(thumbprint)])
            guard let row, let id = DeviceID(rawValue: try row.text("id")) else {
                return (nil, try WaitingDevices(connection: connection, now: now).row(key: thumbprint).map(WaitingDevice.init))
            }
            if let problem = try Self.outOfService(row) { throw problem }
            return (try Self.answer(connection, device: id, leaseKey: leaseKey, now: now), nil)
        }
        if let enrolled { return WaitingAnswer(fingerprint: fingerprint, againMilliseconds: 0, enrolment: enrolled) }
        let isCurrent: Bool = known.map { $0.refused.map { now.since($0) < WaitingLimit.refusal } ?? (now.since($0.seen) < WaitingLimit.silence) } ?? false
        if let known, isCurrent {
            if known.refused != nil {
                throw Problem(
                    .joinRefused, "The operator refused this device.", detail: known.refusal.flatMap { $0.isEmpty ? nil : $0 } ?? "\(fingerprint)",
                    remedy: "Ask the operator why; the same key stays refused for a week.")
            }
            if now.since(known.seen) >= WaitingLimit.touch || known.label != request.label {
                try await database.write { try WaitingDevices(connection: $0, now: now).touch(known.id, request, address: address) }
            }
        } else {
            try await database.write { try WaitingDevices(connection: $0, now: now).admit(request, key: key, address: address) }
        }
        let pause: Duration = WaitingLimit.pause(after: isCurrent ? now.since(known?.created ?? now) : .zero)
        return WaitingAnswer(fingerprint: fingerprint, againMilliseconds: pause.wholeMilliseconds, enrolment: nil)
    }

    /// Those that wait, longest first; or those that were refused within a week.
    package func waitingDevices(refused: Bool = false) async throws -> [WaitingDevice] {
        let now: Timestamp = now()
        return try await database.read { try WaitingDevices(connection: $0, now: now).all(refused: refused) }
    }

    /// SHA-256 of the authority's certificate, hexadecimal: what a device is told, so that it trusts the right hub from the first byte.
    package var authorityFingerprint: String { keys.fingerprint }

    /// Makes a device of one that waits. One that was refused within a week may be approved all the same.
    /// - Parameter reference: its id, or its whole fingerprint.
    package func approveWaiting(_ reference: String, _ approval: JoinApproval, by actor: Actor) async throws -> FleetDevice {
        for (label, value) in approval.labels { try FleetDevice.checkLabel(label, value) }
        if let name = approval.name, !(1...100).contains(name.count) {
            throw Problem(.invalidRequest, "A device's name has 1 to 100 characters.", detail: "/name", remedy: "Choose a shorter one.")
        }
        let keys: HubKeys = keys
        return try await act(actor) { connection, trail, now in
            let row: SQLRow = try WaitingDevices(connection: connection, now: now).row(reference)
            let waiting = try WaitingDevice(row)
            let account: Account = try Self.account(connection, approval.account)
            try Self.requireActive(account)
            let group: DeviceGroup? = try approval.group.map { try DeviceGroups(connection: connection).group($0, of: account.id) }
            let key: P256.Signing.PublicKey
            do { key = try P256.Signing.PublicKey(rawRepresentation: try row.blob("public_key")) } catch { throw HubStorageError.damaged }
            let device = DeviceID(at: now)
            try NewDevice(
                id: device, account: account.id, label: approval.name ?? waiting.label, key: key,
                certificate: try keys.deviceCertificate(for: key, device: device, now: now), agentVersion: waiting.agentVersion,
                group: SQLValue(group?.id.rawValue)
            ).insert(connection, now: now)
            try trail.record(
                .deviceApprove, account: account.id, subject: device.rawValue,
                ["fingerprint": waiting.fingerprint.text, "address": waiting.address, "group": group?.id.rawValue ?? "none"])
            if let replaced = approval.replaces {
                guard try Device.find(replaced, connection).account == account.id else { throw Device.missing(replaced) }
                try DeviceRetirement(connection: connection, trail: trail, now: now, actor: actor).replace(replaced, by: device)
            }
            for (label, value) in approval.labels {
                try connection.execute("DELETE FROM device_label WHERE device_id = ? AND name = ?", [.text(device.rawValue), .text(label)])
                try connection.execute(
                    "INSERT INTO device_label (device_id, name, value) VALUES (?, ?, ?)", [.text(device.rawValue), .text(label), .text(value)])
            }
            try connection.execute("DELETE FROM waiting_device WHERE id = ?", [.text(waiting.id.rawValue)])
            return try Fleet(connection: connection, now: now).device(device)
        }
    }

    /// - Parameters:
    ///   - reference: its id, or its whole fingerprint.
    ///   - reason: the device is told.
    package func refuseWaiting(_ reference: String, reason: String, by actor: Actor) async throws -> WaitingDevice {
        guard reason.count <= 200 else { throw Problem(.invalidRequest, "A reason has up to 200 characters.", detail: "/reason", remedy: "Write less.") }
        return try await act(actor) { connection, trail, now in
            let waiting = try WaitingDevice(try WaitingDevices(connection: connection, now: now).row(reference))
            try connection.execute(
                "UPDATE waiting_device SET refused_ms = ?, refusal = ? WHERE id = ?",
                [.integer(now.milliseconds), .text(reason), .text(waiting.id.rawValue)])
            try trail.record(
                .deviceRefuse, account: nil, subject: waiting.id.rawValue,
                ["fingerprint": waiting.fingerprint.text, "address": waiting.address, "reason": reason])
            return try WaitingDevice(try connection.rows("SELECT * FROM waiting_device WHERE id = ?", [.text(waiting.id.rawValue)])[0])
        }
    }
}
