import Testing

@testable import Biometrics

@Suite struct PairsFileTests {
    @Test("a file with folds keeps them, genuine pairs first in each")
    func folds() throws {
        let text = "2 1\nA\t1\t2\nA\t1\tB\t3\nC\t4\t5\nC\t4\tD\t1\n"
        let file = try PairsFile(text: text)
        #expect(file.folds == 2)
        #expect(file.pairs.map(\.fold) == [0, 0, 1, 1])
        #expect(file.pairs.map(\.isGenuine) == [true, false, true, false])
        #expect(file.pairs[1].second.path == "B/B_0003.jpg")
    }

    @Test("a file without folds is dealt into ten balanced ones")
    func dealt() throws {
        var text = "20\n"
        for index in 1...20 { text += "A 1 \(index + 1)\n" }
        for index in 1...20 { text += "A 1 B \(index)\n" }
        let file = try PairsFile(text: text)
        #expect(file.folds == 10)
        for fold in 0..<10 {
            let pairs = file.pairs.filter { $0.fold == fold }
            #expect(pairs.count == 4)
            #expect(pairs.count(where: \.isGenuine) == 2)
        }
    }

    @Test("what is not a pairs file is refused with its line")
    func refusals() {
        #expect(throws: PairsFileError.empty) { try PairsFile(text: "") }
        #expect(throws: PairsFileError.badHeader("hello")) { try PairsFile(text: "hello\n") }
        #expect(throws: PairsFileError.badLine(3)) { try PairsFile(text: "1\nA 1 2\nA 1 2\n") }
        #expect(throws: PairsFileError.badLine(3)) { try PairsFile(text: "1\nA 1 2\nA 1 A 2\n") }
        #expect(throws: PairsFileError.wrongCount(expected: 2, found: 1)) { try PairsFile(text: "1\nA 1 2\n") }
    }

    @Test("image numbers are written with at least four digits")
    func digits() {
        #expect(LabelledImage(name: "A_B", number: 7).path == "A_B/A_B_0007.jpg")
        #expect(LabelledImage(name: "A", number: 12345).path == "A/A_12345.jpg")
    }
}

@Suite struct VerificationProtocolTests {
    private func trial(_ score: Float, _ genuine: Bool, _ fold: Int) -> VerificationProtocol.Trial {
        .init(score: score, isGenuine: genuine, fold: fold)
    }

    @Test("scores that separate give an accuracy of one")
    func separable() {
        let trials = (0..<10).flatMap { [trial(0.8, true, $0), trial(0.1, false, $0)] }
        let verdict = VerificationProtocol(trials: trials)
        #expect(verdict.accuracy == 1)
        #expect(verdict.standardDeviation == 0)
        #expect(verdict.foldThresholds.allSatisfy { $0.rawValue > 0.1 && $0.rawValue <= 0.8 })
    }

    @Test("a fold is judged by the other folds' threshold, not by its own")
    func heldOut() {
        // Fold 0 separates at 0.2 and fold 1 at 0.8: each is judged with the other's threshold and loses one of two.
        let verdict = VerificationProtocol(trials: [
            trial(0.3, true, 0), trial(0.1, false, 0), trial(0.9, true, 1), trial(0.7, false, 1),
        ])
        #expect(verdict.foldAccuracies == [0.5, 0.5])
    }

    @Test("mean, deviation and error are those of the folds")
    func statistics() {
        // Fold 2 errs in one of four with any threshold between 0.2 and 0.6.
        var trials: [VerificationProtocol.Trial] = []
        for fold in 0..<4 {
            trials += [trial(0.6, true, fold), trial(0.7, true, fold), trial(0.1, false, fold)]
            trials.append(trial(fold == 2 ? 0.9 : 0.2, false, fold))
        }
        let verdict = VerificationProtocol(trials: trials)
        #expect(verdict.foldAccuracies == [1, 1, 0.75, 1])
        #expect(verdict.accuracy == 0.9375)
        #expect(abs(verdict.standardDeviation - 0.125) < 1e-12)
        #expect(abs(verdict.standardError - 0.0625) < 1e-12)
    }

    @Test("the best threshold accepts a score equal to it and never splits equal scores")
    func ties() {
        let all = VerificationProtocol.bestThreshold(of: [trial(0.5, true, 0), trial(0.5, true, 0)])
        #expect(all <= 0.5)
        let none = VerificationProtocol.bestThreshold(of: [trial(0.5, false, 0)])
        #expect(none > 0.5)
        let close = VerificationProtocol.bestThreshold(of: [trial(0.5, false, 0), trial(Float(0.5).nextUp, true, 0)])
        #expect(close == Float(0.5).nextUp)
    }
}
