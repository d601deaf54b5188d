import Crypto

/// What a journal entry records.
package enum EntryKind: String, Codable, Sendable, CaseIterable {
    case decision, enrolment
    /// The receipt for persons that were erased on the device.
    case erasure
    /// A lease was installed or given back: ``LeaseEvent``.
    case lease
    /// Stands for entries that are lost: ``GapRecord``. Its place is the last of them, and so is its hash, as the next entry states it.
    case gap
    /// How the device is; costs nothing and may be thinned out.
    case health
}

/// One line of a device's journal: the only road by which a use becomes billable.
///
/// `(device, epoch, seq)` names it for ever; `hash` covers every other field, the body's digest and the previous hash, so that a
/// changed, dropped or reordered line shows. It does not cover the body itself: what a body tells of a person can be forgotten
/// when its time is over, and the chain, the units and the proof remain.
package struct JournalEntry: Hashable, Sendable {
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
    /// JSON, kept as text because the digest covers these very bytes; `nil` once it was forgotten.
    package let body: String?
    package let bodyDigest: EntryHash
    package let previous: EntryHash
    package let hash: EntryHash

    /// Makes the entry that follows `previous`, computing its hash.
    package init(
        device: DeviceID, epoch: Int64, seq: Int64, kind: EntryKind, api: APIName?, units: Int64, lease: LeaseID?,
        time: Timestamp, bootMilliseconds: Int64, body: String, previous: EntryHash
    ) {
        let draft = JournalEntry(
            epoch: epoch, seq: seq, kind: kind, api: api, units: units, lease: lease, time: time, bootMilliseconds: bootMilliseconds, body: body,
            previous: previous, hash: .genesis)
        self = draft.with(hash: draft.computedHash(for: device))
    }

    /// An entry as stored or received, its hash unchecked: see ``isIntact(for:)``.
    package init(
        epoch: Int64, seq: Int64, kind: EntryKind, api: APIName?, units: Int64, lease: LeaseID?, time: Timestamp,
        bootMilliseconds: Int64, body: String, previous: EntryHash, hash: EntryHash
    ) {
        self.init(
            epoch: epoch, seq: seq, kind: kind, api: api, units: units, lease: lease, time: time, bootMilliseconds: bootMilliseconds, body: body,
            bodyDigest: EntryHash(of: body), previous: previous, hash: hash)
    }

    /// The same, of an entry whose body was forgotten.
    package init(
        epoch: Int64, seq: Int64, kind: EntryKind, api: APIName?, units: Int64, lease: LeaseID?, time: Timestamp,
        bootMilliseconds: Int64, bodyDigest: EntryHash, previous: EntryHash, hash: EntryHash
    ) {
        self.init(
            epoch: epoch, seq: seq, kind: kind, api: api, units: units, lease: lease, time: time, bootMilliseconds: bootMilliseconds, body: nil,
            bodyDigest: bodyDigest, previous: previous, hash: hash)
    }

    private init(
        epoch: Int64, seq: Int64, kind: EntryKind, api: APIName?, units: Int64, lease: LeaseID?, time: Timestamp,
        bootMilliseconds: Int64, body: String?, bodyDigest: EntryHash, previous: EntryHash, hash: EntryHash
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
        self.bodyDigest = bodyDigest
        self.previous = previous
        self.hash = hash
    }

    private func with(hash: EntryHash) -> JournalEntry {
        JournalEntry(
            epoch: epoch, seq: seq, kind: kind, api: api, units: units, lease: lease, time: time, bootMilliseconds: bootMilliseconds, body: body,
            bodyDigest: bodyDigest, previous: previous, hash: hash)
    }

    /// The entry without what its body tells; its hash stays true.
    package var withoutBody: JournalEntry {
        JournalEntry(
            epoch: epoch, seq: seq, kind: kind, api: api, units: units, lease: lease, time: time, bootMilliseconds: bootMilliseconds,
            bodyDigest: bodyDigest, previous: previous, hash: hash)
    }

    /// Whether the hash is the one this content gives on `device`. A gap's hash is stated, not computed: what holds it is its successor.
    package func isIntact(for device: DeviceID) -> Bool {
        if kind == .gap { return body != nil }
        if computedHash(for: device) == hash { return true }
        return body.map { firstHash(for: device, body: $0) == hash } ?? false
    }

    /// Whether the body can be forgotten: entries written by Vultus 0.1 are hashed with their body.
    package func allowsForgetting(on device: DeviceID) -> Bool { kind != .gap && computedHash(for: device) == hash }

    private func computedHash(for device: DeviceID) -> EntryHash {
        var canonical: CanonicalBytes = canonicalHead(domain: "vultus journal entry 2", device)
        canonical.append(bodyDigest.bytes)
        canonical.append(previous.bytes)
        return EntryHash(checked: Array(SHA256.hash(data: canonical.bytes)))
    }

    /// As Vultus 0.1 hashed.
    private func firstHash(for device: DeviceID, body: String) -> EntryHash {
        var canonical: CanonicalBytes = canonicalHead(domain: "vultus journal entry 1", device)
        canonical.append(body)
        canonical.append(previous.bytes)
        return EntryHash(checked: Array(SHA256.hash(data: canonical.bytes)))
    }

    private func canonicalHead(domain: String, _ device: DeviceID) -> CanonicalBytes {
        var canonical = CanonicalBytes(domain: domain)
        canonical.append(device.rawValue)
        canonical.append(epoch)
        canonical.append(seq)
        canonical.append(kind.rawValue)
        canonical.append(api?.rawValue ?? "")
        canonical.append(units)
        canonical.append(lease?.rawValue ?? "")
        canonical.append(time.milliseconds)
        canonical.append(bootMilliseconds)
        return canonical
    }
}

extension JournalEntry: Codable {
    private enum CodingKeys: String, CodingKey {
        case epoch, seq, kind, api, units, lease, time, bootMilliseconds, body, bodyDigest, previous, hash
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let body: String? = try container.decodeIfPresent(String.self, forKey: .body)
        self.init(
            epoch: try container.decode(Int64.self, forKey: .epoch), seq: try container.decode(Int64.self, forKey: .seq),
            kind: try container.decode(EntryKind.self, forKey: .kind), api: try container.decodeIfPresent(APIName.self, forKey: .api),
            units: try container.decode(Int64.self, forKey: .units), lease: try container.decodeIfPresent(LeaseID.self, forKey: .lease),
            time: try container.decode(Timestamp.self, forKey: .time), bootMilliseconds: try container.decode(Int64.self, forKey: .bootMilliseconds),
            body: body, bodyDigest: try body.map(EntryHash.init(of:)) ?? container.decode(EntryHash.self, forKey: .bodyDigest),
            previous: try container.decode(EntryHash.self, forKey: .previous), hash: try container.decode(EntryHash.self, forKey: .hash))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(epoch, forKey: .epoch)
        try container.encode(seq, forKey: .seq)
        try container.encode(kind, forKey: .kind)
        try container.encodeIfPresent(api, forKey: .api)
        try container.encode(units, forKey: .units)
        try container.encodeIfPresent(lease, forKey: .lease)
        try container.encode(time, forKey: .time)
        try container.encode(bootMilliseconds, forKey: .bootMilliseconds)
        try container.encodeIfPresent(body, forKey: .body)
        if body == nil { try container.encode(bodyDigest, forKey: .bodyDigest) }
        try container.encode(previous, forKey: .previous)
        try container.encode(hash, forKey: .hash)
    }
}
