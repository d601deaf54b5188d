import Biometrics
import FoundationEssentials
import Testing

@testable import FacePipeline

@Suite(.enabled(if: TestPictures.mayRunModels, "VULTUS_TESTS_WITHOUT_MODELS is set"))
struct FaceNetEngineTests {
    private static let detector = "face_detection_yunet_2023mar.facenet"
    private static let embedder = "face_recognition_sface_2021dec.facenet"
    private static let pictures = [
        "obama.jpg", "obama2.jpg", "obama3.jpg", "obama_partial_face.jpg", "obama_partial_face2.jpg", "biden.jpg", "astronaut.png", "chelsea.png",
    ]

    @Test("both engines find the same faces and make the same templates")
    func agreement() throws {
        let own = try TestPictures.pipeline(FacePipelineOptions(engine: .facenet))
        let other = try TestPictures.pipeline(FacePipelineOptions(engine: .onnxruntime))
        var templates = 0
        for name in Self.pictures {
            let bytes = try TestPictures.demo(name)
            let (left, right) = (try own.analyse(bytes).faces, try other.analyse(bytes).faces)
            #expect(left.count == right.count, "\(name)")
            for (one, two) in zip(left, right) {
                #expect(abs(one.box.x - two.box.x) < 0.1 && abs(one.box.y - two.box.y) < 0.1, "\(name)")
                #expect(abs(one.box.width - two.box.width) < 0.1 && abs(one.box.height - two.box.height) < 0.1, "\(name)")
                for (point, twin) in zip(one.landmarks.points, two.landmarks.points) { #expect(point.distance(to: twin) < 0.1, "\(name)") }
                #expect(abs(one.detectionScore - two.detectionScore) < 1e-4, "\(name)")
                #expect(try #require(one.template).score(against: #require(two.template)).rawValue >= 0.99999, "\(name)")
                templates += 1
            }
        }
        #expect(templates >= 7)
        #expect(try #require(own.engineDescription).hasPrefix("facenet "))
        #expect(try #require(other.engineDescription).hasPrefix("onnxruntime "))
    }

    @Test("the same picture gives the same faces and template, bit for bit, whatever was seen between")
    func deterministic() throws {
        let first = try TestPictures.pipeline(FacePipelineOptions(engine: .facenet))
        let bytes = try TestPictures.demo("obama2.jpg")
        func seen(_ pipeline: FacePipeline) throws -> [UInt64] {
            let face = try #require(try pipeline.analyse(bytes).faces.first)
            let template = try #require(face.template)
            return [face.box.x.bitPattern, face.box.width.bitPattern, face.detectionScore.bitPattern] + template.values.map { UInt64($0.bitPattern) }
        }
        let expected = try seen(first)
        for name in ["astronaut.png", "biden.jpg", "chelsea.png"] { _ = try first.analyse(TestPictures.demo(name), embed: .none) }
        #expect(try seen(first) == expected)
        #expect(try seen(TestPictures.pipeline(FacePipelineOptions(engine: .facenet))) == expected)
    }

    @Test("a size gives the same values again after its memory was given up for others")
    func sizes() throws {
        let session = try FaceNetEngine().load(TestPictures.model(Self.detector), file: "model")
        let expected = try Self.detect(session, height: 64, width: 96)
        #expect(expected.map(\.count) == [96, 96, 96 * 4, 24 * 10])
        for (height, width) in [(96, 64), (32, 32), (64, 64), (64, 96), (32, 64), (64, 96)] {
            let values = try Self.detect(session, height: height, width: width)
            if (height, width) == (64, 96) { #expect(values == expected) }
        }
    }

    @Test("inputs, outputs and sizes the model does not have are errors")
    func refusals() throws {
        let session = try FaceNetEngine().load(TestPictures.model(Self.detector), file: "model")
        for (name, shape, output) in [
            ("data", [1, 3, 32, 32], "cls_8"), ("input", [1, 1, 32, 32], "cls_8"), ("input", [3, 32, 32], "cls_8"), ("input", [1, 3, 33, 32], "cls_8"),
            ("input", [1, 3, 0, 32], "cls_8"), ("input", [1, 3, 32, 32], "fc1"), ("input", [1, 3, 32, 8192], "cls_8"),
        ] {
            let planes = [Float](repeating: 0, count: shape.reduce(1, *))
            let error = #expect(throws: InferenceError.self) {
                try planes.withUnsafeBufferPointer { try session.run(InputTensor(name: name, shape: shape, values: $0), outputs: [output]) { _ in } }
            }
            guard case .runFailed = error else {
                Issue.record("\(name) \(shape) \(output): \(String(describing: error))")
                continue
            }
        }
        #expect(try Self.detect(session, height: 32, width: 32).count == 4)
    }

    @Test("a file of another kind is refused")
    func foreign() throws {
        let engine = FaceNetEngine()
        for bytes in [
            Data(), Data("VULTFACE".utf8), Data(repeating: 0, count: 4096), try TestPictures.model("face_detection_yunet_2023mar.onnx"),
            Data(try TestPictures.demo("obama2.jpg")),
        ] { try Self.expectRefusal(bytes, engine) }
        let error = #expect(throws: InferenceError.self) { try engine.load(model: "/nowhere/model.facenet") }
        guard case .modelRefused("/nowhere/model.facenet", _) = error else {
            Issue.record("not called refused: \(String(describing: error))")
            return
        }
    }

    @Test("a detector where the embedder belongs is an error of the first picture, not a crash")
    func swapped() throws {
        let session = try FaceNetEngine().load(TestPictures.model(Self.detector), file: "model")
        let face = PixelBuffer(width: 112, height: 112, rgb: [UInt8](repeating: 90, count: 3 * 112 * 112))
        #expect(throws: InferenceError.runFailed(message: "there is no input data")) { try FaceEmbedder(session: session).embed(face) }
    }

    @Test("a cut or lengthened model is refused")
    func truncated() throws {
        let engine = FaceNetEngine()
        let whole = try TestPictures.model(Self.detector)
        let lengths = Array(0..<160) + stride(from: 160, to: whole.count, by: 701) + [whole.count - 1]
        for length in lengths { try Self.expectRefusal(whole.prefix(length), engine) }
        try Self.expectRefusal(whole + [0], engine)
        try Self.expectRefusal(TestPictures.model(Self.embedder).prefix(1_000_000), engine)
    }

    @Test("a flipped bit is refused; with a checksum made to fit, the model is refused or runs, and nothing crashes")
    func flipped() throws {
        let engine = FaceNetEngine()
        let whole = try TestPictures.model(Self.detector)
        let layers = Int(whole[12])
        let table = 64 + 64 * layers
        var state: UInt64 = 11
        var ran = 0
        for trial in 0..<360 {
            var bytes = whole
            // Every third bit of the header once, then any of header and records (Knuth's generator, MMIX).
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let bit = trial < 170 ? trial * 3 : Int(state >> 33) % (table * 8)
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            try Self.expectRefusal(bytes, engine)
            let sum = Self.adler32(bytes[32...])
            for index in 0..<4 { bytes[24 + index] = UInt8(sum >> (8 * UInt32(index)) & 255) }
            guard let session = try? engine.load(bytes, file: "model") else { continue }
            if (try? Self.detect(session, height: 32, width: 64)) != nil { ran += 1 }
        }
        // Mean, scale and activations may be anything that numbers can be; most else is refused.
        #expect(ran < 120)
    }

    private static func expectRefusal(_ bytes: Data, _ engine: FaceNetEngine) throws {
        do {
            _ = try engine.load(bytes, file: "model")
            Issue.record("\(bytes.count) bytes were taken for a model")
        } catch {
            guard case .modelRefused("model", let message) = error, !message.isEmpty else {
                Issue.record("not called refused: \(error)")
                return
            }
        }
    }

    /// The detector's answers to a made-up picture: two outputs of stride 8, and one of each other stride.
    private static func detect(_ session: any InferenceSession, height: Int, width: Int) throws -> [[Float]] {
        let planes = (0..<3 * height * width).map { Float($0 * 7919 % 256) }
        return try planes.withUnsafeBufferPointer {
            try session.run(InputTensor(name: "input", shape: [1, 3, height, width], values: $0), outputs: ["cls_8", "obj_8", "bbox_8", "kps_16"]) {
                (outputs) throws(InferenceError) in outputs.map(Array.init)
            }
        }
    }

    private static func adler32(_ bytes: Data) -> UInt32 {
        var (a, b): (UInt32, UInt32) = (1, 0)
        for byte in bytes {
            a = (a + UInt32(byte)) % 65521
            b = (b + a) % 65521
        }
        return b << 16 | a
    }
}
