import Biometrics

/// Maps aligned faces to templates with SFace (December 2021; Zhong et al., "SFace: sigmoid-constrained hypersphere
/// loss for robust face recognition", 2021).
///
/// Input `data` `[1, 3, 112, 112]`, RGB 0–255; output `fc1`, 128 floats.
final class FaceEmbedder {
    static let modelID = ModelID.sface2021dec
    static let dimensions = 128

    private let session: any InferenceSession
    private var input = [Float](repeating: 0, count: 3 * FaceAligner.side * FaceAligner.side)

    init(session: any InferenceSession) {
        self.session = session
    }

    /// Maps one aligned face to a unit-length template.
    /// - Parameter face: 112×112.
    /// - Returns: 128 Float32, L2 norm 1 ± 1e-5, bound to `modelID`.
    /// - Throws: `.runFailed`, `.unexpectedOutput`. Blocks its executor for one inference (7–25 ms, by processor).
    func embed(_ face: PixelBuffer) throws(InferenceError) -> Template {
        let plane = FaceAligner.side * FaceAligner.side
        precondition(face.width == FaceAligner.side && face.height == FaceAligner.side)
        let pixels = face.bytes
        for index in 0..<plane {
            input[index] = Float(pixels[3 * index])
            input[plane + index] = Float(pixels[3 * index + 1])
            input[2 * plane + index] = Float(pixels[3 * index + 2])
        }
        let values = try input.withUnsafeBufferPointer { (buffer) throws(InferenceError) in
            let tensor = InputTensor(
                name: "data", shape: [1, 3, FaceAligner.side, FaceAligner.side], values: buffer)
            return try session.run(tensor, outputs: ["fc1"]) { (outputs) throws(InferenceError) in Array(outputs[0]) }
        }
        guard values.count == Self.dimensions else {
            throw .unexpectedOutput(name: "fc1", count: values.count, expected: Self.dimensions)
        }
        do {
            return try Template(model: Self.modelID, normalizing: values)
        } catch {
            throw .runFailed(message: "the embedding is not a direction: \(error)")
        }
    }
}
