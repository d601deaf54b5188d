/// The name of an API in the catalogue, such as `face.search`.
package struct APIName: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: String

    /// 1:N identification of one face.
    package static let search = APIName(checked: "face.search")
    /// 1:1 verification of two pictures.
    package static let compare = APIName(checked: "face.compare")

    /// The APIs this version can meter.
    package static let all: [APIName] = [.search, .compare]

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
