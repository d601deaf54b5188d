import Crypto
import FoundationEssentials
import HubStorage
import ServiceSupport
import WireModel

/// A head of the audit chain as it was at some moment, signed, kept outside the database (P6): who rewrites the
/// database's whole chain must also rewrite this file and hold the key that signs it.
package struct AuditAnchor: Sendable, Codable, Hashable {
    package let seq: Int64
    package let hash: EntryHash
    package let hubEpoch: Int64
    package let time: Timestamp
    /// Whether the chain began again here, from a backup: only a signed line can say so, since an entry in the database
    /// can be forged with it.
    package let isRestore: Bool
    /// Ed25519 by the hub's audit key.
    package let signature: Base64

    init(seq: Int64, hash: EntryHash, hubEpoch: Int64, time: Timestamp, isRestore: Bool = false, signedBy key: Curve25519.Signing.PrivateKey) throws {
        self.seq = seq
        self.hash = hash
        self.hubEpoch = hubEpoch
        self.time = time
        self.isRestore = isRestore
        signature = Base64(try key.signature(for: Self.signedBytes(seq: seq, hash: hash, hubEpoch: hubEpoch, time: time, isRestore: isRestore)))
    }

    private static func signedBytes(seq: Int64, hash: EntryHash, hubEpoch: Int64, time: Timestamp, isRestore: Bool) -> [UInt8] {
        var canonical = CanonicalBytes(domain: isRestore ? "vultus-audit-restore-1" : "vultus-audit-anchor-1")
        canonical.append(seq)
        canonical.append(hash.bytes)
        canonical.append(hubEpoch)
        canonical.append(time.milliseconds)
        return canonical.bytes
    }

    func isSigned(by key: Curve25519.Signing.PublicKey) -> Bool {
        key.isValidSignature(
            signature.bytes, for: Self.signedBytes(seq: seq, hash: hash, hubEpoch: hubEpoch, time: time, isRestore: isRestore))
    }
}

/// The file of anchors: one line of JSON each, only ever added to.
struct AuditAnchorFile: Sendable {
    let path: String

    init(directory: String) { path = directory + "/audit-anchors" }

    /// In order. What follows the last line end is a line that a crash cut off.
    func read() throws -> [AuditAnchor] {
        let bytes: [UInt8] = try PrivateFiles.read(path) ?? []
        let whole: ArraySlice<UInt8> = bytes[..<(bytes.lastIndex(of: 10) ?? 0)]
        return try String(decoding: whole, as: UTF8.self).split(separator: "\n").map { line in
            do { return try JSON.value(AuditAnchor.self, from: String(line)) } catch {
                throw Problem(
                    .auditBroken, "The file of audit anchors is damaged.", detail: path,
                    remedy: "Keep a copy, restore the file from a backup, and compare with the anchors kept elsewhere.")
            }
        }
    }

    func append(_ anchor: AuditAnchor) throws {
        let line: [UInt8] = Array((try JSON.text(anchor) + "\n").utf8)
        let before: [UInt8] = try PrivateFiles.read(path) ?? []
        if before.last ?? 10 == 10 {
            try PrivateFiles.append(line, to: path)
        } else {
            try PrivateFiles.write(Array(before[..<((before.lastIndex(of: 10) ?? -1) + 1)]) + line, to: path)
        }
    }
}

/// What a walk along the whole chain found.
package struct AuditReport: Sendable, Codable {
    package let entries: Int64
    package let head: EntryHash
    package let anchors: Int
    /// The newest anchor that the chain confirms; 0 when there is none.
    package let anchoredThrough: Int64
    /// Empty when the chain is whole.
    package let faults: [String]

    package var isIntact: Bool { faults.isEmpty }
}

extension Hub {
    private var anchors: AuditAnchorFile { AuditAnchorFile(directory: directory) }

    /// The anchors on file, in order.
    package func auditAnchors() throws -> [AuditAnchor] { try anchors.read() }

