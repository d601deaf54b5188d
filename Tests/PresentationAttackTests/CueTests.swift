import FacePipeline
import Glibc
import PresentationAttack
import Testing

@Suite("What betrays an attack presentation, cue by cue")
struct CueTests {
    /// Looks ten times a second.
    private static func evidence(_ looks: Int = 16, seed: UInt64 = 1, _ look: (Int, inout Numbers) -> FaceView) -> PresentationEvidence {
        var (evidence, random): (PresentationEvidence, Numbers) = (PresentationEvidence(), Numbers(seed: seed))
        let start: ContinuousClock.Instant = .now
        for number in 0..<looks { evidence.add(look(number, &random), at: start + .milliseconds(100 * number)) }
        return evidence
    }

    private static func suspicion(_ cue: PresentationCue, _ evidence: PresentationEvidence) -> Double? {
        evidence.score().readings.first { $0.cue == cue }?.suspicion
    }

    /// - Parameter swing: degrees to either side.
    private static func moving(_ points: [(x: Double, y: Double, z: Double)], yaw: Double = 0, pitch: Double = 0, seed: UInt64) -> PresentationEvidence {
        var first = Numbers(seed: 1)
        let picture = PaintedFace(random: &first, PaintedFace.skin)
        return evidence(24, seed: seed) { number, random in
            let share: Double = sin(Double(number) / 4)
            return picture.view(
                landmarks: PointFace(points: points).landmarks(yaw: yaw * share, pitch: pitch * share, random: &random))
        }
    }

    @Test("landmarks of a print that is turned move as a plane's; those of a head that is turned as far do not", arguments: 1...2 as ClosedRange<UInt64>)
    func parallax(seed: UInt64) throws {
        #expect(try #require(Self.suspicion(.parallax, Self.moving(PointFace.print, yaw: 38, seed: seed))) > 0.7)
        #expect(Self.suspicion(.parallax, Self.moving(PointFace.head, yaw: 38, seed: seed)) ?? 0 < 0.1)
    }

    @Test("a face that keeps its pose, or nods, says nothing of whether it is flat", arguments: 1...2 as ClosedRange<UInt64>)
    func noParallax(seed: UInt64) {
        for points in [PointFace.head, PointFace.print] {
            #expect(Self.suspicion(.parallax, Self.moving(points, yaw: 6, seed: seed)) == nil)
            #expect(Self.suspicion(.parallax, Self.moving(points, pitch: 25, seed: seed)) ?? 0 < 0.1)
        }
    }

    @Test("a grid in the skin is seen, whichever way it runs", arguments: [(0.33, 0.0), (0.0, 0.29), (0.21, 0.24), (0.4, 0.11)])
    func grid(across: Double, down: Double) throws {
        let screen: PresentationEvidence = Self.evidence(5) { number, random in
            PaintedFace(random: &random) { x, y in
                PaintedFace.skin(x, y) + 6 * cos(2 * Double.pi * (across * Double(x) + down * Double(y)) + Double(number))
            }.view()
        }
        #expect(try #require(Self.suspicion(.moire, screen)) > 0.9)
    }

    @Test("skin with a sensor's noise has no grid")
    func noGrid() throws {
        let living: PresentationEvidence = Self.evidence(8) { _, random in PaintedFace(random: &random, PaintedFace.skin).view() }
        #expect(try #require(Self.suspicion(.moire, living)) == 0)
    }

    @Test("blocks of JPEG are no grid")
    func blocks() throws {
        let blocky: PresentationEvidence = Self.evidence(5) { _, random in
            var levels: [Double] = []
            for _ in 0..<60 * 23 { levels.append(8 * random.uniform()) }
            return PaintedFace(random: &random) { x, y in PaintedFace.skin(x, y) + levels[y / 8 * 60 + x / 8] }.view()
        }
        #expect(try #require(Self.suspicion(.moire, blocky)) == 0)
    }

