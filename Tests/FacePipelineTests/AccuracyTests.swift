import Biometrics
import FoundationEssentials
import Testing

@testable import FacePipeline

@Suite(.enabled(if: TestPictures.mayRunModels, "VULTUS_TESTS_WITHOUT_MODELS is set"))
struct AccuracyTests {
    /// Labelled Faces in the Wild is not fetched by setup: it lies beside the checkout or not at all.
    private static let lfw = TestPictures.repository.deletingLastPathComponent().appending(path: "shared/lfw-dev").path

    @Test("the first pictures of LFW are all acquired, and few are refused")
    func sample() throws {
        guard FileManager.default.fileExists(atPath: Self.lfw) else {
            print("LFW is not at \(Self.lfw): accuracy on it is not tested")
            return
        }
        let pipeline = try TestPictures.pipeline()
        let faces = try LabelledFaces(directory: Self.lfw)
        var refused = 0
        for image in faces.images.prefix(60) {
            let face = try #require(
                try pipeline.analyse(faces.bytes(of: image), embed: .none).faceNearestCentre)
            if !QualityPolicy.identification.refusals(of: face.quality).isEmpty { refused += 1 }
        }
        #expect(refused <= 1)
    }

    @Test("pictures are listed by name and number, and other files are passed over")
    func listing() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "vultus-faces-\(UUID())")
        defer { try? FileManager.default.removeItem(at: url) }
        for name in ["B", "A_A"] {
            try FileManager.default.createDirectory(at: url.appending(path: name), withIntermediateDirectories: true)
        }
        for path in ["B/B_0002.jpg", "B/B_0001.jpg", "B/notes.txt", "B/B_1.jpg", "A_A/A_A_0001.jpg", "pairs.txt"] {
            try Data("x".utf8).write(to: url.appending(path: path))
        }
        let faces = try LabelledFaces(directory: url.path)
        #expect(faces.images.map(\.path) == ["A_A/A_A_0001.jpg", "B/B_0001.jpg", "B/B_0002.jpg"])
        #expect(throws: LabelledFacesError.missingImage("C/C_0001.jpg")) {
            try faces.bytes(of: LabelledImage(name: "C", number: 1))
        }
        #expect(throws: LabelledFacesError.missingDirectory("/nowhere")) { try LabelledFaces(directory: "/nowhere") }
    }

    @Test("a report counts pairs, failures and both rates")
    func report() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "vultus-faces-\(UUID())")
        defer { try? FileManager.default.removeItem(at: url) }
        let pictures = [
            "O/O_0001.jpg": try TestPictures.demo("obama.jpg"), "O/O_0002.jpg": try TestPictures.demo("obama2.jpg"),
            "B/B_0001.jpg": try TestPictures.demo("biden.jpg"), "B/B_0002.jpg": Array("no picture".utf8),
        ]
        for (path, bytes) in pictures {
            let file = url.appending(path: path)
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(bytes).write(to: file)
        }
        let measurement = try AccuracyMeasurement(LabelledFaces(directory: url.path), pipeline: TestPictures.pipeline())
        #expect(measurement.failuresToAcquire == [LabelledImage(name: "B", number: 2)])
        let report = try measurement.report(pairs: PairsFile(text: "2\nO 1 2\nB 1 2\nO 1 B 1\nO 2 B 2\n"))
        #expect((report.images, report.failuresToAcquire, report.pairs) == (4, 1, 4))
        #expect((report.genuinePairs, report.impostorPairs, report.trueAcceptRateAt1e3) == (1, 2, 1))
        let json = try JSONDecoder().decode([String: Double].self, from: JSONEncoder().encode(report))
        #expect(json["accuracy"] == report.accuracy && json["tar_at_fmr_1e-4"] == 1 && json["failures_to_acquire"] == 1)
        #expect(throws: AccuracyError.faces(.missingImage("X/X_0001.jpg"))) {
            try measurement.report(pairs: PairsFile(text: "1\nO 1 2\nO 1 X 1\n"))
        }
    }
}
