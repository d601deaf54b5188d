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
