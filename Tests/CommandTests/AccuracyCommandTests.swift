import Biometrics
import Foundation
import TestKit
import Testing

@Suite("Accuracy at the command line")
struct AccuracyCommandTests {
    /// Labelled Faces in the Wild is nobody's to ship: it lies beside the checkout, or the test says that it does not.
    private static let faces: String = URL(filePath: Program.repository).deletingLastPathComponent().appending(path: "shared/lfw-dev").path

    private static var isThere: Bool {
        if FileManager.default.fileExists(atPath: faces + "/pairsDevTest.txt") { return true }
        print("NOTICE: no LFW data beside the checkout; accuracy and calibration are not tested")
        return false
    }

    @Test("is at least 99.1 % on LFW's development pairs, in ten folds, with every face found")
    func accuracy() async throws {
        guard Self.isThere else { return }
        let outcome: Outcome = try await Program.run(
            "vultus-edge", ["bench", "accuracy", "--pairs", Self.faces + "/pairsDevTest.txt", "--images", Self.faces, "--json"])
        let report = try outcome.json() as? [String: Any]
        #expect((report?["accuracy"] as? Double ?? 0) >= 0.991)
        #expect(report?["accuracy_std"] as? Double != nil)
        #expect(report?["folds"] as? Int == 10)
        #expect(report?["failures_to_acquire"] as? Int == 0)
        #expect((report?["tar_at_fmr_1e-3"] as? Double ?? 0) > 0.98)
    }

    @Test("the published calibration is what the command prints")
    func calibration() async throws {
        guard Self.isThere else { return }
        let outcome: Outcome = try await Program.run("vultus-edge", ["bench", "calibrate", "--images", Self.faces, "--json"])
        let measured: Calibration = try JSONDecoder().decode(Calibration.self, from: Data(outcome.output.utf8))
        let published: Calibration = try #require(Calibration.published(for: .sface2021dec))
        #expect(measured.images == published.images)
        #expect(measured.impostorPairs == published.impostorPairs)
        for (row, known) in zip(measured.rows, published.rows) {
            #expect(row.target == known.target)
            // Another processor rounds other last bits: a pair or two may fall on the other side.
            #expect(abs(row.threshold.rawValue - known.threshold.rawValue) <= 0.002)
            #expect(abs(row.falseNonMatchRate - known.falseNonMatchRate) <= 0.003)
        }
    }
}
