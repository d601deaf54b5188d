import Biometrics
import EdgeAgent
import EdgeStore
import EdgeSync
import FacePipeline
import Foundation
import FrameCapture
import RecognitionAPI
import TestKit
import Testing
import WireModel

@Suite(
    "A live source gives one decision a passage, and the hub bills as many",
    .enabled(if: FileManager.default.fileExists(atPath: World.picture("obama.jpg")), "the demo pictures are not set up"))
struct LiveWatchTests {
    /// A joined device that watches films, and what became of them.
    private final class Watcher {
        let served: JoinableHub
        let store: EdgeStore
        let recogniser: Recogniser
        let film: LiveFilm
        let rule: DecisionRule
        var settings = WatchSettings()
        var passages: [PassageEvent] = []
        var failures: [ProblemCode] = []
        private let start: ContinuousClock.Instant = .now

        init(isLeased: Bool = true) async throws {
            let models = try ModelDirectory.open(World.models)
            served = try await JoinableHub()
            store = try await served.device()
            if isLeased { _ = try await HubSync(store: store).run() }
            // Looking costs nothing here, so that a busy machine sees as many frames as another.
            recogniser = Recogniser(store: store, models: models, work: { .zero })
            film = LiveFilm(models: models)
            rule = try DecisionRule(model: recogniser.model, target: .identificationDefault)
        }

        func enrol(_ label: String, _ picture: String) async throws -> PersonID {
            try await recogniser.enrol([UInt8](try Data(contentsOf: URL(filePath: World.picture(picture)))), label: label, largest: false).person
        }

        /// - Parameter scene: by seconds.
        func play(from begin: Double = 0, to end: Double, rate: Double = 10, stretch: Int = 0, _ scene: (Double) -> [LiveFilm.Paste]) async throws {
            for number in Int(begin * rate)..<Int(end * rate) {
                let second: Double = Double(number) / rate
                let frame: Frame = try film.frame(scene(second), named: "frame \(number)", at: start + .seconds(second), stretch: stretch)
                take(try await recogniser.watch(frame, of: "film", rule: rule, as: settings))
            }
        }

        func finish() async throws { take(try await recogniser.endWatch(of: "film")) }

        private func take(_ events: [LiveEvent]) {
            for event in events {
                switch event {
                case .passage(let passage): passages.append(passage)
                case .failed(let problem): failures.append(problem.code)
                }
            }
        }

        var decided: [PassageEvent] { passages.filter { $0.kind == .decided } }

        var outcomes: [DecisionOutcome] { decided.compactMap { $0.face?.outcome } }

        /// Decisions in the journal, with their units.
        func journaled() throws -> [(seq: Int64, units: Int64, record: DecisionRecord)] {
            try store.entries(after: 0, epoch: 1, limit: 1_000, bytes: 1 << 24).filter { $0.kind == .decision }.map {
                ($0.seq, $0.units, try JSON.value(DecisionRecord.self, from: $0.body ?? ""))
            }
        }
    }

    @Test("two people who cross each other are each decided on once, journaled once and billed once; coming back costs nothing")
    func crossing() async throws {
        let watcher = try await Watcher()
        let obama: PersonID = try await watcher.enrol("Barack", "obama.jpg")
        try await watcher.play(to: 5.5) { second in
            guard second >= 0.5, second < 4 else { return [] }
            let way: Double = (second - 0.5) * 280
            return [LiveFilm.Paste(picture: "biden.jpg", x: 1_130 - way, y: 330), LiveFilm.Paste(picture: "obama2.jpg", x: 150 + way, y: 340)]
        }
        #expect(Set(watcher.outcomes) == [.match, .unknown] && watcher.outcomes.count == 2)
        let match: PassageEvent = try #require(watcher.decided.first { $0.face?.outcome == .match })
        #expect(match.face?.person == obama && match.votes == 3 && match.agreeing == 3 && match.latencyMilliseconds != nil)
        #expect(watcher.passages.filter { $0.kind == .left }.count == 2)
        // The same man from the other side, before his passage has ended.
        try await watcher.play(from: 8, to: 10.5) { second in
            second < 9 ? [LiveFilm.Paste(picture: "obama3.jpg", x: 1_000 - (second - 8) * 250, y: 340)] : []
        }
        #expect(watcher.passages.filter { $0.kind == .returned }.map(\.face?.entry) == [match.face?.entry])
        let journaled = try watcher.journaled()
        #expect(journaled.map(\.seq) == watcher.decided.compactMap { $0.face?.entry })
        #expect(journaled.allSatisfy { $0.units == 1 } && journaled.count == 2)
        _ = try await HubSync(store: watcher.store).run()
        #expect(try await watcher.served.units() == 2)
    }

    @Test("whoever stands where somebody stood before the camera was away is somebody of their own; the same person is of the same passage")
    func away() async throws {
        let watcher = try await Watcher()
        let obama: PersonID = try await watcher.enrol("Barack", "obama.jpg")
        func standing(_ picture: String) -> (Double) -> [LiveFilm.Paste] { { _ in [LiveFilm.Paste(picture: picture, x: 500, y: 360)] } }
        try await watcher.play(to: 2.5, standing("obama2.jpg"))
        #expect(watcher.decided.map { $0.face?.person } == [obama])
        // Three seconds without a frame, less than a passage's gap.
        try await watcher.play(from: 5.5, to: 8, stretch: 1, standing("biden.jpg"))
        #expect(watcher.outcomes == [.match, .unknown])
        #expect(watcher.passages.count { $0.kind == .left } == 1)
        try await watcher.play(from: 11, to: 13.5, stretch: 2, standing("obama3.jpg"))
        #expect(watcher.outcomes == [.match, .unknown])
        #expect(watcher.passages.filter { $0.kind == .returned }.map(\.face?.person) == [obama])
        #expect(try watcher.journaled().count == 2)
    }

