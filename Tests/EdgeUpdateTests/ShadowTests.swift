import EdgeUpdate
import Foundation
import HubDomain
import ServiceSupport
import TestKit
import Testing
import WireModel

@Suite("Models that look on before they decide")
struct ShadowTests {
    private typealias Face = ShadowedFace<String>

    private static let ada = ShadowAnswer<String>(match: "Ada", margin: 0.3)
    private static let bob = ShadowAnswer<String>(match: "Bob", margin: 0.1)
    private static let nobody = ShadowAnswer<String>(match: nil, margin: -0.2)

    private func record(_ faces: [ShadowedFace<String>], of count: Int64 = 10, permille: Int64 = 100, milliseconds: Int64? = nil) -> ShadowRecord {
        var record = ShadowRecord(
            rollout: RolloutID(at: Timestamp(milliseconds: 1)), policy: ShadowPolicy(faces: count, disagreementPermille: permille, milliseconds: milliseconds))
        for face in faces { record.tally.note([face]) }
        return record
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let face: ShadowedFace<String>
        /// Whether it is one of those that count, and on which the two differ.
        let isCompared: Bool
        let differs: Bool

        var testDescription: String { name }

        static let all: [Case] = [
            Case(name: "the same person", face: .both(deciding: ada, shadow: ada, areAlike: true), isCompared: true, differs: false),
            Case(name: "both unknown", face: .both(deciding: nobody, shadow: nobody, areAlike: true), isCompared: true, differs: false),
            Case(name: "another person", face: .both(deciding: ada, shadow: bob, areAlike: true), isCompared: true, differs: true),
            Case(name: "unknown now", face: .both(deciding: ada, shadow: nobody, areAlike: true), isCompared: true, differs: true),
            Case(name: "matched now", face: .both(deciding: nobody, shadow: ada, areAlike: true), isCompared: true, differs: true),
            Case(name: "unlike, and nobody enrolled", face: .both(deciding: nobody, shadow: nobody, areAlike: false), isCompared: true, differs: true),
            Case(name: "too poor now", face: .both(deciding: ada, shadow: nil, areAlike: true), isCompared: true, differs: true),
            Case(name: "too poor before", face: .both(deciding: nil, shadow: nobody, areAlike: true), isCompared: true, differs: true),
            Case(name: "too poor for both", face: .both(deciding: nil, shadow: nil, areAlike: false), isCompared: false, differs: false),
            Case(name: "not found any more", face: .decidingAlone(isDecided: true), isCompared: true, differs: true),
            Case(name: "not found any more, and it did not matter", face: .decidingAlone(isDecided: false), isCompared: false, differs: false),
            Case(name: "found in addition", face: .shadowAlone(isDecided: true), isCompared: true, differs: true),
            Case(name: "found in addition, and it does not matter", face: .shadowAlone(isDecided: false), isCompared: false, differs: false),
            Case(name: "without a template", face: .bothUndecided, isCompared: false, differs: false),
        ]
    }

    @Test("a face counts when it would be decided on, and differs when the answer or the space would be another", arguments: Case.all)
    func counted(_ one: Case) {
        let tally: ShadowTally = record([one.face]).tally
        #expect(tally.compared == (one.isCompared ? 1 : 0) && tally.disagreements == (one.differs ? 1 : 0))
        #expect(tally.pictures == 1 && tally.foundByBoth + tally.foundByDecidingAlone + tally.foundByShadowAlone == 1)
    }

