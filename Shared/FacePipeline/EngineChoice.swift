import CFaceNet
import FoundationEssentials

/// The engines a pipeline can run on.
package enum EngineKind: String, Sendable, CaseIterable {
    /// Shared/CFaceNet.
    case facenet
    case onnxruntime

    /// The faster one on this processor, as far as measured: CFaceNet with AVX2 and FMA took three quarters of ONNX
    /// Runtime's time and a third of its memory. Its AVX-512 and arm64 code never ran on a real processor, so with more
    /// or less than AVX2 it is ONNX Runtime.
    static func fastest(_ level: facenet_level) -> EngineKind { level == FACENET_AVX2 ? .facenet : .onnxruntime }

    /// Roles of the files it loads, in the manifest.
    var detectorRole: String { self == .facenet ? "detector-flat" : "detector" }
    var embedderRole: String { self == .facenet ? "embedder-flat" : "embedder" }
    /// `nil` when the engine is part of the program.
    var libraryRole: String? { self == .facenet ? nil : "engine" }
}

/// Which engine is asked for.
package enum EngineChoice: String, Sendable, CaseIterable {
    /// `$VULTUS_ENGINE` (`automatic`, `facenet` or `onnxruntime`) for tests and measurements, else what suits the processor.
    case automatic
    case facenet
    case onnxruntime

    static let variable = "VULTUS_ENGINE"

    /// - Throws: `.unknownEngine` when the environment names none of them.
    package func resolve(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(ModelError) -> EngineKind {
        switch self {
        case .facenet: return .facenet
        case .onnxruntime: return .onnxruntime
        case .automatic:
            let name = environment[Self.variable] ?? ""
            guard let choice = name.isEmpty ? .automatic : EngineChoice(rawValue: name) else { throw .unknownEngine(name) }
            return choice == .automatic ? .fastest(facenet_best_level()) : try choice.resolve(environment: [:])
        }
    }
}