    /// Bands of a 24-pixel period that travel.
    private static func bands(_ number: Int, _ y: Int) -> Double { 1 + 0.05 * sin(2 * Double.pi * (Double(y) / 24 + 0.23 * Double(number))) }

    @Test("bands that travel over the face alone are a screen's; over the whole scene, a lamp's; where nothing is seen beside the face, nobody can tell")
    func flicker() throws {
        let screen: PresentationEvidence = Self.evidence { number, random in
            PaintedFace(random: &random) { x, y in PaintedFace.skin(x, y) * (PaintedFace.isFace(x, y) ? Self.bands(number, y) : 1) }.view()
        }
        #expect(try #require(Self.suspicion(.flicker, screen)) > 0.9)
        let lamp: PresentationEvidence = Self.evidence { number, random in
            PaintedFace(random: &random) { x, y in PaintedFace.skin(x, y) * Self.bands(number, y) }.view()
        }
        #expect(try #require(Self.suspicion(.flicker, lamp)) < 0.1)
        let close: PresentationEvidence = Self.evidence { number, random in
            PaintedFace(random: &random) { x, y in PaintedFace.skin(x, y) * Self.bands(number, y) }.view(
                box: FaceBox(x: 100, y: 20, width: 280, height: 150))
        }
        #expect(Self.suspicion(.flicker, close) == nil)
        let calm: PresentationEvidence = Self.evidence { _, random in PaintedFace(random: &random, PaintedFace.skin).view() }
        #expect(try #require(Self.suspicion(.flicker, calm)) == 0)
    }

    @Test("a highlight that slides over a face that does not turn is a gloss; one that stays, or one on a face that turns, is not")
    func specular() throws {
        func shining(slide: Double, turn: Double) -> PresentationEvidence {
            Self.evidence { number, random in
                let (x0, y0) = (240 + slide * sin(Double(number) / 2), 100 + slide / 2 * cos(Double(number) / 2))
                return PaintedFace(random: &random) { x, y in
                    hypot(Double(x) - x0, Double(y) - y0) < 7 ? 252 : PaintedFace.skin(x, y)
                }.view(yaw: turn * sin(Double(number) / 2))
            }
        }
        #expect(try #require(Self.suspicion(.specular, shining(slide: 28, turn: 1))) > 0.9)
        #expect(try #require(Self.suspicion(.specular, shining(slide: 1, turn: 1))) == 0)
        #expect(Self.suspicion(.specular, shining(slide: 28, turn: 20)) == nil)
    }

    @Test("the very same pixels again are a film that is fed in; noise, or a frame doubled now and then, is not")
    func repetition() throws {
        func film(_ source: @escaping (Int) -> Int) -> PresentationEvidence {
            Self.evidence { number, _ in
                var random = Numbers(seed: UInt64(source(number) + 1))
                return PaintedFace(random: &random, PaintedFace.skin).view()
            }
        }
        #expect(try #require(Self.suspicion(.repetition, film { _ in 0 })) == 1)
        #expect(try #require(Self.suspicion(.repetition, film { $0 % 5 })) == 1)
        #expect(try #require(Self.suspicion(.repetition, film { $0 })) == 0)
        #expect(try #require(Self.suspicion(.repetition, film { $0 == 7 ? 6 : $0 })) == 0)
    }

    @Test("one clear cue is enough, two weak ones are, and a highlight alone never is")
    func fusion() {
        func score(_ readings: (PresentationCue, Double)...) -> Double {
            PresentationScore(readings.map { CueReading($0, suspicion: $1, measured: 0) }).value
        }
        for cue in PresentationCue.allCases where cue != .specular { #expect(score((cue, 1)) >= PresentationScore.standardThreshold) }
        #expect(score((.specular, 1)) < PresentationScore.standardThreshold)
        #expect(score((.moire, 0.4), (.flicker, 0.5)) >= PresentationScore.standardThreshold)
        #expect(score((.moire, 0), (.parallax, 0)) == 0 && score() == 0)
    }
}
