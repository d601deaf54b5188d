import Biometrics
import FaceTracking
import Testing

@testable import FacePipeline

@Suite("One passage gives one decision")
struct PassageTests {
    /// From the left edge to the right one in so many seconds.
    private static func crossing(_ name: String, from start: Double, seconds: Double = 4, y: Double = 300, leftward: Bool = false) -> Walker {
        Walker(name: name) { time in
            let share: Double = (time - start) / seconds
            guard (0...1).contains(share) else { return nil }
            return (leftward ? 1_230 - 1_180 * share : 50 + 1_180 * share, y, 110)
        }
    }

    @Test("a person who crosses the picture is decided on once, with the votes of several shots", arguments: [("Ada", "match Ada"), ("Eve", "unknown")])
    func crossing(name: String, outcome: String) throws {
        var film = Film(enrolled: ["Ada", "Grace"])
        try film.play([Self.crossing(name, from: 0.5)], to: 8)
        #expect(film.outcomes == [outcome])
        #expect(film.decided.first?.votes == 3 && film.decided.first?.agreeing == 3)
        #expect(film.left.count == 1 && film.tracker.count == 0)
    }

    @Test("who leaves and comes back within the gap is of the same passage, afterwards of another", arguments: ["Ada", "Eve"])
    func comingBack(name: String) throws {
        let outcome: String = name == "Ada" ? "match Ada" : "unknown"
        var film = Film(enrolled: ["Ada", "Grace"])
        let walks: [Walker] = [Self.crossing(name, from: 0), Self.crossing(name, from: 20, leftward: true), Self.crossing(name, from: 70)]
        try film.play(walks, to: 30)
        #expect(film.outcomes == [outcome] && film.returned.map { Film.text($0.outcome) } == [outcome])
        try film.play(walks, from: 30, to: 80)
        #expect(film.outcomes == [outcome, outcome])
    }

    @Test("two who cross keep their names, whatever the rate, also where one hides the other", arguments: [5.0, 10, 25], [true, false])
    func crossingEachOther(rate: Double, hides: Bool) throws {
        var film = Film(enrolled: ["Ada", "Grace"])
        film.hides = hides
        let walks: [Walker] = [Self.crossing("Ada", from: 0, seconds: 6), Self.crossing("Grace", from: 0, seconds: 6, y: 320, leftward: true)]
        try film.play(walks, to: 12, rate: rate)
        #expect(film.outcomes.sorted() == ["match Ada", "match Grace"])
        #expect(film.decided.allSatisfy { $0.agreeing == $0.votes })
    }

    /// They come towards each other, are hidden behind a pillar, and each goes back: motion alone says that they crossed.
    private static func turningBack(_ name: String, side: Double, at turn: Double) -> Walker {
        Walker(name: name) { time in abs(time - turn) < 0.35 ? nil : (640 + side * abs(time - turn) * 200, 300, 110) }
    }

