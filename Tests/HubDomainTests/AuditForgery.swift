import Crypto
import WireModel

/// What somebody who knows how entries are hashed can do: the chain holds no secret.
enum AuditForgery {
    static func hash(seq: Int64, time: Int64, action: String, previous: [UInt8]) -> EntryHash {
        var canonical = CanonicalBytes(domain: "vultus-audit-1")
        canonical.append(seq)
        canonical.append(time)
        for part in ["", "", "", action, "", "", ""] { canonical.append(part) }
        canonical.append(previous)
        return EntryHash([UInt8](SHA256.hash(data: canonical.bytes))) ?? .genesis
    }
}
