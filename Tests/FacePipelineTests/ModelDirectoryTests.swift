import Biometrics
import FoundationEssentials
import Testing

@testable import FacePipeline

@Suite struct ModelDirectoryTests {
    /// A directory of small files with a manifest that fits them; removed when this is gone.
    final class Fixture {
        let path: String

        init(model: String = "sface-2021dec", version: Int = 1) throws {
            let url = FileManager.default.temporaryDirectory.appending(path: "vultus-models-\(UUID())")
            path = url.path
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
            var files = ""
            for (name, role, id) in [
                ("d.onnx", "detector", "yunet-2023mar"), ("e.onnx", "embedder", model), ("engine.so", "engine", "onnxruntime"),
                ("d.facenet", "detector-flat", "yunet-2023mar"), ("e.facenet", "embedder-flat", model),
            ] {
                try write(name, "contents of \(name)")
                let digest = try FileDigest.read(path + "/" + name, name: name)
                files += files.isEmpty ? "" : ","
                files += """
                    {"name":"\(name)","role":"\(role)","model":"\(id)","version":"1","sha256":"\(digest.sha256)",
                    "bytes":\(digest.bytes),"licence":"MIT","provenance":"test"}
                    """
            }
            try write("manifest.json", "{\"version\":\(version),\"files\":[\(files)]}")
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        func write(_ name: String, _ text: String) throws {
            try Data(text.utf8).write(to: URL(filePath: path + "/" + name))
        }

        func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path + "/" + name) }
    }

    /// An engine, and its detector and embedder in the fixture.
    static let engines: [(EngineChoice, String, String)] = [(.facenet, "d.facenet", "e.facenet"), (.onnxruntime, "d.onnx", "e.onnx")]

    @Test("a whole directory opens, for either engine", arguments: engines)
    func whole(engine: EngineChoice, detector: String, embedder: String) throws {
        let fixture = try Fixture()
        let models = try ModelDirectory.open(fixture.path, engine: engine)
        #expect(models.embedderModel == .sface2021dec)
        #expect(models.path(of: models.detector) == fixture.path + "/" + detector)
        #expect(models.embedder.name == embedder)
        #expect((models.files.library != nil) == (engine == .onnxruntime))
        try models.verifyAll()
    }

    @Test("only what the chosen engine loads is read on opening; an examination reads the other's files too", arguments: engines)
    func others(engine: EngineChoice, detector: String, embedder: String) throws {
        let fixture = try Fixture()
        let unused: String = engine == .facenet ? "engine.so" : "e.facenet"
        try fixture.remove(unused)
        let models = try ModelDirectory.open(fixture.path, engine: engine)
        #expect(throws: ModelError.missingFile(unused)) { try models.verifyAll() }
        let other = FacePipeline(models: models, options: FacePipelineOptions(engine: engine == .facenet ? .onnxruntime : .facenet))
        #expect(throws: ModelError.missingFile(unused)) { try other.load() }
        #expect(other.engineDescription == nil)
    }

    @Test("SHA-256 is the standard's")
    func digest() throws {
        let fixture = try Fixture()
        try fixture.write("abc", "abc")
        // FIPS 180-2, appendix B.1
        #expect(
            try FileDigest.read(fixture.path + "/abc", name: "abc").sha256
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test("each thing that can be missing is named", arguments: engines)
    func missing(engine: EngineChoice, detector: String, embedder: String) throws {
        #expect(throws: ModelError.missingDirectory("/nowhere/models")) { try ModelDirectory.open("/nowhere/models", engine: engine) }
        let fixture = try Fixture()
        try fixture.remove(embedder)
        #expect(throws: ModelError.missingFile(embedder)) { try ModelDirectory.open(fixture.path, engine: engine) }
        try fixture.remove("manifest.json")
        #expect(throws: ModelError.missingManifest(directory: fixture.path)) { try ModelDirectory.open(fixture.path, engine: engine) }
        try fixture.write("manifest.json", "{\"version\":1,\"files\":[]}")
        let role: String = engine == .facenet ? "detector-flat" : "detector"
        #expect(throws: ModelError.missingRole(role)) { try ModelDirectory.open(fixture.path, engine: engine) }
    }

    @Test("a file altered in size or in one byte is named, with both digests", arguments: engines)
    func altered(engine: EngineChoice, detector: String, embedder: String) throws {
        let fixture = try Fixture()
        try fixture.write(detector, "contents of \(detector.uppercased())")
        let error = #expect(throws: ModelError.self) { try ModelDirectory.open(fixture.path, engine: engine) }
        guard case .altered(let name, let expected, let found) = error else {
            Issue.record("not called altered: \(String(describing: error))")
            return
        }
        #expect(name == detector && expected.count == 64 && found.count == 64 && expected != found)
        try fixture.write(detector, "short")
        #expect(throws: ModelError.altered(detector, expected: "bytes:\(12 + detector.count)", found: "bytes:5")) {
            try ModelDirectory.open(fixture.path, engine: engine)
        }
    }

    @Test("a manifest of another kind is refused")
    func manifest() throws {
        let newer = try Fixture(version: 2)
        #expect(throws: ModelError.unsupportedManifest(version: 2)) { try ModelDirectory.open(newer.path) }
        let foreign = try Fixture(model: "arcface")
        for (engine, role) in [(EngineChoice.facenet, "embedder-flat"), (.onnxruntime, "embedder")] {
            #expect(throws: ModelError.unsupportedModel(role: role, model: "arcface")) {
                try ModelDirectory.open(foreign.path, engine: engine)
            }
        }
        let fixture = try Fixture()
        try fixture.write("manifest.json", "{")
        let error = #expect(throws: ModelError.self) { try ModelDirectory.open(fixture.path) }
        guard case .unreadableManifest(let directory, _) = error else {
            Issue.record("not called unreadable: \(String(describing: error))")
            return
        }
        #expect(directory == fixture.path)
    }

    @Test("an engine that is no library is named when it is needed")
    func engine() throws {
        let fixture = try Fixture()
        let models = try ModelDirectory.open(fixture.path, engine: .onnxruntime)
        let pipeline = FacePipeline(models: models, options: FacePipelineOptions(engine: .onnxruntime))
        let error = #expect(throws: ModelError.self) { try pipeline.load() }
        guard case .unsupportedEngine(let file, let message) = error else {
            Issue.record("not called unsupported: \(String(describing: error))")
            return
        }
        #expect(file == "engine.so" && !message.isEmpty)
    }

    @Test("a model that is none is named when it is needed")
    func noModel() throws {
        let fixture = try Fixture()
        let models = try ModelDirectory.open(fixture.path, engine: .facenet)
        let pipeline = FacePipeline(models: models, options: FacePipelineOptions(engine: .facenet))
        let error = #expect(throws: ModelError.self) { try pipeline.load() }
        guard case .refusedModel("e.facenet", let message) = error else {
            Issue.record("not called refused: \(String(describing: error))")
            return
        }
        #expect(!message.isEmpty)
    }

    @Test("models are looked for where asked, then in the environment, then around the program")
    func locate() throws {
        let fixture = try Fixture()
        let environment = ["VULTUS_MODELS": "/from/environment"]
        #expect(try ModelDirectory.locate(explicit: "/asked", environment: environment, executablePath: "/bin/x") == "/asked")
        #expect(
            try ModelDirectory.locate(explicit: nil, environment: environment, executablePath: "/bin/x")
                == "/from/environment")
        let checkout = fixture.path + "/checkout"
        for folder in ["/.models", "/.build/release"] {
            try FileManager.default.createDirectory(atPath: checkout + folder, withIntermediateDirectories: true)
        }
        try fixture.write("checkout/.models/manifest.json", "{}")
        let program = checkout + "/.build/release/vultus-edge"
        #expect(
            try ModelDirectory.locate(explicit: nil, environment: [:], executablePath: program).hasSuffix("/checkout/.models"))
        let error = #expect(throws: ModelError.self) {
            try ModelDirectory.locate(explicit: nil, environment: [:], executablePath: "/nowhere/bin/vultus-edge")
        }
        guard case .notFound(let searched) = error else {
            Issue.record("found nowhere: \(String(describing: error))")
            return
        }
        #expect(searched.first == "/nowhere/share/vultus/models")
        #expect(searched.contains("/nowhere/.models"))
    }
}