    @Test("a crowd in one picture is decided on face by face")
    func crowd() async throws {
        let watcher = try await Watcher()
        let obama: PersonID = try await watcher.enrol("Barack", "obama.jpg")
        let names: [String] = ["obama2.jpg", "biden.jpg", "astronaut.png"]
        let pastes: [LiveFilm.Paste] = names.enumerated().map { LiveFilm.Paste(picture: $1, x: 220 + 420 * Double($0), y: 360) }
        try await watcher.play(to: 2.5) { _ in pastes }
        #expect(watcher.outcomes.count { $0 == .match } == 1 && watcher.outcomes.count { $0 == .unknown } == 2 && watcher.outcomes.count == 3)
        #expect(watcher.decided.compactMap { $0.face?.person } == [obama])
        #expect(try watcher.store.journalSummary().units[.search] == 3)
    }

    @Test("without a lease nothing is decided and it is said once; with one, whoever still stands there is")
    func leaseComesLater() async throws {
        let watcher = try await Watcher(isLeased: false)
        let obama: PersonID = try await watcher.enrol("Barack", "obama.jpg")
        let scene: [LiveFilm.Paste] = [LiveFilm.Paste(picture: "obama2.jpg", x: 500, y: 360)]
        try await watcher.play(to: 4) { _ in scene }
        #expect(watcher.decided.isEmpty && watcher.failures == [.leaseMissing])
        _ = try await HubSync(store: watcher.store).run()
        try await watcher.play(from: 4, to: 8, rate: 2) { _ in scene }
        #expect(watcher.decided.compactMap { $0.face?.person } == [obama])
        #expect(try watcher.journaled().count == 1)
    }

    @Test("somebody erased between their shots and the decision is not named")
    func erased() async throws {
        let watcher = try await Watcher()
        let obama: PersonID = try await watcher.enrol("Barack", "obama.jpg")
        let scene: [LiveFilm.Paste] = [LiveFilm.Paste(picture: "obama2.jpg", x: 500, y: 360)]
        try await watcher.play(to: 0.2) { _ in scene }
        #expect(watcher.decided.isEmpty)
        #expect(try watcher.store.erase(obama))
        try await watcher.play(from: 0.2, to: 4) { _ in scene }
        #expect(watcher.outcomes == [.unknown])
    }

    @Test("whoever was marked as not being the person is unknown from then on, and the person is still matched")
    func confusion() async throws {
        let watcher = try await Watcher()
        let obama: PersonID = try await watcher.enrol("Barack", "obama.jpg")
        func stand(_ picture: String, at second: Double) async throws {
            try await watcher.play(from: second, to: second + 1) { _ in [LiveFilm.Paste(picture: picture, x: 500, y: 360)] }
        }
        try await stand("obama2.jpg", at: 0)
        let entry: Int64 = try #require(watcher.decided.first?.face?.entry)
        #expect(watcher.decided.first?.face?.person == obama)
        let mark: Confusion = try watcher.store.mark(notPerson: obama, entry: entry, for: .seconds(86_400))
        try await stand("obama2.jpg", at: 100)
        try await stand("obama.jpg", at: 200)
        #expect(watcher.outcomes == [.match, .unknown, .match])
        // Pictures follow the mark too.
        let picture = Frame(bytes: [UInt8](try Data(contentsOf: URL(filePath: World.picture("obama2.jpg")))), name: "picture", fingerprint: nil)
        func identified() async throws -> DecisionOutcome? {
            try await watcher.recogniser.identify(picture, rule: watcher.rule, source: nil).faces.first?.outcome
        }
        #expect(try await identified() == .unknown)
        #expect(try watcher.store.remove(mark.id))
        #expect(try await identified() == .match)
        try await stand("obama2.jpg", at: 300)
        #expect(watcher.outcomes.last == .match)
    }

    @Test("where nothing may be kept, nothing can be marked")
    func nothingKept() async throws {
        let watcher = try await Watcher()
        watcher.settings.configuration.markingMilliseconds = 0
        let obama: PersonID = try await watcher.enrol("Barack", "obama.jpg")
        try await watcher.play(to: 1) { _ in [LiveFilm.Paste(picture: "obama2.jpg", x: 500, y: 360)] }
        let entry: Int64 = try #require(watcher.decided.first?.face?.entry)
        #expect(throws: EdgeStoreError.self) { try watcher.store.mark(notPerson: obama, entry: entry, for: .seconds(86_400)) }
    }

    @Test("the health report tells how long decisions took")
    func health() async throws {
        let watcher = try await Watcher()
        try await watcher.play(to: 1.5) { _ in [LiveFilm.Paste(picture: "biden.jpg", x: 500, y: 360)] }
        #expect(watcher.outcomes == [.unknown])
        try watcher.store.noteHealth(states: ["fresh"]) { watcher.recogniser.latencies.take() }
        let entries: [JournalEntry] = try watcher.store.entries(after: 0, epoch: 1, limit: 1_000, bytes: 1 << 24)
        let record: HealthRecord = try JSON.value(HealthRecord.self, from: try #require(entries.last { $0.kind == .health }?.body))
        #expect(record.decisions?.count == 1)
        #expect(watcher.recogniser.latencies.take() == nil)
    }
}
