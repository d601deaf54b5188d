import Crypto

/// What a gallery on a device comes to, as both sides compute it: the sum modulo 2²⁵⁶ of one SHA-256 for each person, so that one
/// change costs one hash and not a walk through the gallery.
///
/// Tells accidents, not attacks: a sum of hashes can be made to fit by who chooses the persons (the device's key and TLS stand
/// against those).
package struct GalleryDigest: Hashable, Sendable, Codable {
    /// Little-endian, 32 bytes.
    package private(set) var bytes: [UInt8]

    /// Of a gallery without persons.
    package static let empty = GalleryDigest(checked: [UInt8](repeating: 0, count: 32))

    package init?(_ bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    private init(checked bytes: [UInt8]) { self.bytes = bytes }

    /// - Parameter templates: those a device is given, in any order.
    package mutating func add(_ person: PersonID, version: Int64, templates: [TemplateID]) {
        var carry: UInt16 = 0
        for (index, byte) in Self.term(person, version, templates).enumerated() {
            carry += UInt16(bytes[index]) + UInt16(byte)
            bytes[index] = UInt8(truncatingIfNeeded: carry)
            carry >>= 8
        }
    }

    /// Takes back what ``add(_:version:templates:)`` put in.
    package mutating func remove(_ person: PersonID, version: Int64, templates: [TemplateID]) {
        var borrow: Int16 = 0
        for (index, byte) in Self.term(person, version, templates).enumerated() {
            let difference: Int16 = Int16(bytes[index]) - Int16(byte) - borrow
            borrow = difference < 0 ? 1 : 0
            bytes[index] = UInt8(truncatingIfNeeded: difference)
        }
    }

    private static func term(_ person: PersonID, _ version: Int64, _ templates: [TemplateID]) -> [UInt8] {
        var canonical = CanonicalBytes(domain: "vultus gallery member 1")
        canonical.append(person.rawValue)
        canonical.append(version)
        for template in templates.map(\.rawValue).sorted() { canonical.append(template) }
        return Array(SHA256.hash(data: canonical.bytes))
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let bytes = [UInt8](hexadecimal: try container.decode(String.self)), let digest = GalleryDigest(bytes) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not 64 hexadecimal digits")
        }
        self = digest
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(bytes.hexadecimal)
    }
}
