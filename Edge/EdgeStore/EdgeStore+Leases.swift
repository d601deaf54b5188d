import FoundationEssentials
import GRDB
import ServiceSupport
import WireModel

/// Leave to spend: from which lease, and whether beyond its ceiling.
struct LeaseGrant {
    let lease: LeaseID
    let isOverdraft: Bool
}

package struct LeaseState: Sendable {
    package let lease: Lease
    package let spent: Int64
    /// `nil` when a use is allowed now.
    package let ground: LeaseGround?

    package var remaining: Int64 { max(0, lease.ceiling - spent) }
}

extension EdgeStore {
    /// The leases held, by API, with what they allow at this moment.
    package func leases() throws(EdgeStoreError) -> [LeaseState] {
        let now = clock.now()
        return try read { database in
            let identity = try self.identity(database)
            let time: Timestamp = try self.trustedTime(database, now)
            return try String.fetchAll(database, sql: "SELECT api FROM lease ORDER BY api").compactMap { name -> LeaseState? in
                guard let api = APIName(rawValue: name), let lease = try self.lease(database, api, identity: identity) else { return nil }
                let spent: Int64 = try self.spent(database, api, identity.journalEpoch)
                let answer: Result<LeaseGrant, LeaseGround> = Self.answer(lease, units: 1, spent: spent, at: time)
                let ground: LeaseGround? = if case .failure(let ground) = answer { ground } else { nil }
                return LeaseState(lease: lease, spent: spent, ground: ground)
            }
        }
    }

    /// Why the hub last granted nothing, by API.
    package func leaseRefusals() throws(EdgeStoreError) -> [LeaseRefusal] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT api, code FROM lease_refusal ORDER BY api").compactMap { row in
                guard let api = APIName(rawValue: row["api"]), let code = ProblemCode(rawValue: row["code"]) else { return nil }
                return LeaseRefusal(api: api, code: code)
            }
        }
    }

    /// Takes `units` of `api` from the lease, or throws `.refused` with the ground. Runs inside the caller's transaction.
    func spend(_ database: Database, _ units: Int64, of api: APIName, identity: DeviceIdentity, at time: Timestamp) throws -> LeaseGrant {
        guard let lease = try lease(database, api, identity: identity) else {
            let isStored: Bool = try Bool.fetchOne(database, sql: "SELECT EXISTS (SELECT 1 FROM lease WHERE api = ?)", arguments: [api.rawValue])!
            throw EdgeStoreError.refused(isStored ? .invalid(api) : .missing(api))
        }
        let spent: Int64 = try self.spent(database, api, identity.journalEpoch)
        switch Self.answer(lease, units: units, spent: spent, at: time) {
        case .failure(let ground):
            throw EdgeStoreError.refused(ground)
        case .success(let grant):
            guard units > 0 else { return grant }
            try database.execute(
                sql: "INSERT INTO spending (epoch, api, units) VALUES (?, ?, ?) ON CONFLICT (epoch, api) DO UPDATE SET units = units + excluded.units",
                arguments: [identity.journalEpoch, api.rawValue, units])
            return grant
        }
    }

    /// Replaces the lease of an API when `signed` is this hub's, for this device and journal, and newer than the one held.
    func install(_ database: Database, _ signed: SignedLease, identity: DeviceIdentity) throws {
        guard let lease = identity.open(signed) else { return }
        let held: Int64 = try Int64.fetchOne(database, sql: "SELECT number FROM lease WHERE api = ?", arguments: [lease.api.rawValue]) ?? 0
        let hubEpoch: Int64 = try self.lease(database, lease.api, identity: identity)?.hubEpoch ?? 0
        guard lease.number > held || lease.hubEpoch > hubEpoch else { return }
        try database.execute(
            sql: "INSERT OR REPLACE INTO lease (api, number, payload, signature) VALUES (?, ?, ?, ?)",
            arguments: [lease.api.rawValue, lease.number, signed.payload, Data(signed.signature.bytes)])
    }

    /// The stored lease, its signature and addressee checked again: the file could have been edited.
    private func lease(_ database: Database, _ api: APIName, identity: DeviceIdentity) throws -> Lease? {
        guard let row = try Row.fetchOne(database, sql: "SELECT payload, signature FROM lease WHERE api = ?", arguments: [api.rawValue]) else { return nil }
        let signed = SignedLease(payload: row["payload"], signature: Base64(row["signature"] as Data))
        guard let lease = identity.open(signed), lease.api == api else { return nil }
        return lease
    }

    private func spent(_ database: Database, _ api: APIName, _ epoch: Int64) throws -> Int64 {
        try Int64.fetchOne(database, sql: "SELECT units FROM spending WHERE epoch = ? AND api = ?", arguments: [epoch, api.rawValue]) ?? 0
    }

    /// The one rule for what a lease allows.
    private static func answer(_ lease: Lease, units: Int64, spent: Int64, at time: Timestamp) -> Result<LeaseGrant, LeaseGround> {
        guard time >= lease.notBefore else { return .failure(.notYetValid(lease.api, notBefore: lease.notBefore)) }
        guard time < lease.notAfter else { return .failure(.expired(lease.api, notAfter: lease.notAfter)) }
        if spent + units <= lease.ceiling { return .success(LeaseGrant(lease: lease.id, isOverdraft: false)) }
        guard lease.whenExhausted == .continueAndFlag, spent + units <= lease.ceiling + lease.hardLimit else {
            return .failure(.spent(lease.api, ceiling: lease.ceiling, spent: spent))
        }
        return .success(LeaseGrant(lease: lease.id, isOverdraft: true))
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
