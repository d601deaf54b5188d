import Crypto

/// What a journal entry records.
package enum EntryKind: String, Codable, Sendable, CaseIterable {
    case decision, enrolment, erasure, lease
}

/// A SHA-256 value in the journal's chain, 32 bytes.
package struct EntryHash: Hashable, Sendable, Codable {
    package let bytes: [UInt8]

    /// What the first entry of an epoch names as its predecessor.
    package static let genesis = EntryHash(checked: [UInt8](repeating: 0, count: 32))

    package init?(_ bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    fileprivate init(checked bytes: [UInt8]) { self.bytes = bytes }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let bytes = [UInt8](hexadecimal: try container.decode(String.self)), let hash = EntryHash(bytes) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not 64 hexadecimal digits")
        }
        self = hash
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(bytes.hexadecimal)
    }
}

/// One line of a device's journal: the only road by which a use becomes billable.
///
/// `(device, epoch, seq)` names it for ever; `hash` covers every other field and the previous hash, so that a
/// changed, dropped or reordered line shows.
package struct JournalEntry: Hashable, Sendable, Codable {
    /// Counts the device's journals; a new journal (not a restart) is a new epoch. From 1.
    package let epoch: Int64
    /// Position in the epoch, from 1, without gaps.
    package let seq: Int64
    package let kind: EntryKind
    /// The API used, for entries that can cost units; otherwise `nil`.
    package let api: APIName?
    /// Units of that API spent by this entry; 0 for what is not charged.
    package let units: Int64
    /// The lease those units were spent from.
    package let lease: LeaseID?
    /// Device wall clock.
    package let time: Timestamp
    /// Milliseconds since the device started, suspend included (`CLOCK_BOOTTIME`).
    package let bootMilliseconds: Int64
    /// JSON, kept as text because the hash covers these very bytes.
    package let body: String
    package let previous: EntryHash
    package let hash: EntryHash

    /// Makes the entry that follows `previous`, computing its hash.
    package init(
        device: DeviceID, epoch: Int64, seq: Int64, kind: EntryKind, api: APIName?, units: Int64, lease: LeaseID?,
        time: Timestamp, bootMilliseconds: Int64, body: String, previous: EntryHash
    ) {
        self.init(
            epoch: epoch, seq: seq, kind: kind, api: api, units: units, lease: lease, time: time,
            bootMilliseconds: bootMilliseconds, body: body, previous: previous, hash: .genesis, rehashedFor: device)
    }

    /// An entry as stored or received, its hash unchecked: see ``isIntact(for:)``.
    package init(
        epoch: Int64, seq: Int64, kind: EntryKind, api: APIName?, units: Int64, lease: LeaseID?, time: Timestamp,
        bootMilliseconds: Int64, body: String, previous: EntryHash, hash: EntryHash
    ) {
        self.init(
            epoch: epoch, seq: seq, kind: kind, api: api, units: units, lease: lease, time: time,
            bootMilliseconds: bootMilliseconds, body: body, previous: previous, hash: hash, rehashedFor: nil)
    }

    private init(
        epoch: Int64, seq: Int64, kind: EntryKind, api: APIName?, units: Int64, lease: LeaseID?, time: Timestamp,
        bootMilliseconds: Int64, body: String, previous: EntryHash, hash: EntryHash, rehashedFor device: DeviceID?
    ) {
        self.epoch = epoch
        self.seq = seq
        self.kind = kind
        self.api = api
        self.units = units
        self.lease = lease
        self.time = time
        self.bootMilliseconds = bootMilliseconds
        self.body = body
        self.previous = previous
        guard let device else {
            self.hash = hash
            return
        }
        var canonical = CanonicalBytes(domain: "vultus journal entry 1")
        canonical.append(device.rawValue)
        canonical.append(epoch)
        canonical.append(seq)
        canonical.append(kind.rawValue)
        canonical.append(api?.rawValue ?? "")
        canonical.append(units)
        canonical.append(lease?.rawValue ?? "")
        canonical.append(time.milliseconds)
        canonical.append(bootMilliseconds)
        canonical.append(body)
        canonical.append(previous.bytes)
        self.hash = EntryHash(checked: Array(SHA256.hash(data: canonical.bytes)))
    }

    /// Whether the hash is the one this content gives on `device`.
    package func isIntact(for device: DeviceID) -> Bool {
        let rebuilt = JournalEntry(
            device: device, epoch: epoch, seq: seq, kind: kind, api: api, units: units, lease: lease, time: time,
            bootMilliseconds: bootMilliseconds, body: body, previous: previous)
        return rebuilt.hash == hash
    }
}

/// The device's signed statement of how far its journal goes.
package struct JournalHead: Hashable, Sendable, Codable {
    package let epoch: Int64
    /// 0 for an empty journal.
    package let seq: Int64
    package let hash: EntryHash

    package init(epoch: Int64, seq: Int64, hash: EntryHash) {
        self.epoch = epoch
        self.seq = seq
        self.hash = hash
    }

    /// The bytes a device signs with its certificate's key (ECDSA P-256, SHA-256).
    package func signedBytes(device: DeviceID) -> [UInt8] {
        var canonical = CanonicalBytes(domain: "vultus journal head 1")
        canonical.append(device.rawValue)
        canonical.append(epoch)
        canonical.append(seq)
        canonical.append(hash.bytes)
        return canonical.bytes
    }
}
