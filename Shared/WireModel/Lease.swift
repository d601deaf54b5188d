import Crypto

/// What a device does when a lease's units are spent.
package enum ExhaustionPolicy: String, Codable, Sendable, CaseIterable {
    /// No further use until a new lease arrives.
    case refuse
    /// Go on, each use flagged as overdraft, up to the lease's hard limit.
    case continueAndFlag = "continue-and-flag"
}

/// The hub's permission to use one API on one device without asking: quota that works with no network.
///
/// The allowance is a running total: the device may spend until everything it ever spent on this API in this
/// journal epoch reaches `ceiling`. A later lease only raises the total, so a lost, late or repeated answer can
/// never grant the same units twice.
package struct Lease: Hashable, Sendable, Codable {
    package let id: LeaseID
    /// Counts the leases of one device and API, from 1; a device never goes back to a lower number.
    package let number: Int64
    package let account: AccountID
    package let device: DeviceID
    package let api: APIName
    /// SHA-256 of the device's public key (DER SubjectPublicKeyInfo), hexadecimal: a lease is of no use to another device.
    package let keyThumbprint: String
    package let journalEpoch: Int64
    package let hubEpoch: Int64
    /// Units left to spend when this lease was made; shown to people, `ceiling` is what counts.
    package let units: Int64
    /// Cumulative units of this API in this journal epoch.
    package let ceiling: Int64
    package let notBefore: Timestamp
    package let notAfter: Timestamp
    package let whenExhausted: ExhaustionPolicy
    /// Units allowed beyond `ceiling` under `continueAndFlag`; 0 under `refuse`.
    package let hardLimit: Int64
    /// Uses go on for so long after `notAfter`, flagged as late; `nil`: not at all.
    package let graceMilliseconds: Int64?

    package var grace: Duration { .milliseconds(graceMilliseconds ?? 0) }

    package init(
        id: LeaseID, number: Int64, account: AccountID, device: DeviceID, api: APIName, keyThumbprint: String, journalEpoch: Int64,
        hubEpoch: Int64, units: Int64, ceiling: Int64, notBefore: Timestamp, notAfter: Timestamp,
        whenExhausted: ExhaustionPolicy, hardLimit: Int64, graceMilliseconds: Int64? = nil
    ) {
        self.id = id
        self.number = number
        self.account = account
        self.device = device
        self.api = api
        self.keyThumbprint = keyThumbprint
        self.journalEpoch = journalEpoch
        self.hubEpoch = hubEpoch
        self.units = units
        self.ceiling = ceiling
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.whenExhausted = whenExhausted
        self.hardLimit = hardLimit
        self.graceMilliseconds = graceMilliseconds
    }
}

/// A lease with the hub's Ed25519 signature over its exact text.
package struct SignedLease: Hashable, Sendable, Codable {
    /// The lease as JSON; kept as text because the signature covers these very bytes.
    package let payload: String
    package let signature: Base64

    package init(_ lease: Lease, signedBy key: Curve25519.Signing.PrivateKey) throws {
        payload = try JSON.text(lease)
        signature = Base64(try key.signature(for: Self.signedBytes(payload)))
    }

    /// A lease as stored, to be opened again with ``open(with:)``.
    package init(payload: String, signature: Base64) {
        self.payload = payload
        self.signature = signature
    }

    /// - Returns: the lease, or `nil` when the signature is not the hub's or the text is no lease.
    package func open(with key: Curve25519.Signing.PublicKey) -> Lease? {
        guard key.isValidSignature(signature.bytes, for: Self.signedBytes(payload)) else { return nil }
        return try? JSON.value(Lease.self, from: payload)
    }

    private static func signedBytes(_ payload: String) -> [UInt8] {
        var canonical = CanonicalBytes(domain: "vultus lease 1")
        canonical.append(payload)
        return canonical.bytes
    }
}