    @Test("the verdict comes with the last face wanted; before it only when nothing could change it; and at the limit it still passes")
    func verdicts() throws {
        let same: Face = .both(deciding: Self.ada, shadow: Self.ada, areAlike: true)
        let other: Face = .both(deciding: Self.ada, shadow: Self.bob, areAlike: true)
        #expect(record(Array(repeating: same, count: 9)).verdict == .more)
        #expect(record(Array(repeating: same, count: 10)).verdict == .passed)
        #expect(record([other] + Array(repeating: same, count: 9)).verdict == .passed)
        #expect(record([other]).verdict == .more)
        guard case .failed(let reason) = record([other, other]).verdict else {
            Issue.record("two of ten may not differ")
            return
        }
        #expect(reason.contains("2 of 2 faces decided on otherwise") && reason.contains("2 matched with another") && reason.contains("100 in 1000 of 10"))
        #expect(reason.contains("above the threshold by 0.3 on average, new 0.1"))
        #expect(record([same, other], permille: 0).verdict != .more && record(Array(repeating: same, count: 10), permille: 0).verdict == .passed)
        #expect(record(Array(repeating: other, count: 10), permille: 1_000).verdict == .passed)
        // Several faces of the last picture are counted all.
        var crowd: ShadowRecord = record(Array(repeating: same, count: 9))
        crowd.tally.note([other, other, same])
        #expect(crowd.tally.compared == 12 && crowd.verdict != .passed)
        #expect(reason.count <= UpdateReport.longestReason)
    }

    @Test("time alone passes nothing: what saw too few faces in it is refused, and without a limit it waits")
    func time() {
        var limited: ShadowRecord = record([], milliseconds: 7_200_000)
        limited.milliseconds = 7_199_999
        #expect(limited.verdict == .more && limited.words.contains("waits for faces"))
        limited.milliseconds = 7_200_000
        #expect(limited.verdict == .failed("shadowed: 0 of 10 faces came in 2 hours"))
        var endless: ShadowRecord = record([])
        endless.milliseconds = 1 << 40
        #expect(endless.verdict == .more)
    }

    /// A device with models in their place that a hub wants shadowed, and the hub's view of it.
    private struct Site {
        let fleet: RolledOutFleet
        let device: RolledOutDevice
        let rollout: RolloutID

        init(_ shadow: ShadowPolicy?) async throws {
            fleet = try await RolledOutFleet()
            try await fleet.add(1)
            device = fleet.devices[0]
            let place: String = fleet.workshop.folder + "/models"
            try fleet.workshop.make(.models, "2.0.0", platform: "any", created: fleet.clock.now().wall).write(to: place)
            _ = try await fleet.hub.publishRelease(place, trusting: [fleet.workshop.key], by: .test)
            var order = RolloutOrder(stages: [RolloutStage(percent: 100)])
            (order.minimumTries, order.shadow) = (1, shadow)
            rollout = try await fleet.hub.startRollout(of: "2.0.0", order, by: .test).id
        }

        func shown() async throws -> RolloutDevice? { try await fleet.hub.rolloutDevices(rollout).first }

        /// What the agent does with what is wanted, but for comparing.
        func stage() async throws {
            try await device.contact()
            try await device.receive()
        }
    }

    @Test("the operator's policy comes to the device; the hub shows how far it is, and a refusal with its figures pauses the roll-out")
    func refused() async throws {
        let policy = ShadowPolicy(faces: 4, disagreementPermille: 250, milliseconds: 3_600_000)
        let site = try await Site(policy)
        #expect(try await site.fleet.hub.rollout(site.rollout).shadow == policy)
        try await site.stage()
        let folder: UpdateFolder = site.device.folder
        let wanted: WantedRelease = try #require(try folder.wanted().first)
        #expect(wanted.shadow == policy)
        #expect(try folder.dueShadow() == nil)
        #expect(try folder.shadowed(wanted) == .more)
        var due: ShadowRecord = try #require(try folder.dueShadow()).record
        due.tally.note([Face.both(deciding: Self.ada, shadow: Self.nobody, areAlike: false)])
        try folder.note(due)
        try await site.device.contact()
        #expect(try await site.shown()?.state == .shadowing)
        #expect(try await site.shown()?.shadow == ShadowProgress(compared: 1, faces: 4, disagreements: 1))
        #expect(try await site.shown()?.reason?.contains("1 unknown in place of a match") == true)
        #expect(try await site.fleet.hub.rollout(site.rollout).state == .running)
        due.tally.note([Face.decidingAlone(isDecided: true)])
        try folder.note(due)
        #expect(try folder.dueShadow() == nil)
        guard case .failed(let reason) = try folder.shadowed(wanted) else {
            Issue.record("two of four may not differ")
            return
        }
        try folder.refuse(.models, rollout: wanted.rollout, reason)
        try await site.device.contact()
        let shown: RolloutDevice? = try await site.shown()
        #expect(shown?.state == .refused && shown?.reason == reason)
        let paused: Rollout = try await site.fleet.hub.rollout(site.rollout)
        #expect(paused.state == .paused && paused.failed == 1)
        #expect(try folder.trial() == nil && folder.current(.models) == nil)
    }

