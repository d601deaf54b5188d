import HubAccess
import WireModel

/// Where a device is in the hub's changes. It keeps this for the hub and cannot read anything out of it that it was not told,
/// nor make one up: with it goes a MAC that is of that device alone.
struct FeedCursor: Codable, Equatable {
    /// Where the device is in one gallery. A position is the place before the first row that was not told: every row of a lower
    /// version was, and of the same version those up to a person.
    struct Position: Codable, Equatable {
        /// The hub's epoch in which the gallery was begun: versions of before a restore mean nothing.
        let hubEpoch: Int64
        /// The gallery's version when it was begun.
        let begun: Int64
        /// How often the device had told by then that everybody of it was gone; `nil`, as in cursors of before this was kept: never.
        let emptied: Int64?
        /// Of persons.
        var version: Int64 = 0
        var person: String = ""
        /// Of those who are gone.
        var goneVersion: Int64
        var gonePerson: String = ""
        /// What was said of the gallery itself, hashed.
        var terms: String = ""
        /// What the gallery came to when it was last told to its end; `nil` while it is not.
        var digest: GalleryDigest?
        /// When it was begun because digests differed.
        var mended: Timestamp?

        private enum CodingKeys: String, CodingKey {
            case hubEpoch = "e"
            case begun = "b"
            case emptied = "n"
            case version = "v"
            case person = "p"
            case goneVersion = "w"
            case gonePerson = "q"
            case terms = "t"
            case digest = "d"
            case mended = "m"
        }

        init(hubEpoch: Int64, begun: Int64, emptied: Int64?) {
            self.hubEpoch = hubEpoch
            self.begun = begun
            self.emptied = emptied
            // Who was gone before it was begun is not in what follows.
            goneVersion = begun + 1
        }
    }

    /// Of the configuration it was given.
    var configuration: String = ""
    var galleries: [GalleryID: Position] = [:]
    /// Withdrawn from it, and its receipt had not come when this was written.
    var withdrawn: Set<GalleryID> = []

    private enum CodingKeys: String, CodingKey {
        case configuration = "c"
        case galleries = "g"
        case withdrawn = "x"
    }

    init() {}

    private static func context(_ device: DeviceID) -> String { "feed-cursor/" + device.rawValue }

    /// - Returns: `nil` for a text that this hub did not give to this device.
    init?(_ text: String, of device: DeviceID, _ sealer: SecretSealer) {
        let parts: [Substring] = text.split(separator: ".")
        guard parts.count == 2, let bytes = Base64(text: String(parts[0]))?.bytes else { return nil }
        let json = String(decoding: bytes, as: UTF8.self)
        guard ConstantTime.equal(Array(sealer.mac(json, context: Self.context(device)).utf8), Array(parts[1].utf8)),
            let cursor = try? JSON.value(FeedCursor.self, from: json)
        else { return nil }
        self = cursor
    }

    func text(of device: DeviceID, _ sealer: SecretSealer) throws -> String {
        let json: String = try JSON.text(self)
        return Base64(Array(json.utf8)).text + "." + sealer.mac(json, context: Self.context(device))
    }
}
