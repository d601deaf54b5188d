import Biometrics
import FacePipeline
import RecognitionAPI
import WireModel

/// How scores and faces are told to clients of CompreFace.
package enum CompreFaceFace {
    /// Where CompreFace's clients decide.
    package static let decisionPoint: Double = 0.5

    /// A score on 0…1 that rises with ours, where our threshold is 0.5 exactly: −1 is 0, 1 is 1, straight lines between.
    /// - Parameter isDecidable: a face too poor to decide on stays below the decision point.
    /// - Returns: five decimals, as CompreFace gives.
    package static func similarity(_ score: ComparisonScore, threshold: ComparisonScore, isDecidable: Bool = true) -> Double {
        let (value, limit): (Double, Double) = (Double(score.rawValue), Double(threshold.rawValue))
        let below: Double = 0.499_99
        guard score >= threshold else { return min(below, rounded(decisionPoint * (value + 1) / (limit + 1))) }
        let similarity: Double = rounded(decisionPoint + (1 - decisionPoint) * (value - limit) / (1 - limit))
        return isDecidable ? min(1, similarity) : below
    }

    private static func rounded(_ value: Double) -> Double { (value * 100_000).rounded() / 100_000 }

    /// Members of a face that every answer has, and those asked for.
    /// - Parameter embedding: whether the caller may have the template's numbers.
    static func members(_ face: AnalysedFace, of picture: AnalysedImage, _ options: CompreFaceOptions, embedding: Bool) -> [String: JSONValue] {
        func pixel(_ value: Double, _ limit: Int) -> JSONValue { .integer(Int64(min(max(value.rounded(), 0), Double(limit)))) }
        let box: FaceBox = face.box
        var members: [String: JSONValue] = [
            "box": [
                "probability": .number(rounded(face.detectionScore)), "x_min": pixel(box.x, picture.width), "y_min": pixel(box.y, picture.height),
                "x_max": pixel(box.x + box.width, picture.width), "y_max": pixel(box.y + box.height, picture.height),
            ]
        ]
        if options.plugins.contains("landmarks") {
            members["landmarks"] = .array(
                face.landmarks.points.map { .array([.integer(Int64($0.x.rounded())), .integer(Int64($0.y.rounded()))]) })
        }
        if options.plugins.contains("pose") {
            members["pose"] = [
                "pitch": .number(rounded(face.quality.pitch)), "roll": .number(rounded(face.quality.roll)), "yaw": .number(rounded(face.quality.yaw)),
            ]
        }
        if options.plugins.contains("calculator"), embedding, let template = face.template {
            members["embedding"] = .array(template.values.map { .number(Double($0)) })
        }
        if options.status {
            func milliseconds(_ duration: Duration) -> JSONValue { .number((duration / .milliseconds(1) * 10).rounded() / 10) }
            let timings: StageTimings = picture.timings
            members["execution_time"] = [
                "detector": milliseconds(timings.decode + timings.detect), "calculator": milliseconds(timings.align + timings.embed),
            ]
        }
        return members
    }

    static func versions(_ models: ModelDirectory) -> JSONValue {
        ["detector": .string(models.detector.model ?? ""), "calculator": .string(models.embedderModel.rawValue)]
    }
}

/// What the calls with a picture take in their query.
struct CompreFaceOptions: Sendable {
    /// The largest so many faces of a picture are looked at, however many were asked for.
    static let mostFaces: Int = 50
    static let mostPredictions: Int = 50

    let limit: Int
    let probability: Double
    let predictions: Int
    let plugins: Set<String>
    let status: Bool

    static let parameters: [Route.Parameter] = [
        Route.Parameter(name: "limit", schema: .text(0...20), about: "faces, the largest first; 0 for all"),
        Route.Parameter(name: "det_prob_threshold", schema: .text(0...20), about: "0 to 1: detections less probable are left out"),
        Route.Parameter(name: "prediction_count", schema: .text(0...20), about: "subjects for each face, the most similar first"),
        Route.Parameter(name: "face_plugins", schema: .text(0...200), about: "landmarks, pose, and calculator where the key may read templates"),
        Route.Parameter(name: "status", schema: .text(0...20), about: "true: tell also models and times"),
    ]

    init(_ query: [String: String]) throws(CompreFaceError) {
        func integer(_ name: String, _ standard: Int) throws(CompreFaceError) -> Int {
            guard let text = query[name], !text.isEmpty else { return standard }
            guard let value = Int64(plain: text), (0...Int64(Int32.max)).contains(value) else { throw .parameterWrong(name, "a whole number, 0 or more") }
            return Int(value)
        }
        let asked: Int = try integer("limit", 0)
        limit = asked == 0 ? Self.mostFaces : min(asked, Self.mostFaces)
        predictions = min(max(1, try integer("prediction_count", 1)), Self.mostPredictions)
        if let text = query["det_prob_threshold"], !text.isEmpty {
            guard let value = Double(text), (0...1).contains(value) else { throw .parameterWrong("det_prob_threshold", "between 0.0 and 1.0") }
            probability = value
        } else {
            probability = 0
        }
        plugins = Set((query["face_plugins"] ?? "").split(separator: ",").map { $0.trimmingPrefix(" ").lowercased() })
        status = query["status"]?.lowercased() == "true"
    }
}
