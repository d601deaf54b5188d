import PresentationAttack
import Testing

@Suite("When a presentation is bona fide")
struct RuleTests {
    private static func evidence(_ looks: Int, isFed: Bool = false, scores: [Double] = []) -> PresentationEvidence {
        var evidence = PresentationEvidence()
        var random = Numbers(seed: 5)
        let start: ContinuousClock.Instant = .now
        let still = PaintedFace(random: &random, PaintedFace.skin)
        for number in 0..<looks {
            evidence.add((isFed ? still : PaintedFace(random: &random, PaintedFace.skin)).view(), at: start + .milliseconds(100 * number))
        }
        for score in scores { evidence.add(attack: score) }
        return evidence
    }

    private static func outcome(
        _ requirements: PresentationRequirements, _ evidence: PresentationEvidence, _ challenge: HeadChallenge.Result? = nil, isOver: Bool = false
    ) -> PresentationReport.Outcome? {
        PresentationRule().report(requirements, evidence, challenge, isOver: isOver)?.outcome
    }

    @Test("nothing is said before enough was seen, and too little is not bona fide")
    func patience() {
        #expect(Self.outcome(.cues, Self.evidence(3)) == nil)
        #expect(Self.outcome(.cues, Self.evidence(3), isOver: true) == .undetermined)
        #expect(Self.outcome(.cues, PresentationEvidence(), isOver: true) == .undetermined)
        #expect(Self.outcome(.cues, Self.evidence(9)) == .bonaFide)
        #expect(Self.outcome(.cues, Self.evidence(9, isFed: true)) == .attack)
    }

    @Test("a challenge must be passed, and passing it does not excuse what the cues say")
    func challenge() {
        let asked: PresentationRequirements = [.cues, .challenge]
        #expect(Self.outcome(asked, Self.evidence(9)) == nil)
        #expect(Self.outcome(asked, Self.evidence(9), .passed) == .bonaFide)
        #expect(Self.outcome(asked, Self.evidence(9), .failed(.otherwise)) == .attack)
        #expect(Self.outcome(asked, Self.evidence(9), .notDone) == .undetermined)
        #expect(Self.outcome(asked, Self.evidence(9), isOver: true) == .undetermined)
        #expect(Self.outcome(asked, Self.evidence(9, isFed: true), .passed) == .attack)
    }

    @Test("a network that was never asked leaves it undetermined; one that was decides at its own threshold")
    func network() {
        let asked: PresentationRequirements = [.cues, .model]
        #expect(Self.outcome(asked, Self.evidence(9)) == nil)
        #expect(Self.outcome(asked, Self.evidence(9), isOver: true) == .undetermined)
        #expect(Self.outcome(asked, Self.evidence(9, scores: [0.1, 0.2, 0.1])) == .bonaFide)
        #expect(Self.outcome(asked, Self.evidence(9, scores: [0.6, 0.7, 0.6])) == .attack)
        var rule = PresentationRule()
        rule.modelThreshold = 0.9
        #expect(rule.report(asked, Self.evidence(9, scores: [0.6, 0.7, 0.6]), nil, isOver: false)?.outcome == .bonaFide)
        #expect(rule.report(asked, Self.evidence(9, scores: [0.95, 0.95, 0.95]), nil, isOver: false)?.outcome == .attack)
    }

    @Test("error rates are those of ISO/IEC 30107-3: by species, the worst counts, no answer is no error and is told")
    func rates() {
        let rates = PresentationErrorRates(
            threshold: 0.5,
            [
                nil: [(.bonaFide, 0.1), (.bonaFide, 0.2), (.attack, 0.7), (.undetermined, 0)],
                "print": [(.attack, 0.9), (.bonaFide, 0.3)],
                "screen": [(.attack, 0.9), (.attack, 0.8), (.attack, 0.7), (.bonaFide, 0.2), (.undetermined, 0)],
            ])
        #expect(rates.bonaFide?.errorRate == 0.25 && rates.bonaFide?.nonResponseRate == 0.25 && rates.bonaFide?.presentations == 4)
        #expect(rates.attacks.map(\.name) == ["print", "screen"] && rates.attacks.map(\.errorRate) == [0.5, 0.2])
        #expect(rates.attacks[1].noResponse == 1 && rates.worstAttackErrorRate == 0.5)
    }
}
