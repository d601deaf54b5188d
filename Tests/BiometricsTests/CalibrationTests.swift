import FoundationEssentials
import Testing

@testable import Biometrics

@Suite struct CalibrationTests {
    @Test("the threshold is the smallest of three decimals that at most the target share of impostors pass")
    func threshold() {
        // Ten impostors at 0.100, 0.105 … : one in ten may pass, so the best one (0.1455) does and the next (0.1402) does not.
        let scores: [Float] = [0.1, 0.105, 0.11, 0.115, 0.12, 0.125, 0.13, 0.135, 0.1402, 0.1455]
        let distribution = ScoreDistribution(scores)
        #expect(distribution.threshold(for: FalseMatchRate(rawValue: 0.1))?.rawValue == 0.141)
        #expect(distribution.rate(atOrAbove: ComparisonScore(rawValue: 0.141)) == 0.1)
        #expect(distribution.threshold(for: FalseMatchRate(rawValue: 0.05))?.rawValue == 0.146)
        #expect(distribution.threshold(for: FalseMatchRate(rawValue: 1))?.rawValue == -1)
    }

    @Test("a score on a threshold passes it", arguments: -1000...1000)
    func onTheGrid(step: Int) {
        let score = Float(Double(step) / 1000)
        #expect(ScoreDistribution([score]).rate(atOrAbove: ComparisonScore(rawValue: score)) == 1)
        if step < 1000 {
            let above = ComparisonScore(rawValue: Float(Double(step + 1) / 1000))
            #expect(ScoreDistribution([score, above.rawValue.nextDown]).rate(atOrAbove: above) == 0)
        }
    }

    @Test("without scores there is no threshold, and a score of 1 that may not pass leaves none")
    func none() {
        #expect(ScoreDistribution().threshold(for: .oneInAThousand) == nil)
        #expect(ScoreDistribution([1]).threshold(for: .oneInAThousand) == nil)
    }

    @Test("a calibration counts all pairs and measures both error rates at its thresholds")
    func measure() throws {
        let model = ModelID(rawValue: "test")
        func face(_ person: String, _ x: Float, _ y: Float) throws -> LabelledTemplate {
            LabelledTemplate(person: person, template: try Template(model: model, normalizing: [x, y]))
        }
        // Genuine: 1.0 (a) and 0.0 (b). Impostor: 1·0, 1·(−1) for each of a's two: 0, −1, 0, −1.
        let faces = [try face("a", 1, 0), try face("a", 1, 0), try face("b", 0, 1), try face("b", -1, 0)]
        let table = try Calibration.measure(faces, model: model, source: "four faces")
        #expect((table.images, table.people, table.genuinePairs, table.impostorPairs) == (4, 2, 2, 4))
        let row = try #require(table.row(for: .oneInAThousand))
        #expect(row.threshold.rawValue == 0.001)
        #expect(row.measured.rawValue == 0)
        #expect(row.falseNonMatchRate == 0.5)
        #expect(throws: CalibrationError.tooFewPairs(genuine: 1, impostor: 0)) {
            try Calibration.measure(Array(faces.prefix(2)), model: model, source: "one person")
        }
    }

    @Test("the published table keeps its own promises")
    func published() throws {
        let table = try #require(Calibration.published(for: .sface2021dec))
        #expect(table.rows.map(\.target) == FalseMatchRate.offered)
        for row in table.rows { #expect(row.measured <= row.target) }
        #expect(zip(table.rows, table.rows.dropFirst()).allSatisfy { $0.threshold < $1.threshold })
        #expect(Calibration.published(for: ModelID(rawValue: "unknown")) == nil)
    }

    @Test("the committed table is, letter for letter, the file that calibrating writes")
    func publishedFile() throws {
        let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let committed = try String(contentsOf: repository.appending(path: "Shared/Biometrics/Calibration+Published.swift"), encoding: .utf8)
        #expect(Calibration.publishedFile(Calibration.published) == committed)
    }

    @Test("a stranger is named in about N · FMR of identifications")
    func identification() {
        let rate = FalseMatchRate.oneInAHundredThousand
        #expect(abs(rate.falsePositiveIdentificationRate(persons: 1000) - 0.00995) < 1e-5)
        #expect(rate.falsePositiveIdentificationRate(persons: 0) == 0)
        #expect(abs(rate.falsePositiveIdentificationRate(persons: 1) - 1e-5) < 1e-12)
    }
}
