/// The name of an API in the catalogue, such as `face.search`.
package struct APIName: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: String

    /// 1:N identification of one face.
    package static let search = APIName(checked: "face.search")
    /// 1:1 verification of two pictures.
    package static let compare = APIName(checked: "face.compare")

    /// Faces of a picture, where they are and how good they are.
    package static let detect = APIName(checked: "face.detect")
    /// Whether a face is good enough to be enrolled or searched for, and why not.
    package static let quality = APIName(checked: "face.quality")
    /// A reference of a person, made and kept.
    package static let enrol = APIName(checked: "face.enrol")

    /// The APIs of the catalogue. A custom variant of one adds a group to its name: `face.search.acme-door`.
    package static let all: [APIName] = [.detect, .quality, .compare, .search, .enrol]
    /// Those that a device meters, and therefore asks leases of.
    package static let onDevice: [APIName] = [.search, .compare]

    /// The API of the catalogue that this one is, or is a variant of; `nil` when it is neither.
    package var base: APIName? { Self.all.first { self == $0 || rawValue.hasPrefix($0.rawValue + ".") } }

    /// - Returns: `nil` unless the text is two or more groups of lower-case letters, digits and `-`, joined by dots.
    package init?(rawValue: String) {
        let groups: [Substring] = rawValue.split(separator: ".", omittingEmptySubsequences: false)
        let isAllowed: (UInt8) -> Bool = { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
        guard groups.count >= 2, rawValue.utf8.count <= 64, groups.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isAllowed) })
        else { return nil }
        self.rawValue = rawValue
    }

    private init(checked rawValue: String) { self.rawValue = rawValue }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

extension APIName: CustomStringConvertible {
    package var description: String { rawValue }
}

extension APIName: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = APIName(rawValue: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an API name such as face.search")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}
