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

    private static func box(_ prefix: String) -> [String: AnswerLeaf] {
        [
            "\(prefix)box.x": .across(width: "width"), "\(prefix)box.width": .across(width: "width"), "\(prefix)box.y": .down(height: "height"),
            "\(prefix)box.height": .down(height: "height"),
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
            "\(prefix)falseMatchRate": .rate, "\(prefix)model": .text,
        ]
    }

    private static func points(_ prefix: String) -> [String: AnswerLeaf] {
        ["rightEye", "leftEye", "nose", "rightMouth", "leftMouth"].reduce(into: [:]) { leaves, name in
            leaves["\(prefix)landmarks.\(name).x"] = .across(width: "width")
            leaves["\(prefix)landmarks.\(name).y"] = .down(height: "height")
        }
    }

    private static func use(_ prefix: String) -> [String: AnswerLeaf] {
        [
            "\(prefix)accepted": .boolean, "\(prefix)refusals[].code": .text, "\(prefix)refusals[].detail": .text, "\(prefix)refusals[].remedy": .text,
        ]
    }

    /// The face of one side: no picture's size is told with it, so there are no fractions.
    private static func side(_ prefix: String) -> [String: AnswerLeaf] {
        ["x", "y", "width", "height"].reduce(into: quality(prefix)) { $0["\(prefix)box.\($1)"] = .number }
    }

    /// - Parameter api: a base API or a variant of one; `nil` when it is neither.
    static func of(_ api: APIName) -> AnswerShape? {
        let face: String = "faces[]."
        let picture: [String: AnswerLeaf] = ["width": .count, "height": .count]
        let found: [String: AnswerLeaf] = box(face).merging(quality(face)) { $1 }
        let parts: [[String: AnswerLeaf]]
        switch api.base {
        case APIName.search?:
            let candidates: [String: AnswerLeaf] = [
                "faces[].candidates[].person": .text, "faces[].candidates[].label": .text,
                "faces[].candidates[].score": .score(threshold: "faces[].threshold"),
            ]
            parts = [
                picture, found, decision(face), candidates, ["faces[].person": .text, "faces[].entry": .count, "faces[].refusals[]": .text],
            ]
        case APIName.detect?: parts = [picture, found, points(face), ["model": .text, "faces[].detectionScore": .number]]
        case APIName.quality?:
            parts = [picture, found, use("faces[].search."), use("faces[].enrolment."), ["model": .text, "faces[].detectionScore": .number]]
        case APIName.compare?: parts = [decision(""), side("probe."), side("reference."), ["entry": .count]]
        case APIName.enrol?: parts = [["id": .text, "model": .text, "created": .time], quality("")]
        default: return nil
        }
        return AnswerShape(leaves: parts.reduce(call) { $0.merging($1) { $1 } })
    }

    /// Whether faces are a list of the answer.
    var hasFaces: Bool { leaves.keys.contains { $0.hasPrefix("faces[].") } }

    /// Where a decision's outcome is: of each face, of the call, or nowhere.
    var outcomePath: String? { leaves.first { $0.value == .outcome }?.key }

    /// Words that name the numbers of a template, in whatever answer they may be.
    static let templateWords: Set<String> = ["template", "templates", "embedding", "embeddings", "vector", "vectors", "features", "descriptor", "values"]
}

extension VariantDefinition {
    /// What may be chosen from the answers of an API, sorted; empty for none of the catalogue.
    package static func paths(of api: APIName) -> [String] { AnswerShape.of(api)?.leaves.keys.sorted() ?? [] }
}
