/// Names the embedding model that made a template, such as `sface-2021dec`.
///
/// Templates of different models live in unrelated spaces: the id travels with every template so that they are never
/// compared by accident.
package struct ModelID: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(String.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }

    package var description: String { rawValue }

    /// SFace, December 2021 (OpenCV Zoo): 128 dimensions.
    package static let sface2021dec = ModelID(rawValue: "sface-2021dec")
}
