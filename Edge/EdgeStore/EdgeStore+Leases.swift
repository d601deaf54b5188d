import FoundationEssentials
import GRDB
import ServiceSupport
import WireModel

/// Leave to spend: from which lease, whether beyond its ceiling, and whether after its end.
struct LeaseGrant {
    let lease: LeaseID
    let isOverdraft: Bool
    let isLate: Bool
}

package struct LeaseState: Sendable {
    package let lease: Lease
    package let spent: Int64
    /// `nil` when a use is allowed now.
    package let ground: LeaseGround?

    /// The term is over, the grace is not.
    package let isLate: Bool

    package var remaining: Int64 { max(0, lease.ceiling - spent) }
}

extension EdgeStore {
    /// The leases held, by API, with what they allow at this moment.
    package func leases() throws(EdgeStoreError) -> [LeaseState] {
        let now = clock.now()
        return try read { database in
            let identity = try self.identity(database)
            let time: Timestamp = try self.trustedTime(database, now)
            return try database.values(String.self, sql: "SELECT api FROM lease ORDER BY api").compactMap { name -> LeaseState? in
                guard let api = APIName(rawValue: name), let lease = try self.lease(database, api, identity: identity) else { return nil }
                let spent: Int64 = try self.spent(database, api, identity.journalEpoch)
                let answer: Result<LeaseGrant, LeaseGround> = Self.answer(lease, units: 1, spent: spent, at: time)
                let ground: LeaseGround? = if case .failure(let ground) = answer { ground } else { nil }
                return LeaseState(lease: lease, spent: spent, ground: ground, isLate: ground == nil && time >= lease.notAfter)
            }
        }
    }

    /// Why the hub last granted nothing, by API.
    package func leaseRefusals() throws(EdgeStoreError) -> [LeaseRefusal] {
        try read { database in
            try database.rows(sql: "SELECT api, code FROM lease_refusal ORDER BY api").compactMap { row in
                guard let api = APIName(rawValue: row["api"]), let code = ProblemCode(rawValue: row["code"]) else { return nil }
                return LeaseRefusal(api: api, code: code)
            }
        }
    }

    /// Takes `units` of `api` from the lease, or throws `.refused` with the ground. Runs inside the caller's transaction.
    func spend(
        _ database: Database, _ units: Int64, of api: APIName, identity: DeviceIdentity, at time: Timestamp, now: ClockReading
    ) throws -> LeaseGrant {
        try requireSpendable(database)
        guard let lease = try lease(database, api, identity: identity) else {
            let isStored: Bool = try database.value(Bool.self, sql: "SELECT EXISTS (SELECT 1 FROM lease WHERE api = ?)", arguments: [api.rawValue])!
            throw EdgeStoreError.refused(isStored ? .invalid(api) : .missing(api))
        }
        let spent: Int64 = try self.spent(database, api, identity.journalEpoch)
        switch Self.answer(lease, units: units, spent: spent, at: time) {
        case .failure(let ground):
            throw EdgeStoreError.refused(ground)
        case .success(let grant):
            guard units > 0 else { return grant }
            try journalInstalled(database, api, spent: spent, identity: identity, at: now)
            try save(database, spent: spent + units, of: api, in: identity.journalEpoch)
            return grant
        }
    }

    /// Replaces the lease of an API when `signed` is this hub's, for this device and journal, and newer than the one held.
    func install(_ database: Database, _ signed: SignedLease, identity: DeviceIdentity, at now: ClockReading) throws {
        guard let lease = identity.open(signed) else { return }
        let held: Int64 = try database.value(Int64.self, sql: "SELECT number FROM lease WHERE api = ?", arguments: [lease.api.rawValue]) ?? 0
        let hubEpoch: Int64 = try self.lease(database, lease.api, identity: identity)?.hubEpoch ?? 0
        guard lease.number > held || lease.hubEpoch > hubEpoch else { return }
        try database.run(
            sql: "INSERT OR REPLACE INTO lease (api, number, payload, signature) VALUES (?, ?, ?, ?)",
            arguments: [lease.api.rawValue, lease.number, signed.payload, Data(signed.signature.bytes)])
        try journalInstalled(
            database, lease.api, spent: try spent(database, lease.api, identity.journalEpoch), identity: identity, at: now)
    }

