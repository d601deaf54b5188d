import CFaceNet
import FoundationEssentials

/// Shared/CFaceNet, the inference engine written for the two models Vultus ships. It reads their flat files and answers
/// with the names their ONNX files have.
package final class FaceNetEngine: InferenceEngine {
    /// Never above this: the AVX-512 kernels were only emulated so far.
    private static let level = FACENET_AVX2

    package init() {}

    package var description: String {
        "facenet \(facenet_best_level().rawValue >= Self.level.rawValue ? "avx2" : "baseline")"
    }

    /// - Parameter model: path of a `.facenet` file, as `deploy/models/flatten.py` writes it.
    package func load(model: String) throws(InferenceError) -> any InferenceSession {
        let bytes: Data
        do { bytes = try Data(contentsOf: URL(filePath: model)) } catch {
            throw .modelRefused(file: model, message: "it cannot be read: \(error)")
        }
        return try load(bytes, file: model)
    }

    /// - Parameter file: how errors call it.
    func load(_ bytes: Data, file: String) throws(InferenceError) -> any InferenceSession {
        var net: OpaquePointer?
        let status = bytes.withUnsafeBytes { facenet_load($0.baseAddress, $0.count, Self.level, &net) }
        guard let net else { throw .modelRefused(file: file, message: status.reason) }
        let network = FaceNetNetwork(net)
        guard let kind = try FaceNetKind(network) else {
            throw .modelRefused(file: file, message: "it is neither a face detector nor a face embedder")
        }
        return FaceNetSession(network, kind: kind)
    }
}

/// The weights; freed with the last plan that uses them.
final class FaceNetNetwork {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        facenet_free(pointer)
    }
}

/// What a network is, told by its shape: the flat file has no names.
enum FaceNetKind {
    case detector
    case embedder

    /// `nil` for a network whose results are neither's.
    init?(_ network: FaceNetNetwork) throws(InferenceError) {
        var (height, width): (CInt, CInt) = (0, 0)
        facenet_fixed_size(network.pointer, &height, &width)
        let isFixed = height > 0
        let side = CInt(isFixed ? FaceAligner.side : FaceDetector.granularity)
        guard !isFixed || (height == side && width == side) else { return nil }
        var session: OpaquePointer?
        let status = facenet_session_create(network.pointer, side, side, &session)
        guard let session else {
            if status == FACENET_WRONG_SIZE { return nil }
            throw .runFailed(message: status.reason)
        }
        defer { facenet_session_free(session) }
        let results = (0..<facenet_output_count(session)).map { facenet_output_at(session, $0) }
        let shapes = results.map { [$0.rows, $0.columns, $0.channels] }
        if isFixed, shapes == [[1, 1, CInt(FaceEmbedder.dimensions)]] {
            self = .embedder
        } else if !isFixed, shapes == FaceDetector.strides.map({ [side / CInt($0), side / CInt($0), CInt(FaceNetPlan.cell)] }) {
            self = .detector
        } else {
            return nil
        }
    }

    var input: String { self == .detector ? "input" : "data" }
}

extension facenet_status {
    /// In words, for an error's message.
    var reason: String {
        switch self {
        case FACENET_NO_MEMORY: "there is not enough memory"
        case FACENET_NOT_A_MODEL: "it is no flat model file of this version"
        case FACENET_TRUNCATED: "the file is shorter or longer than it says"
        case FACENET_CORRUPT: "the file is damaged"
        case FACENET_WRONG_SIZE: "the network cannot take pictures of this size"
        case FACENET_BAD_ARGUMENT: "the engine was called wrongly"
        default: "the engine answers \(rawValue)"
        }
    }
}
