import CFaceNet
import FoundationEssentials
import Testing

@testable import FacePipeline

@Suite struct EngineChoiceTests {
    @Test("the engine is CFaceNet where it was measured to be faster, ONNX Runtime elsewhere")
    func fastest() {
        #expect(EngineKind.fastest(FACENET_AVX2) == .facenet)
        for level in [FACENET_BASELINE, FACENET_AVX512] { #expect(EngineKind.fastest(level) == .onnxruntime) }
    }

    @Test("on this machine it is what the kernel says of the processor")
    func here() throws {
        let text = String(decoding: try Data(contentsOf: URL(filePath: "/proc/cpuinfo")), as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("flags") } ?? ""
        let flags = Set(line.split(separator: " "))
        let wide = flags.isSuperset(of: ["avx512f", "avx512vl", "avx512bw", "avx512dq"])
        let expected: EngineKind = flags.isSuperset(of: ["avx2", "fma"]) && !wide ? .facenet : .onnxruntime
        #expect(try EngineChoice.automatic.resolve(environment: [:]) == expected)
        #expect(try EngineChoice.automatic.resolve(environment: ["VULTUS_ENGINE": ""]) == expected)
        #expect(try EngineChoice.automatic.resolve(environment: ["VULTUS_ENGINE": "automatic"]) == expected)
    }

    @Test("the environment decides what automatic means, never what was asked for by name, and must name an engine")
    func environment() throws {
        for kind in EngineKind.allCases {
            #expect(try EngineChoice.automatic.resolve(environment: ["VULTUS_ENGINE": kind.rawValue]) == kind)
            #expect(try EngineChoice.facenet.resolve(environment: ["VULTUS_ENGINE": kind.rawValue]) == .facenet)
            #expect(try EngineChoice.onnxruntime.resolve(environment: ["VULTUS_ENGINE": kind.rawValue]) == .onnxruntime)
        }
        for name in ["onnx", "FaceNet", " "] {
            #expect(throws: ModelError.unknownEngine(name)) { try EngineChoice.automatic.resolve(environment: ["VULTUS_ENGINE": name]) }
        }
    }
}
