import Biometrics
import FaceTracking
import Testing

@Suite("Shots are made one answer by vote")
struct VoteTests {
    private func vote(_ best: String?, _ score: Float) -> Vote<String> {
        Vote(best: best, score: best == nil ? nil : ComparisonScore(rawValue: score), threshold: ComparisonScore(rawValue: 0.5), falseMatchRate: 1e-5)
    }

    /// Whatever the order in which the shots came.
    private func outcomes(_ votes: Vote<String>...) -> Set<VoteCount<String>.Outcome> {
        Set(votes.indices.map { VoteCount(Array(votes[$0...] + votes[..<$0])).outcome })
    }

    @Test("a majority for one person, none for another, and a mean that passes is a match")
    func match() {
        #expect(outcomes(vote("Ada", 0.7), vote("Ada", 0.6), vote("Ada", 0.4)) == [.match("Ada")])
        #expect(outcomes(vote("Ada", 0.7)) == [.match("Ada")])
        #expect(outcomes(vote("Ada", 0.9), vote("Ada", 0.9), vote("Grace", 0.3)) == [.match("Ada")])
        let count = VoteCount([vote("Ada", 0.7), vote("Ada", 0.6), vote("Grace", 0.1)])
        #expect(count.agreeing == 2 && count.count == 3 && count.leading == vote("Ada", 0.7))
        #expect(abs((count.score?.rawValue ?? 0) - 0.65) < 1e-6)
    }

    @Test("a person whose mean does not pass, or who has no majority, is not named")
    func notMatched() {
        #expect(outcomes(vote("Ada", 0.51), vote("Ada", 0.51), vote("Ada", 0.3)) == [.disagreement])
        #expect(outcomes(vote("Ada", 0.6), vote("Ada", 0.3)) == [.disagreement])
        #expect(outcomes(vote("Ada", 0.6), vote("Ada", 0.3), vote("Grace", 0.3)) == [.unknown])
    }

    @Test("two persons named are a disagreement, whatever the majority")
    func two() {
        #expect(outcomes(vote("Ada", 0.9), vote("Ada", 0.9), vote("Ada", 0.9), vote("Ada", 0.9), vote("Grace", 0.6)) == [.disagreement])
    }

    @Test("nobody named, or an empty gallery, is unknown")
    func unknown() {
        #expect(outcomes(vote("Ada", 0.2), vote("Grace", 0.4)) == [.unknown])
        #expect(outcomes(vote(nil, 0)) == [.unknown])
        #expect(VoteCount([vote(nil, 0)]).score == nil)
    }
}
