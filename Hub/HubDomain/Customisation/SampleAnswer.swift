import RecognitionAPI
import WireModel

/// Answers as the base APIs give them, with made-up figures of the usual size: what a preview shows when no answer is sent.
enum SampleAnswer {
    static let call = VariantCall(id: "sample", api: .search, time: Timestamp(milliseconds: 1_790_000_000_000))

    static func of(_ api: APIName) -> JSONValue {
        switch api.base {
        case APIName.search?: picture([face(match, box: (412, 188.5, 224, 296)), face(unknown, box: (905.5, 240, 118, 157)), undecided])
        case APIName.detect?: picture([face([:], box: (412, 188.5, 224, 296)), face([:], box: (905.5, 240, 118, 157))].map(withModel))
        case APIName.quality?: picture([withModel(face(["refusals": ["face_turned"]], box: (412, 188.5, 224, 296)))])
        case APIName.compare?: .object(match.filter { $0.key != "person" && $0.key != "entry" })
        case APIName.enrol?: .object(["person": "per_0192f3a07c1e7b2da5d3c4b1a0f9e8d7", "model": model, "quality": quality])
        default: .null
        }
    }

    private static let model: JSONValue = "sface-2021dec"

    private static let match: [String: JSONValue] = [
        "outcome": "match", "person": "per_0192f3a07c1e7b2da5d3c4b1a0f9e8d7", "score": .number(0.6714), "threshold": .number(0.47),
        "falseMatchRate": .number(0.00001), "model": model, "refusals": [], "entry": 1_204,
    ]
    private static let unknown: [String: JSONValue] = [
        "outcome": "unknown", "score": .number(0.3127), "threshold": .number(0.47), "falseMatchRate": .number(0.00001), "model": model, "refusals": [],
        "entry": 1_205,
    ]
    private static let undecided: JSONValue = face(
        ["outcome": "undecided", "threshold": .number(0.47), "falseMatchRate": .number(0.00001), "model": model, "refusals": ["face_blurred"]],
        box: (64, 512, 51, 66))

    private static let quality: JSONValue = [
        "eyeDistance": .number(92.5), "sharpness": .number(318.25), "yaw": .number(-4.5), "pitch": .number(2.25), "roll": .number(0.75),
        "brightness": .number(131.5),
    ]

    private static func picture(_ faces: [JSONValue]) -> JSONValue { ["width": 1_280, "height": 720, "faces": .array(faces)] }

    private static func withModel(_ face: JSONValue) -> JSONValue {
        guard case .object(var members) = face else { return face }
        members["model"] = model
        return .object(members)
    }

    private static func face(_ decision: [String: JSONValue], box: (x: Double, y: Double, width: Double, height: Double)) -> JSONValue {
        var members: [String: JSONValue] = decision
        members["box"] = ["x": .number(box.x), "y": .number(box.y), "width": .number(box.width), "height": .number(box.height)]
        members["quality"] = quality
        return .object(members)
    }
}
