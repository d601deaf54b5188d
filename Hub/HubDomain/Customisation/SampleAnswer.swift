import RecognitionAPI
import WireModel

/// Answers as the base APIs give them, with made-up figures of the usual size: what a preview shows when no answer is sent.
enum SampleAnswer {
    static let call = VariantCall(id: "sample", api: .search, time: Timestamp(milliseconds: 1_790_000_000_000))

    static func of(_ api: APIName) -> JSONValue {
        switch api.base {
        case APIName.search?: picture([face(match, box: (412, 188.5, 224, 296)), face(unknown, box: (905.5, 240, 118, 157)), undecided])
        case APIName.detect?:
            picture(
                [face(found(landmarks: (412, 188.5)), box: (412, 188.5, 224, 296)), face(found(landmarks: (905.5, 240)), box: (905.5, 240, 118, 157))],
                model: model)
        case APIName.quality?:
            picture(
                [face(["detectionScore": .number(0.93), "search": use, "enrolment": use], box: (412, 188.5, 224, 296))], model: model)
        case APIName.compare?:
            .object(
                match.filter { !["person", "refusals", "candidates"].contains($0.key) }.merging([
                    "probe": face([:], box: (412, 188.5, 224, 296)), "reference": face([:], box: (64, 80, 190, 251)),
                ]) { $1 })
        case APIName.enrol?:
            .object(["id": "tpl_0192f3a07c1e7b2da5d3c4b1a0f9e8d7", "model": model, "created": "2026-11-25T12:00:00.000Z", "quality": quality])
        default: .null
        }
    }

    private static let model: JSONValue = "sface-2021dec"

    private static let match: [String: JSONValue] = [
        "outcome": "match", "person": "per_0192f3a07c1e7b2da5d3c4b1a0f9e8d7", "score": .number(0.6714), "threshold": .number(0.47),
        "falseMatchRate": .number(0.00001), "model": model, "refusals": [], "entry": 1_204,
        "candidates": [["person": "per_0192f3a07c1e7b2da5d3c4b1a0f9e8d7", "label": "0042", "score": .number(0.6714)]],
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

    private static let use: JSONValue = [
        "accepted": false, "refusals": [["code": "face_turned", "detail": "yaw 34°; at most 30°", "remedy": "Look at the camera."]],
    ]

    private static func found(landmarks at: (x: Double, y: Double)) -> [String: JSONValue] {
        func point(_ x: Double, _ y: Double) -> JSONValue { ["x": .number(at.x + x), "y": .number(at.y + y)] }
        return [
            "detectionScore": .number(0.93),
            "landmarks": [
                "rightEye": point(28, 56), "leftEye": point(82, 55.5), "nose": point(55, 86), "rightMouth": point(34, 117), "leftMouth": point(78, 116.5),
            ],
        ]
    }

    private static func picture(_ faces: [JSONValue], model: JSONValue? = nil) -> JSONValue {
        let members: [String: JSONValue] = ["width": 1_280, "height": 720, "faces": .array(faces)]
        return .object(model.map { members.merging(["model": $0]) { $1 } } ?? members)
    }

    private static func face(_ decision: [String: JSONValue], box: (x: Double, y: Double, width: Double, height: Double)) -> JSONValue {
        var members: [String: JSONValue] = decision
        members["box"] = ["x": .number(box.x), "y": .number(box.y), "width": .number(box.width), "height": .number(box.height)]
        members["quality"] = quality
        return .object(members)
    }
}
