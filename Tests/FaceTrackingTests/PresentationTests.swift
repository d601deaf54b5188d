import Biometrics
import FaceTracking
import PresentationAttack
import Testing

@testable import FacePipeline

@Suite("Before a match is one, the presentation is what the gallery asks for")
struct PresentationTests {
    /// Challenges alone: boxes have no pixels for cues.
    private static func film(_ prompts: [HeadChallenge.Prompt] = [.left, .up]) -> Film {
        var policy = TrackingPolicy()
        (policy.presentation.leastSights, policy.presentation.leastSpan) = (0, .zero)
        var film = Film(policy, enrolled: ["Ada", "Grace"], prompts: { prompts })
        film.presentation = .challenge
        return film
    }

    /// Stands there, with a pose by seconds.
    private static func standing(_ name: String, until end: Double = 60, looks: ((Double) -> String)? = nil, _ pose: @escaping (Double) -> (Double, Double))
        -> Walker
    {
        Walker(
            name: name, place: { $0 < end ? (640, 300, 160) : nil },
            quality: { second in
                var quality: FaceQuality = Film.good
                (quality.yaw, quality.pitch) = pose(second)
                return quality
            }, looks: looks)
    }

    private static func answering(_ second: Double) -> (Double, Double) {
        switch second {
        case 2..<3: (26, 0)
        case 4..<5: (0, 18)
        default: (0, 0)
        }
    }

    @Test("whoever turns the head as asked is matched then, once, with the challenge on record")
    func passes() throws {
        var film = Self.film()
        try film.play([Self.standing("Ada", Self.answering)], to: 8)
        #expect(film.outcomes == ["match Ada"] && film.asked == ["left", "straight", "up"])
        let report: PresentationReport = try #require(film.decided[0].presentation)
        #expect(report.outcome == .bonaFide && report.challenge == .passed)
    }

    @Test("whoever does not is no match: told once, with why, and not again while they stay")
    func fails() throws {
        var still = Self.film()
        try still.play([Self.standing("Ada") { _ in (2, 0) }], to: 20)
        #expect(still.outcomes == ["unproven"] && still.decided[0].presentation?.challenge == .notDone)
        #expect(still.decided[0].presentation?.outcome == .undetermined)
        var wrong = Self.film([.right])
        try wrong.play([Self.standing("Ada", Self.answering)], to: 8)
        #expect(wrong.outcomes == ["unproven"] && wrong.decided[0].presentation?.outcome == .attack)
        var gone = Self.film()
        try gone.play([Self.standing("Ada", until: 2.6, Self.answering)], to: 8)
        #expect(gone.outcomes == ["unproven"] && gone.decided[0].presentation?.challenge == .notDone)
    }

    @Test("another's head cannot be turned for the one who is to be matched")
    func another() throws {
        var film = Self.film()
        try film.play([Self.standing("Ada", looks: { (2..<3).contains($0) || (4..<5).contains($0) ? "Eve" : "Ada" }, Self.answering)], to: 8)
        #expect(film.outcomes == ["unproven"])
        #expect(film.decided[0].presentation?.challenge == .failed(.anotherFace))
    }

    @Test("a stranger is unknown at once, and asked for nothing")
    func stranger() throws {
        var film = Self.film()
        try film.play([Self.standing("Eve") { _ in (0, 0) }], to: 3)
        #expect(film.outcomes == ["unknown"] && film.asked.isEmpty)
    }

    @Test("a print of somebody who has just passed is not taken for them coming back")
    func comingBack() throws {
        var film = Self.film()
        let ada: Walker = Self.standing("Ada", until: 6, Self.answering)
        let print = Walker(name: "Ada", place: { $0 >= 9 ? (640, 300, 160) : nil })
        try film.play([ada, print], to: 18)
        #expect(film.outcomes == ["match Ada", "unproven"] && film.returned.isEmpty)
    }

    @Test("while somebody is asked, they are looked at as often as those who are yet to be decided on")
    func attention() throws {
        var film = Self.film()
        try film.play([Self.standing("Ada") { _ in (0, 0) }], to: 6)
        #expect(film.tracker.activity == .present(isOpen: true, speed: 0))
        try film.play([Self.standing("Ada") { _ in (0, 0) }], from: 6, to: 12)
        #expect(film.tracker.activity == .present(isOpen: false, speed: 0))
    }

    @Test("where nothing is asked, nothing is on record")
    func off() throws {
        var film = Self.film()
        film.presentation = []
        try film.play([Self.standing("Ada") { _ in (0, 0) }], to: 3)
        #expect(film.outcomes == ["match Ada"] && film.decided[0].presentation == nil && film.asked.isEmpty)
    }
}