    @Test("two who turn back while they are hidden keep their tracks: templates tell them apart")
    func turning() throws {
        var film = Film(enrolled: ["Ada", "Grace"])
        try film.play([Self.turningBack("Ada", side: -1, at: 3), Self.turningBack("Grace", side: 1, at: 3)], to: 5)
        let tracks: [String: Int64] = film.decided.reduce(into: [:]) { $0[Film.text($1.outcome)] = $1.track }
        #expect(Set(tracks.keys) == ["match Ada", "match Grace"] && film.decided.count == 2)
        for (track, box) in film.tracker.predicted(at: .now) { #expect(track == tracks[box.centre.x < 640 ? "match Ada" : "match Grace"]) }
        #expect(film.tracker.count == 2)
    }

    @Test("shots from before and after they were hidden are never mixed into one vote")
    func turningEarly() throws {
        var policy = TrackingPolicy()
        (policy.shots, policy.patience) = (5, .seconds(10))
        var film = Film(policy, enrolled: ["Ada", "Grace"])
        try film.play([Self.turningBack("Ada", side: -1, at: 0.6), Self.turningBack("Grace", side: 1, at: 0.6)], to: 4)
        #expect(film.outcomes.sorted() == ["match Ada", "match Grace"])
        #expect(film.decided.allSatisfy { $0.votes == 5 && $0.agreeing == 5 })
    }

    @Test("who stands for an hour is decided on at the times set, and a stranger is reported once")
    func standing() throws {
        var film = Film(enrolled: ["Ada"], scheduler: DetectionScheduler())
        let walks: [Walker] = [Walker(name: "Ada") { _ in (300, 300, 110) }, Walker(name: "Eve") { _ in (900, 300, 110) }]
        try film.play(walks, to: 3_600)
        film.finish(at: 3_600)
        #expect(film.outcomes.count { $0 == "match Ada" } == 6)
        #expect(film.outcomes.count { $0 == "unknown" } == 1)
        #expect(film.decided.filter(\.isRepeat).count == 5)
        #expect(film.templates < 100 && film.looks < 8_000)
    }

    @Test("who stands for an hour and is never to be decided on again is not")
    func standingOnce() throws {
        var policy = TrackingPolicy()
        policy.redecideAfter = nil
        var film = Film(policy, enrolled: ["Ada"])
        // A head that turns away for seconds loses its track; the passage goes on.
        try film.play([Walker(name: "Ada") { time in time.truncatingRemainder(dividingBy: 60) < 5 ? nil : (300, 300, 110) }], to: 3_600, rate: 5)
        #expect(film.outcomes == ["match Ada"])
        #expect(film.returned.count == 59)
    }

    @Test("a source that stood still for as long as a passage begins anew, though somebody stands where somebody stood")
    func stalled() throws {
        var film = Film(enrolled: ["Ada", "Grace"])
        try film.play([Walker(name: "Ada") { _ in (300, 300, 110) }], to: 2)
        try film.play([Walker(name: "Grace") { _ in (310, 300, 110) }], from: 40, to: 42)
        #expect(film.outcomes == ["match Ada", "match Grace"] && film.left.count == 1)
    }

    @Test("a crowd that stands still is decided on face by face, once each")
    func crowd() throws {
        var film = Film(enrolled: ["P7"])
        let walks: [Walker] = (0..<40).map { number in
            Walker(name: "P\(number)") { _ in (80 + Double(number % 8) * 150, 80 + Double(number / 8) * 130, 70) }
        }
        try film.play(walks, to: 60)
        #expect(film.outcomes.count { $0 == "unknown" } == 39 && film.outcomes.count { $0 == "match P7" } == 1)
        #expect(film.decided.count == 40)
    }

    @Test("what was found once is no passage, and what is too small is not decided on")
    func nobody() throws {
        var film = Film(enrolled: ["Ada"])
        let once = Walker(name: "Ada") { $0 > 0.95 && $0 < 1.05 ? (300, 300, 110) : nil }
        let small = Walker(name: "Ada") { _ in (900, 300, 38) }
        try film.play([once, small], to: 5)
        film.finish(at: 5)
        #expect(film.decided.isEmpty && film.templates == 1)
    }

    @Test("a face that is never good enough is undecided once, with the reason")
    func poor() throws {
        var film = Film(enrolled: ["Ada"])
        var walker: Walker = Self.crossing("Ada", from: 0)
        walker.quality = { _ in
            var turned: FaceQuality = Film.good
            turned.yaw = 60
            return turned
        }
        try film.play([walker], to: 8)
        #expect(film.outcomes == ["undecided"] && film.templates == 0)
        #expect(film.decided.first?.refusals == [.turned(axis: .yaw, degrees: 60, most: QualityPolicy.identification.mostYaw)])
    }

    @Test("votes that name two persons decide nothing")
    func disagreement() throws {
        var film = Film(enrolled: ["Ada", "Grace"])
        var walker: Walker = Self.crossing("Ada", from: 0)
        walker.looks = { Int($0 * 10) % 2 == 0 ? "Ada" : "Grace" }
        try film.play([walker], to: 8)
        #expect(film.outcomes == ["undecided"])
        #expect(film.decided.first?.votes == 5)
    }

    @Test("one odd shot does not name anybody")
    func oddShot() throws {
        var film = Film(enrolled: ["Ada"])
        var walker: Walker = Self.crossing("Eve", from: 0)
        walker.looks = { $0 > 0.05 && $0 < 0.15 ? "Ada" : "Eve" }
        try film.play([walker], to: 8)
        #expect(film.outcomes == ["unknown"])
    }

    @Test("what the journal refuses is due again, and is decided on once when it does not")
    func refused() throws {
        var film = Film(enrolled: ["Ada"])
        film.refuses = { $0 < 60 }
        try film.play([Walker(name: "Ada") { _ in (300, 300, 110) }], to: 120)
        #expect(film.outcomes == ["match Ada"])
    }

    @Test("only who was in an entry zone is decided on; who is lost in an exit zone has left at once")
    func zones() throws {
        var policy = TrackingPolicy()
        func half(_ name: String, _ kind: Zone.Kind, _ from: Double, _ to: Double) -> Zone {
            Zone(name: name, kind: kind, corners: [(from, 0), (to, 0), (to, 1), (from, 1)].map { ImagePoint(x: $0, y: $1) })
        }
        policy.zones = [half("door", .entry, 0.6, 1), half("hall", .exit, 0.8, 1)]
        var film = Film(policy, enrolled: ["Ada"])
        let outside = Walker(name: "Grace") { _ in (200, 500, 110) }
        try film.play([Self.crossing("Ada", from: 0), Self.crossing("Ada", from: 10), outside], to: 20)
        #expect(film.outcomes == ["match Ada", "match Ada"])
        #expect(film.decided.allSatisfy { $0.box.centre.x > 0.6 * 1_280 })
        #expect(film.left == ["hall", "hall"])
    }

    @Test("the same film gives the same decisions")
    func determinism() throws {
        func play() throws -> [String] {
            var film = Film(enrolled: ["Ada", "Grace"])
            film.hides = true
            try film.play([Self.crossing("Ada", from: 0), Self.crossing("Grace", from: 0, leftward: true), Self.crossing("Eve", from: 1)], to: 10)
            return film.decided.map { "\($0.track) \($0.outcome) \($0.score?.rawValue ?? 0) \($0.box)" }
        }
        #expect(try play() == play())
    }
}
