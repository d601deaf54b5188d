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

    @Test("a whole directory opens")
    func whole() throws {
        let fixture = try Fixture()
        let models = try ModelDirectory.open(fixture.path)
        #expect(models.embedderModel == .sface2021dec)
        #expect(models.path(of: models.detector) == fixture.path + "/d.onnx")
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

    @Test("each thing that can be missing is named")
    func missing() throws {
        #expect(throws: ModelError.missingDirectory("/nowhere/models")) { try ModelDirectory.open("/nowhere/models") }
        let fixture = try Fixture()
        try fixture.remove("e.onnx")
        #expect(throws: ModelError.missingFile("e.onnx")) { try ModelDirectory.open(fixture.path) }
        try fixture.remove("manifest.json")
        #expect(throws: ModelError.missingManifest(directory: fixture.path)) { try ModelDirectory.open(fixture.path) }
        try fixture.write("manifest.json", "{\"version\":1,\"files\":[]}")
        #expect(throws: ModelError.missingRole("detector")) { try ModelDirectory.open(fixture.path) }
    }

    @Test("a file altered in size or in one byte is named, with both digests")
    func altered() throws {
        let fixture = try Fixture()
        try fixture.write("d.onnx", "contents of D.onnx")
        let error = #expect(throws: ModelError.self) { try ModelDirectory.open(fixture.path) }
        guard case .altered(let name, let expected, let found) = error else {
            Issue.record("not called altered: \(String(describing: error))")
            return
        }
        #expect(name == "d.onnx" && expected.count == 64 && found.count == 64 && expected != found)
        try fixture.write("d.onnx", "short")
        #expect(throws: ModelError.altered("d.onnx", expected: "bytes:18", found: "bytes:5")) {
            try ModelDirectory.open(fixture.path)
        }
    }

    @Test("a manifest of another kind is refused")
    func manifest() throws {
        let newer = try Fixture(version: 2)
        #expect(throws: ModelError.unsupportedManifest(version: 2)) { try ModelDirectory.open(newer.path) }
        let foreign = try Fixture(model: "arcface")
        #expect(throws: ModelError.unsupportedModel(role: "embedder", model: "arcface")) {
            try ModelDirectory.open(foreign.path)
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
        let pipeline = FacePipeline(models: try ModelDirectory.open(fixture.path))
        let error = #expect(throws: ModelError.self) { try pipeline.load() }
        guard case .unsupportedEngine(let file, let message) = error else {
            Issue.record("not called unsupported: \(String(describing: error))")
            return
        }
        #expect(file == "engine.so" && !message.isEmpty)
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
