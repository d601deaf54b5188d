import Biometrics
import EdgeAgent
import EdgeStore
import EdgeSync
import FacePipeline
import Foundation
import FrameCapture
import HubDomain
import PresentationAttack
import RecognitionAPI
import TestKit
import Testing
import WireModel

@Suite(
    "A gallery's policy on presentation attacks comes from the hub and is kept on live sources",
    .enabled(if: FileManager.default.fileExists(atPath: World.picture("obama.jpg")), "the demo pictures are not set up"))
struct PresentationWatchTests {
    private final class Door {
        let fed: FedHub
        let store: EdgeStore
        let recogniser: Recogniser
        let person: PersonID
        let film: LiveFilm
        let rule: DecisionRule
        var settings = WatchSettings()
        private var second: Double = 0
        private let start: ContinuousClock.Instant = .now

        init() async throws {
            let models = try ModelDirectory.open(World.models)
            let bytes = [UInt8](try Data(contentsOf: URL(filePath: World.picture("obama.jpg"))))
            let face: Template = try #require(try FacePipeline(models: models).analyse(bytes).faces.first?.template)
            fed = try await FedHub()
            person = try await fed.enrol("Barack", face: face)
            store = try await fed.device()
            recogniser = Recogniser(store: store, models: models, work: { .zero }, prompts: { [.left] })
            film = LiveFilm(models: models, size: 130)
            rule = try DecisionRule(model: recogniser.model, target: .identificationDefault)
            _ = try await HubSync(store: store).run()
        }

        func ask(_ pad: PADPolicy) async throws {
            _ = try await fed.hub.changeGallery(fed.gallery.id, pad: pad, of: fed.owner, by: .test)
            _ = try await HubSync(store: store).run()
        }

        /// Somebody stands there for two seconds and is then gone for longer than a passage lasts.
        /// - Parameter sway: pixels from frame to frame; without it every frame is the same.
        func stand(_ seconds: Double = 2, sway: Double) async throws -> [LiveEvent] {
            var events: [LiveEvent] = []
            for number in 0..<Int(seconds * 10) {
                let paste = LiveFilm.Paste(picture: "obama2.jpg", x: 500 + sway * Double(number), y: 360)
                events += try await recogniser.watch(
                    film.frame([paste], at: start + .seconds(second + Double(number) / 10)), of: "door", rule: rule, as: settings)
            }
            events += try await recogniser.endWatch(of: "door")
            second += 100
            return events
        }

        func faces(_ events: [LiveEvent]) -> [FaceResult] {
            events.compactMap { if case .passage(let passage) = $0, passage.kind == .decided { passage.face } else { nil } }
        }
    }

    @Test("a still picture that is fed in is matched where nothing is asked, and suspected where the gallery asks; journaled with its score, and not charged")
    func passive() async throws {
        let door = try await Door()
        #expect(door.faces(try await door.stand(sway: 0)).map(\.person) == [door.person])
        try await door.ask(.passive)
        #expect(try door.store.heldGalleries()[0].pad == .passive)
        let fed: FaceResult = try #require(door.faces(try await door.stand(sway: 0)).first)
        #expect(fed.outcome == .undecided && fed.person == nil && fed.refusals == [.presentationAttackSuspected])
        #expect(fed.pad?.outcome == .attack && fed.pad?.cues["repetition"] == 1 && fed.pad?.policies == [.passive])
        let last: JournalEntry = try #require(try door.store.entries(after: 0, epoch: 1, limit: 1_000, bytes: 1 << 24).last { $0.kind == .decision })
        let record: DecisionRecord = try JSON.value(DecisionRecord.self, from: last.body ?? "")
        #expect(last.units == 0 && last.seq == fed.entry && record.pad == fed.pad && record.person == nil)
        let moving: FaceResult = try #require(door.faces(try await door.stand(sway: 3)).first)
        #expect(moving.person == door.person && moving.pad?.outcome == .bonaFide)
        try await door.ask(.off)
        let off: FaceResult = try #require(door.faces(try await door.stand(sway: 0)).first)
        #expect(off.person == door.person && off.pad == nil)
    }

    @Test("who is asked to turn the head and leaves is no match, and what to do is told; a run cannot lower what the gallery asks")
    func active() async throws {
        let door = try await Door()
        try await door.ask(.active)
        door.settings.configuration.pad = .off
        let events: [LiveEvent] = try await door.stand(sway: 3)
        let asked: [ChallengeRequest] = events.compactMap { if case .passage(let passage) = $0 { passage.challenge } else { nil } }
        #expect(asked.map(\.prompt) == [.left] && asked.first?.steps == 1)
        let face: FaceResult = try #require(door.faces(events).first)
        #expect(face.outcome == .undecided && face.refusals == [.presentationUndetermined] && face.pad?.challenge == .notDone)
    }

    @Test("where a network is asked for and none is there, nobody is matched and it is said once")
    func model() async throws {
        let door = try await Door()
        try await door.ask(.model)
        let events: [LiveEvent] = try await door.stand(sway: 3)
        #expect(events.count { if case .failed(let problem) = $0 { problem.code == .presentationUndetermined } else { false } } == 1)
        #expect(door.faces(events).map(\.refusals) == [[.presentationUndetermined]])
    }

    @Test("what a device asks by itself holds for the galleries of the hub's too")
    func own() async throws {
        let door = try await Door()
        door.settings.configuration.pad = .passive
        #expect(door.faces(try await door.stand(sway: 0)).map(\.refusals) == [[.presentationAttackSuspected]])
    }
}
