import CFaceNet

/// A network that keeps its memory for the two input sizes used last: a camera has one, a folder of pictures often
/// one upright and one lying.
final class FaceNetSession: InferenceSession {
    private static let plansKept = 2

    private let network: FaceNetNetwork
    private let kind: FaceNetKind
    /// Used last first.
    private var plans: [FaceNetPlan] = []

    init(_ network: FaceNetNetwork, kind: FaceNetKind) {
        self.network = network
        self.kind = kind
    }

    func run<Result>(
        _ input: InputTensor, outputs: [String], _ body: ([UnsafeBufferPointer<Float>]) throws(InferenceError) -> Result
    ) throws(InferenceError) -> Result {
        precondition(input.values.count == input.shape.reduce(1, *))
        guard input.name == kind.input else { throw .runFailed(message: "there is no input \(input.name)") }
        guard input.shape.count == 4, input.shape[0] == 1, input.shape[1] == 3 else {
            throw .runFailed(message: "input \(input.name) cannot have the shape \(input.shape)")
        }
        let plan = try plan(height: input.shape[2], width: input.shape[3])
        try plan.run(input.values)
        var results: [UnsafeBufferPointer<Float>] = []
        for name in outputs {
            guard let values = plan.outputs[name] else { throw .runFailed(message: "there is no output \(name)") }
            results.append(values)
        }
        return try withExtendedLifetime(plan) { () throws(InferenceError) in try body(results) }
    }

    private func plan(height: Int, width: Int) throws(InferenceError) -> FaceNetPlan {
        if let index = plans.firstIndex(where: { $0.height == height && $0.width == width }) {
            if index > 0 { plans.insert(plans.remove(at: index), at: 0) }
        } else {
            // Room first, so that no more than `plansKept` ever exist.
            if plans.count == Self.plansKept { plans.removeLast() }
            plans.insert(try FaceNetPlan(network, kind: kind, height: height, width: width), at: 0)
        }
        return plans[0]
    }
}

/// A network's memory for one input size, and its results under the names of the ONNX file.
final class FaceNetPlan {
    /// Floats the detector gives per cell: `cls`, `obj`, `bbox` 4, `kps` 10.
    static let cell = 16
    private static let parts = [("cls", 0, 1), ("obj", 1, 1), ("bbox", 2, 4), ("kps", 6, 10)]

    let height: Int
    let width: Int
    /// Each contiguous, and valid until the next run.
    let outputs: [String: UnsafeBufferPointer<Float>]

    private let network: FaceNetNetwork
    private let session: OpaquePointer
    /// The detector's results and where each is taken apart to; empty for the embedder, which needs none.
    private var levels: [(interleaved: UnsafePointer<Float>, cells: Int, parts: UnsafeMutablePointer<Float>)] = []

    init(_ network: FaceNetNetwork, kind: FaceNetKind, height: Int, width: Int) throws(InferenceError) {
        guard let rows = CInt(exactly: height), let columns = CInt(exactly: width) else {
            throw .runFailed(message: FACENET_WRONG_SIZE.reason)
        }
        var made: OpaquePointer?
        let status = facenet_session_create(network.pointer, rows, columns, &made)
        guard let made else { throw .runFailed(message: "\(height) × \(width): \(status.reason)") }
        (self.network, self.height, self.width, session) = (network, height, width, made)
        var outputs: [String: UnsafeBufferPointer<Float>] = [:]
        for index in 0..<Int(facenet_output_count(made)) {
            let result = facenet_output_at(made, CInt(index))
            guard let values = result.values else { continue }
            let cells = Int(result.rows) * Int(result.columns)
            switch kind {
            case .embedder:
                outputs["fc1"] = UnsafeBufferPointer(start: values, count: cells * Int(result.channels))
            case .detector:
                let parts = UnsafeMutablePointer<Float>.allocate(capacity: cells * Self.cell)
                parts.initialize(repeating: 0, count: cells * Self.cell)
                levels.append((values, cells, parts))
                for (name, first, count) in Self.parts {
                    outputs["\(name)_\(FaceDetector.strides[index])"] = UnsafeBufferPointer(
                        start: parts + first * cells, count: count * cells)
                }
            }
        }
        self.outputs = outputs
    }

    deinit {
        for level in levels { level.parts.deallocate() }
        facenet_session_free(session)
    }

    /// - Parameter planes: 3 × height × width floats 0–255, colours in the order the network was trained on.
    func run(_ planes: UnsafeBufferPointer<Float>) throws(InferenceError) {
        var image = facenet_image(
            pixels: planes.baseAddress, height: CInt(height), width: CInt(width),
            row_bytes: width * MemoryLayout<Float>.stride, layout: FACENET_PLANAR)
        let status = facenet_run(session, &image)
        guard status == FACENET_OK else { throw .runFailed(message: status.reason) }
        for (from, cells, to) in levels {
            for (_, first, count) in Self.parts {
                for cell in 0..<cells {
                    for index in 0..<count { to[first * cells + cell * count + index] = from[cell * Self.cell + first + index] }
                }
            }
        }
    }
}