    @Test("what was compared outlives a pause of the roll-out, and the agent; another roll-out begins from nothing; without a policy nothing is compared")
    func kept() async throws {
        let site = try await Site(ShadowPolicy(faces: 2, disagreementPermille: 0))
        try await site.stage()
        let folder: UpdateFolder = site.device.folder
        let wanted: WantedRelease = try #require(try folder.wanted().first)
        _ = try folder.shadowed(wanted)
        var record: ShadowRecord = try #require(try folder.dueShadow()).record
        record.tally.note([Face.both(deciding: Self.ada, shadow: Self.ada, areAlike: true)])
        try folder.note(record)
        _ = try await site.fleet.hub.act(.pause, on: site.rollout, by: .test)
        try await site.device.contact()
        #expect(try folder.dueShadow() == nil)
        _ = try await site.fleet.hub.act(.resume, on: site.rollout, by: .test)
        try await site.device.contact()
        #expect(try UpdateFolder(folder.root).dueShadow()?.record == record)
        record.tally.note([Face.both(deciding: Self.nobody, shadow: Self.nobody, areAlike: true)])
        try folder.note(record)
        #expect(try folder.shadowed(wanted) == .passed)
        let other = WantedRelease(
            rollout: RolloutID(at: Timestamp(milliseconds: 9)), release: wanted.release, kind: .models, version: wanted.version, shadow: wanted.shadow)
        #expect(try folder.shadowed(other) == .more)
        let plain = try await Site(nil)
        try await plain.stage()
        #expect(try plain.device.folder.shadowed(try #require(try plain.device.folder.wanted().first)) == .passed)
    }

    @Test("an agent that cannot shadow is not told of such a roll-out; a hub that knows no shadows can read what this one sends; programs are not shadowed")
    func others() async throws {
        let site = try await Site(ShadowPolicy(faces: 2, disagreementPermille: 0))
        try await site.device.contact { $0.map { UpdateReport(kind: $0.kind, platform: $0.platform, version: $0.version) } }
        #expect(try site.device.folder.wanted().isEmpty)
        try await site.stage()
        _ = try site.device.folder.shadowed(try #require(try site.device.folder.wanted().first))
        let report: UpdateReport = try #require(try site.device.folder.reports().first { $0.kind == .models })
        #expect(report.state == .shadowing && report.told.state == .staged && report.told.isShadowing)
        try await site.device.contact { $0.map(\.told) }
        #expect(try await site.shown()?.state == .shadowing)
        // A hub from before says nothing of shadows.
        let release: ReleaseID = try #require(try site.device.folder.wanted().first).release
        let before: String = #"{"rollout":"\#(site.rollout)","release":"\#(release)","kind":"models","version":"2.0.0","goesBack":false}"#
        #expect(try JSON.value(WantedRelease.self, from: before).shadow == nil)
        _ = try await site.fleet.publish("1.0.0")
        var order = RolloutOrder(stages: [RolloutStage(percent: 100)])
        order.shadow = ShadowPolicy(faces: 2, disagreementPermille: 0)
        await #expect(throws: Problem.self) { try await site.fleet.hub.startRollout(of: "1.0.0", order, by: .test) }
        order.shadow = ShadowPolicy(faces: 0, disagreementPermille: 0)
        await #expect(throws: Problem.self) { try await site.fleet.hub.startRollout(of: "2.0.0", order, by: .test) }
    }
}
