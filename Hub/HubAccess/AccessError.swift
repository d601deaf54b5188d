import WireModel

/// What can go wrong with the hub's secrets, apart from what a person typed.
package enum AccessError: Error, Hashable, Sendable {
    /// A password could not be hashed: the memory it takes was not to be had.
    case outOfMemory(bytes: Int)
    /// A sealed value is shorter than any this program writes.
    case sealedTooShort(bytes: Int)
    /// A sealed value was written in a form this program does not know: a newer hub wrote it, or it is damaged.
    case sealedFormUnknown(version: UInt8)
    /// A sealed value was changed, belongs elsewhere, or was sealed with another key.
    case sealedRefused
}

extension AccessError: ProblemConvertible {
    package var problem: Problem {
        switch self {
        case .outOfMemory(let bytes):
            Problem(
                .internalFault, "The hub has no memory left to hash a password.", detail: "\(bytes) bytes were asked for",
                remedy: "Give the hub more memory, then try again.")
        case .sealedTooShort(let bytes):
            Problem(.storeDamaged, "A sealed value in the hub's store is cut off.", detail: "\(bytes) bytes", remedy: "Restore the store from a backup.")
        case .sealedFormUnknown(let version):
            Problem(
                .storeNewer, "A sealed value in the hub's store has a form this program does not know.", detail: "form \(version)",
                remedy: "Run the version of the hub that wrote it, or a newer one.")
        case .sealedRefused:
            Problem(
                .storeDamaged, "A sealed value in the hub's store cannot be opened with this hub's key.",
                remedy: "Restore the keys directory that belongs to this store; if it is in place, restore the store from a backup.")
        }
    }
}