    /// Journals that the device holds the lease, unless that is done: before anything is spent from it, so that a hub restored from
    /// a backup meets the lease before its uses.
    private func journalInstalled(_ database: Database, _ api: APIName, spent: Int64, identity: DeviceIdentity, at now: ClockReading) throws {
        guard let row = try database.row(sql: "SELECT payload, signature FROM lease WHERE api = ? AND is_journaled = 0", arguments: [api.rawValue])
        else { return }
        let signed = SignedLease(payload: row["payload"], signature: Base64(row["signature"] as Data))
        try append(database, .lease, api: api, body: LeaseEvent(.installed, api: api, lease: signed, spent: spent), identity: identity, at: now)
        try database.run(sql: "UPDATE lease SET is_journaled = 1 WHERE api = ?", arguments: [api.rawValue])
    }

    /// Gives the lease of an API back: what is left of it goes to other devices when the hub has the entry.
    /// - Returns: the units given back; `nil` when there was no lease.
    package func returnLease(of api: APIName) throws(EdgeStoreError) -> Int64? {
        let now = clock.now()
        return try write { database in
            let identity: DeviceIdentity = try self.identity(database)
            let lease: Lease? = try self.lease(database, api, identity: identity)
            try database.run(sql: "DELETE FROM lease WHERE api = ?", arguments: [api.rawValue])
            guard database.changesCount > 0 else { return nil }
            let spent: Int64 = try self.spent(database, api, identity.journalEpoch)
            try self.append(database, .lease, api: api, body: LeaseEvent(.returned, api: api, lease: nil, spent: spent), identity: identity, at: now)
            return max(0, (lease?.ceiling ?? spent) - spent)
        }
    }

    /// The stored lease, its signature and addressee checked again: the file could have been edited.
    private func lease(_ database: Database, _ api: APIName, identity: DeviceIdentity) throws -> Lease? {
        guard let row = try database.row(sql: "SELECT payload, signature FROM lease WHERE api = ?", arguments: [api.rawValue]) else { return nil }
        let signed = SignedLease(payload: row["payload"], signature: Base64(row["signature"] as Data))
        guard let lease = identity.open(signed), lease.api == api else { return nil }
        return lease
    }

    private func spent(_ database: Database, _ api: APIName, _ epoch: Int64) throws -> Int64 {
        let sql: String = "SELECT units, mark FROM spending WHERE epoch = ? AND api = ?"
        guard let row = try database.row(sql: sql, arguments: [epoch, api.rawValue]) else { return 0 }
        let units: Int64 = row["units"]
        try check(row["mark"], "spending " + api.rawValue, epoch, units)
        return units
    }

    func save(_ database: Database, spent units: Int64, of api: APIName, in epoch: Int64) throws {
        try database.run(
            sql: "INSERT OR REPLACE INTO spending (epoch, api, units, mark) VALUES (?, ?, ?, ?)",
            arguments: [epoch, api.rawValue, units, mark("spending " + api.rawValue, epoch, units)])
    }

    /// The one rule for what a lease allows.
    private static func answer(_ lease: Lease, units: Int64, spent: Int64, at time: Timestamp) -> Result<LeaseGrant, LeaseGround> {
        guard time >= lease.notBefore else { return .failure(.notYetValid(lease.api, notBefore: lease.notBefore)) }
        let isLate: Bool = time >= lease.notAfter
        let isOver: Bool = time >= lease.notAfter.advanced(by: lease.grace)
        guard !isOver || DeviceState.leaseExpired.allows(.meter), !isLate || DeviceState.leaseInGrace.allows(.meter) else {
            return .failure(.expired(lease.api, notAfter: lease.notAfter))
        }
        if spent + units <= lease.ceiling { return .success(LeaseGrant(lease: lease.id, isOverdraft: false, isLate: isLate)) }
        guard lease.whenExhausted == .continueAndFlag, spent + units <= lease.ceiling + lease.hardLimit else {
            return .failure(.spent(lease.api, ceiling: lease.ceiling, spent: spent))
        }
        return .success(LeaseGrant(lease: lease.id, isOverdraft: true, isLate: isLate))
    }
}

extension DeviceIdentity {
    /// The lease, when this hub signed it for this device, key and journal.
    fileprivate func open(_ signed: SignedLease) -> Lease? {
        guard let lease = signed.open(with: leaseKey), lease.device == device, lease.keyThumbprint == keyThumbprint, lease.journalEpoch == journalEpoch
        else { return nil }
        return lease
    }
}
