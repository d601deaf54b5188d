import WireModel

/// What a leaf of a base answer is, and so which units it may be written in.
enum AnswerLeaf: Sendable, Hashable {
    case text
    case boolean
    case outcome
    case count
    case number
    /// A comparison score, −1…1, and where the threshold it was held against is.
    case score(threshold: String)
    /// A threshold of comparison scores, −1…1.
    case threshold
    /// A rate, 0…1, that must never read as none when there is some.
    case rate
    /// Pixels of a picture whose width is named.
    case across(width: String)
    /// Pixels of a picture whose height is named.
    case down(height: String)
    /// Degrees.
    case angle
    /// RFC 3339.
    case time
}

/// What a definition may choose from: the leaves of one API's answer, by path. What is not listed does not exist for a
/// definition, whatever the answer holds; template numbers never are (S22).
struct AnswerShape: Sendable {
    /// Lists are written `name[]`.
    let leaves: [String: AnswerLeaf]

    /// What every call has besides its answer.
    private static let call: [String: AnswerLeaf] = ["call.id": .text, "call.api": .text, "call.time": .time]

    private static func box(_ prefix: String, picture: String = "") -> [String: AnswerLeaf] {
        [
            "\(prefix)box.x": .across(width: picture + "width"), "\(prefix)box.width": .across(width: picture + "width"),
            "\(prefix)box.y": .down(height: picture + "height"), "\(prefix)box.height": .down(height: picture + "height"),
        ]
    }

    private static func quality(_ prefix: String) -> [String: AnswerLeaf] {
        [
            "\(prefix)quality.eyeDistance": .number, "\(prefix)quality.sharpness": .number, "\(prefix)quality.brightness": .number,
            "\(prefix)quality.yaw": .angle, "\(prefix)quality.pitch": .angle, "\(prefix)quality.roll": .angle,
        ]
    }

    private static func decision(_ prefix: String) -> [String: AnswerLeaf] {
        [
            "\(prefix)outcome": .outcome, "\(prefix)score": .score(threshold: "\(prefix)threshold"), "\(prefix)threshold": .threshold,
            "\(prefix)falseMatchRate": .rate, "\(prefix)model": .text, "\(prefix)refusals[]": .text,
        ]
    }

    /// - Parameter api: a base API or a variant of one; `nil` when it is neither.
    static func of(_ api: APIName) -> AnswerShape? {
        let picture: [String: AnswerLeaf] = ["width": .count, "height": .count]
        let parts: [[String: AnswerLeaf]]
        switch api.base {
        case APIName.search?:
            parts = [picture, box("faces[]."), quality("faces[]."), decision("faces[]."), ["faces[].person": .text, "faces[].entry": .count]]
        case APIName.detect?: parts = [picture, box("faces[]."), quality("faces[]."), ["faces[].model": .text]]
        case APIName.quality?:
            parts = [picture, box("faces[]."), quality("faces[]."), ["faces[].refusals[]": .text, "faces[].model": .text]]
        case APIName.compare?: parts = [decision("")]
        case APIName.enrol?: parts = [["person": .text, "model": .text], quality("")]
        default: return nil
        }
        return AnswerShape(leaves: parts.reduce(call) { $0.merging($1) { $1 } })
    }

    /// Whether faces are a list of the answer.
    var hasFaces: Bool { leaves.keys.contains { $0.hasPrefix("faces[].") } }

    /// Where a decision's outcome is: of each face, of the call, or nowhere.
    var outcomePath: String? { leaves.first { $0.value == .outcome }?.key }

    /// Words that name the numbers of a template, in whatever answer they may be.
    static let templateWords: Set<String> = ["template", "templates", "embedding", "embeddings", "vector", "vectors", "features", "descriptor", "numbers"]
}

extension VariantDefinition {
    /// What may be chosen from the answers of an API, sorted; empty for none of the catalogue.
    package static func paths(of api: APIName) -> [String] { AnswerShape.of(api)?.leaves.keys.sorted() ?? [] }
}
