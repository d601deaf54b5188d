/// Finds faces with YuNet (2023 March; Wu et al., "YuNet: a tiny millisecond-level face detector", 2023).
///
/// Input `[1, 3, H, W]`, BGR 0–255, H and W multiples of 32; outputs `cls`, `obj`, `bbox` and `kps` at strides 8, 16 and 32.
final class FaceDetector {
    static let modelID = "yunet-2023mar"
    static let strides = [8, 16, 32]
    /// The sides of the input must be multiples of the coarsest stride.
    static let granularity = 32

    private static let outputs = ["cls", "obj", "bbox", "kps"].flatMap { kind in strides.map { "\(kind)_\($0)" } }

    private let session: any InferenceSession
    private let options: DetectorOptions
    private var input: [Float] = []
    private var inputWidth = 0
    private var inputHeight = 0

    init(session: any InferenceSession, options: DetectorOptions) {
        self.session = session
        self.options = options
    }

    /// - Parameter picture: upright, neither side longer than the detector is meant to see.
    /// - Returns: faces in the picture's own pixels, best score first; equal scores in reading order, finest stride first.
    func detect(_ picture: PixelBuffer) throws(InferenceError) -> [DetectedFace] {
        fillInput(picture)
        let (width, height) = (inputWidth, inputHeight)
        let candidates = try input.withUnsafeBufferPointer { (values) throws(InferenceError) in
            let tensor = InputTensor(name: "input", shape: [1, 3, height, width], values: values)
            return try session.run(tensor, outputs: Self.outputs) { (outputs) throws(InferenceError) in
                try decode(outputs, width: width, height: height)
            }
        }
        return NonMaximumSuppression.apply(candidates, threshold: options.overlapThreshold, limit: options.maximumFaces)
    }

    /// Planes of blue, green and red; what the padding to whole strides leaves over is black.
    private func fillInput(_ picture: PixelBuffer) {
        let width = (picture.width + Self.granularity - 1) / Self.granularity * Self.granularity
        let height = (picture.height + Self.granularity - 1) / Self.granularity * Self.granularity
        if (width, height) != (inputWidth, inputHeight) {
            input = [Float](repeating: 0, count: 3 * width * height)
            (inputWidth, inputHeight) = (width, height)
        }
        let plane = width * height
        let columns = picture.width
        let pixels = picture.bytes
        let rows = picture.height
        input.withUnsafeMutableBufferPointer { planes in
            for y in 0..<rows {
                let (from, to) = (3 * y * columns, y * width)
                for x in 0..<columns {
                    planes[to + x] = Float(pixels[from + 3 * x + 2])
                    planes[plane + to + x] = Float(pixels[from + 3 * x + 1])
                    planes[2 * plane + to + x] = Float(pixels[from + 3 * x])
                }
                for x in columns..<width {
                    planes[to + x] = 0
                    planes[plane + to + x] = 0
                    planes[2 * plane + to + x] = 0
                }
            }
            for index in rows * width..<plane {
                planes[index] = 0
                planes[plane + index] = 0
                planes[2 * plane + index] = 0
            }
        }
    }

    private func decode(
        _ outputs: [UnsafeBufferPointer<Float>], width: Int, height: Int
    ) throws(InferenceError) -> [DetectedFace] {
        var faces: [DetectedFace] = []
        for (level, stride) in Self.strides.enumerated() {
            let cells = (width / stride) * (height / stride)
            let tensors = (0..<4).map { outputs[$0 * Self.strides.count + level] }
            for (tensor, (kind, perCell)) in zip(tensors, [("cls", 1), ("obj", 1), ("bbox", 4), ("kps", 10)])
            where tensor.count != cells * perCell {
                throw .unexpectedOutput(name: "\(kind)_\(stride)", count: tensor.count, expected: cells * perCell)
            }
            let grid = DetectorGrid(
                stride: stride, columns: width / stride, classes: tensors[0], objects: tensors[1], boxes: tensors[2],
                landmarks: tensors[3])
            grid.collect(above: options.scoreThreshold, into: &faces)
        }
        return faces
    }
}
