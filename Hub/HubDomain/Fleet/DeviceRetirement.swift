import HubStorage
import WireModel

/// Takes devices out of service, within the transaction of whoever decides it.
struct DeviceRetirement {
    let connection: any SQLConnection
    let trail: AuditTrail
    let now: Timestamp
    let actor: Actor

    /// From now on every request of this device is refused; what it recorded before stays billed, and what it held of quota and money is free
    /// again.
    func revoke(_ id: DeviceID) throws -> Device {
        try connection.execute("UPDATE device SET revoked_ms = coalesce(revoked_ms, ?) WHERE id = ?", [.integer(now.milliseconds), .text(id.rawValue)])
        let device: Device = try .find(id, connection)
        let books = Books(connection: connection, now: now, actor: actor)
        for lease in try connection.rows(
            "SELECT held, currency FROM allotment JOIN price ON price.id = price_id WHERE device_id = ? AND held > 0", [.text(id.rawValue)])
        {
            try books.hold(-(try lease.integer("held")), device.account, try lease.text("currency"))
        }
        try books.flush()
        try LeasedUse.letGo(connection, id, of: device.account)
        try connection.execute(
            "UPDATE allotment SET ceiling = CASE WHEN ceiling > spent THEN spent ELSE ceiling END, held = 0, settled_ms = ? WHERE device_id = ?",
            [.integer(now.milliseconds), .text(id.rawValue)])
        try trail.record(.deviceRevoke, account: device.account, subject: id.rawValue)
        return device
    }

    /// Revoked, its leases void, and told at its next contact to erase itself: the order stays for as long as the device does.
    func declareStolen(_ id: DeviceID) throws -> Device {
        let device: Device = try revoke(id)
        try connection.execute("UPDATE device SET stolen_ms = coalesce(stolen_ms, ?) WHERE id = ?", [.integer(now.milliseconds), .text(id.rawValue)])
        try trail.record(.deviceStolen, account: device.account, subject: id.rawValue)
        return device
    }

    /// The new device takes the place of another: its name, group, labels and settings; the old one is revoked, which frees its credit.
    func replace(_ old: DeviceID, by new: DeviceID) throws {
        let former: Device = try revoke(old)
        try connection.execute(
            "UPDATE device SET label = ?, group_id = ?, overrides = (SELECT overrides FROM device WHERE id = ?) WHERE id = ?",
            [.text(former.label), SQLValue(former.group?.rawValue), .text(old.rawValue), .text(new.rawValue)])
        try connection.execute("UPDATE device SET replaced_by = ? WHERE id = ?", [.text(new.rawValue), .text(old.rawValue)])
        try connection.execute(
            "INSERT INTO device_label (device_id, name, value) SELECT ?, name, value FROM device_label WHERE device_id = ?",
            [.text(new.rawValue), .text(old.rawValue)])
        try trail.record(.deviceReplace, account: former.account, subject: old.rawValue, ["by": new.rawValue])
    }
}

extension Hub {
    package func revokeDevice(_ id: DeviceID, by actor: Actor) async throws -> Device {
        try await act(actor) { try DeviceRetirement(connection: $0, trail: $1, now: $2, actor: actor).revoke(id) }
    }

    package func declareStolen(_ id: DeviceID, by actor: Actor) async throws -> Device {
        try await act(actor) { try DeviceRetirement(connection: $0, trail: $1, now: $2, actor: actor).declareStolen(id) }
    }
}