    /// Writes the chain's head down outside the database, when it went on since the last time.
    /// - Returns: the newest anchor, if any.
    @discardableResult
    package func anchorAudit() async throws -> AuditAnchor? {
        let (seq, hash, hubEpoch): (Int64, EntryHash, Int64) = try await database.read { connection in
            guard let row = try connection.firstRow("SELECT seq, hash FROM audit_head", []), let hash = EntryHash(try row.blob("hash")) else {
                throw HubStorageError.damaged
            }
            return (try row.integer("seq"), hash, try Self.epoch(connection))
        }
        try PrivateFiles.makeDirectory(directory)
        let lock = try FileLock(anchors.path + ".lock")
        defer { lock.release() }
        let last: AuditAnchor? = try auditAnchors().last
        guard seq > 0, last.map({ $0.seq < seq || $0.hubEpoch < hubEpoch }) ?? true else { return last }
        let anchor = try AuditAnchor(seq: seq, hash: hash, hubEpoch: hubEpoch, time: now(), signedBy: keys.auditKey)
        try anchors.append(anchor)
        return anchor
    }

    /// Recomputes the whole chain and holds it against the anchors. Reads every entry, memory stays flat.
    package func verifyAudit() async throws -> AuditReport {
        let anchors: [AuditAnchor] = try auditAnchors()
        let key: Curve25519.Signing.PublicKey = keys.auditKey.publicKey
        return try await database.read { connection in
            var faults: [String] = []
            var last: (seq: Int64, hash: EntryHash) = (0, .genesis)
            var wanted: [Int64: [(place: Int, anchor: AuditAnchor)]] = Dictionary(
                grouping: anchors.enumerated().map { ($0.offset, $0.element) }, by: \.1.seq)
            // A restore begins the chain again at its entry: what was anchored before it, from there on, is another history's.
            let restarts: [(place: Int, seq: Int64)] = anchors.enumerated().compactMap { index, anchor in
                anchor.isRestore && anchor.isSigned(by: key) ? (index, anchor.seq) : nil
            }
            func isForgiven(_ place: Int, _ seq: Int64) -> Bool { restarts.contains { $0.place > place && $0.seq <= seq } }
            var copies: [Int64] = []
            var anchoredThrough: Int64 = 0
            func fault(_ text: String) { if faults.count < 20 { faults.append(text) } }
            for anchor in anchors where !anchor.isSigned(by: key) { fault("the anchor of entry \(anchor.seq) is not signed by this hub") }
            try connection.forEachRow("SELECT * FROM audit_entry ORDER BY seq", []) { row in
                let entry = try AuditEntry(row)
                if entry.seq != last.seq + 1 { fault("entries are missing before \(entry.seq)") }
                if entry.previous != last.hash { fault("entry \(entry.seq) does not follow the one before it") }
                if !entry.isIntact { fault("entry \(entry.seq) was altered") }
                if entry.action == AuditAction.hubRestore.rawValue, !anchors.contains(where: { $0.isRestore && $0.hash == entry.hash }) {
                    fault("entry \(entry.seq) says that the hub was restored, and no signed line does")
                }
                if entry.action == AuditAction.hubCopy.rawValue { copies.append(entry.seq) }
                if let here = wanted.removeValue(forKey: entry.seq) {
                    for (place, anchor) in here {
                        if anchor.hash == entry.hash {
                            anchoredThrough = max(anchoredThrough, entry.seq)
                        } else if !isForgiven(place, entry.seq) {
                            fault("entry \(entry.seq) is not the one that was anchored at \(anchor.time)\(Self.hint(copies))")
                        }
                    }
                }
                last = (entry.seq, entry.hash)
            }
            let head: SQLRow = try connection.rows("SELECT seq, hash FROM audit_head", [])[0]
            if try head.integer("seq") != last.seq || head.blob("hash") != last.hash.bytes { fault("the chain does not end where its head says") }
            // Anchors beyond the end: entries were taken away, unless a backup was restored, which the chain then says.
            for seq in wanted.keys.sorted() where wanted[seq]!.contains(where: { !isForgiven($0.place, seq) }) {
                fault("entry \(seq) was anchored and is gone\(Self.hint(copies))")
            }
            return AuditReport(entries: last.seq, head: last.hash, anchors: anchors.count, anchoredThrough: anchoredThrough, faults: faults)
        }
    }

    /// Two databases that both went on from one copy contradict each other's anchors: a slip, not tampering, though as serious.
    private static func hint(_ copies: [Int64]) -> String {
        copies.last.map { "; the database was copied at entry \($0): only one of the two may be used from then on" } ?? ""
    }
}
