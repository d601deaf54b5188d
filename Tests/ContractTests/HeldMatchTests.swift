import Biometrics
import EdgeAgent
import EdgeStore
import EdgeSync
import FacePipeline
import Foundation
import FrameCapture
import HubDomain
import RecognitionAPI
import ServiceSupport
import TestKit
import Testing
import WireModel

@Suite(
    "Whom a device recognises of the hub's galleries",
    .enabled(if: FileManager.default.fileExists(atPath: World.picture("obama.jpg")), "the demo pictures are not set up"))
struct HeldMatchTests {
    private static func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: World.picture(name)))) }

    private func frame(_ name: String) throws -> Frame { Frame(bytes: try Self.bytes(name), name: name, fingerprint: nil) }

    private func rule(_ recogniser: Recogniser, _ rate: FalseMatchRate = .identificationDefault) throws -> DecisionRule {
        try DecisionRule(model: recogniser.model, target: rate)
    }

    @Test("a person of the hub's is matched at the gallery's own rate, the decision names the gallery, and nobody is matched once its term has ended")
    func matched() async throws {
        let models = try ModelDirectory.open(World.models)
        let pipeline = FacePipeline(models: models, options: FacePipelineOptions())
        let face: Template = try #require(try pipeline.analyse(try Self.bytes("obama.jpg")).faces.first?.template)
        let fed = try await FedHub()
        let obama: PersonID = try await fed.enrol("Barack", face: face)
        _ = try await fed.hub.configureDeviceGroup(FedHub.group, by: .test) { former in
            DeviceConfiguration(
                version: former.version, contactMilliseconds: former.contactMilliseconds, resultRetentionDays: former.resultRetentionDays,
                storeBytes: former.storeBytes, links: former.links, bytesPerDay: former.bytesPerDay, targetFalseMatchRate: 1e-3)
        }
        let store: EdgeStore = try await fed.device()
        let sync = try HubSync(store: store)
        _ = try await sync.run()
        let recogniser = Recogniser(store: store, models: models)
        let own: DecisionRule = try rule(recogniser)
        let found: FaceResult = try #require(try await recogniser.identify(try frame("obama2.jpg"), rule: own, source: nil).faces.first)
        #expect(found.outcome == .match && found.person == obama && found.gallery == fed.gallery.id)
        #expect(found.threshold == (try rule(recogniser, .oneInAThousand)).row.threshold.rawValue)
        let last: JournalEntry = try #require(try store.entries(after: 0, epoch: 1, limit: 1_000, bytes: 1 << 24).last)
        let record: DecisionRecord = try JSON.value(DecisionRecord.self, from: last.body ?? "")
        #expect(record.gallery == fed.gallery.id && record.person == obama)
        // A stranger is one to both galleries.
        let stranger: FaceResult = try #require(try await recogniser.identify(try frame("biden.jpg"), rule: own, source: nil).faces.first)
        #expect(stranger.outcome == .unknown && stranger.person == nil)
        // Somebody of the device's own is matched beside them, at the command's rule.
        let enrolled = try await recogniser.enrol(try Self.bytes("biden.jpg"), label: "Joe", largest: false)
        let local: FaceResult = try #require(try await recogniser.identify(try frame("biden.jpg"), rule: own, source: nil).faces.first)
        #expect(local.person == enrolled.person && local.gallery == nil && local.threshold == own.row.threshold.rawValue)
        // From the very end of the term on nobody of the gallery is matched, and they are erased by the look itself.
        fed.clock.advance(by: FedHub.term)
        #expect(try await recogniser.candidates([face], limit: 1, in: fed.gallery.id) == [[]])
        #expect(try store.heldPersons().isEmpty)
        // Leases end too: one contact brings both back, and the index with it.
        _ = try await sync.run()
        let again: FaceResult = try #require(try await recogniser.identify(try frame("obama2.jpg"), rule: own, source: nil).faces.first)
        #expect(again.person == obama)
        // The person is erased at the hub: the index in memory follows the next contact.
        try await fed.hub.erasePerson(obama, from: fed.gallery.id, of: fed.owner, by: .test)
        _ = try await sync.run()
        let gone: FaceResult = try #require(try await recogniser.identify(try frame("obama2.jpg"), rule: own, source: nil).faces.first)
        #expect(gone.outcome == .unknown && gone.person == nil)
    }
}
