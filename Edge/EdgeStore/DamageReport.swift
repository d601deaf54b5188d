import WireModel

/// What became of a store that was damaged.
package struct DamageReport: Sendable, Codable, Hashable {
    package let found: Timestamp
    /// As SQLite or a check put it.
    package let reason: String
    /// Where the old files are. What is sealed in them opens no more: its key is gone.
    package let aside: String
    /// Entries that read and prove, of all journals.
    package var entriesSaved: Int64 = 0
    /// Entries of the journal that was current which are known to be missing between others, or before the hub's watermark's end.
    package var entriesLost: Int64 = 0
    /// Units that the device's count says were spent and no saved entry accounts for, by API; never billed by themselves.
    package var unitsLost: [String: Int64] = [:]
    /// The counts themselves could not be read: what is missing is not known.
    package var isCountLost: Bool = false
    package var personsSaved: Int64 = 0
    package var personsLost: Int64 = 0
    package var templatesLost: Int64 = 0
}
