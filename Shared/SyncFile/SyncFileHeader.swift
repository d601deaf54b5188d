import WireModel

/// What a file carries: a device's side of many syncs, or the hub's.
package enum SyncFileKind: UInt8, Sendable {
    case request = 1
    case answer = 2
}

/// The first lines of a request: who asks, and to whom the answer is sealed.
package struct SyncRequestHeader: Sendable, Codable, Hashable {
    package let device: DeviceID
    /// Fingerprint of the authority of the hub it is for.
    package let authority: String
    /// P-256, X9.63: made for this file alone; nobody else can open the answer.
    package let answerKey: Base64
    package let created: Timestamp
    package let agentVersion: String
    package let entries: Int64

    package init(device: DeviceID, authority: String, answerKey: Base64, created: Timestamp, agentVersion: String, entries: Int64) {
        self.device = device
        self.authority = authority
        self.answerKey = answerKey
        self.created = created
        self.agentVersion = agentVersion
        self.entries = entries
    }
}

package struct SyncAnswerHeader: Sendable, Codable, Hashable {
    package let device: DeviceID
    /// The request's: which of the device's requests this answers.
    package let answerKey: Base64
    /// What HPKE needs beside the key to open the frames.
    package let encapsulatedKey: Base64
    package let created: Timestamp
    package let hubEpoch: Int64

    package init(device: DeviceID, answerKey: Base64, encapsulatedKey: Base64, created: Timestamp, hubEpoch: Int64) {
        self.device = device
        self.answerKey = answerKey
        self.encapsulatedKey = encapsulatedKey
        self.created = created
        self.hubEpoch = hubEpoch
    }
}

extension SyncFileKind {
    /// What a file's signature covers: its kind and the digest of everything before the signature.
    package func signedBytes(digest: EntryHash) -> [UInt8] {
        var canonical = CanonicalBytes(domain: self == .request ? "vultus sync request file 1" : "vultus sync answer file 1")
        canonical.append(digest.bytes)
        return canonical.bytes
    }
}

/// How a sync file lies on disk; all numbers big-endian:
///
///     "VULTUSSF", version (1 byte), kind (1 byte)
///     length of the header (4 bytes), header: one JSON object
///     frames: length (4 bytes, not 0), bytes; together one gzip member of JSON lines, in answers each frame sealed
///     0 (4 bytes)
///     signature (64 bytes)
enum SyncFileLayout {
    static let magic: [UInt8] = Array("VULTUSSF".utf8)
    static let version: UInt8 = 1
    static let signatureBytes: Int = 64
    static let largestHeader: Int = 64 * 1024
    static let largestFrame: Int = 1 << 20
    /// One message: what a sync may take over the network, and room for what it inflates to.
    static let largestLine: Int = 32 << 20

    static func length(_ count: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: count >> (24 - 8 * $0)) } }

    static func damaged(_ what: String) -> Problem {
        Problem(
            .syncFileDamaged, "That is not a whole sync file.", detail: what,
            remedy: "Copy it again from where it was made; `vultus-edge export` and `vultus-hub device import` make new ones at any time.")
    }
}
