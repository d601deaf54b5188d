import Biometrics
import EdgeStore
import EdgeSync
import Foundation
import HubDomain
import HubStorage
import ServiceSupport
import TestKit
import Testing
import WireModel

@Suite("Sync by file")
struct FileSyncTests {
    private static let free = DecisionDraft(api: .search, units: 0, record: decision.record)

    /// A hub and a device that joined it and has seen no network since.
    fileprivate struct Site {
        let served: JoinableHub
        let store: EdgeStore
        let request: String
        let answer: String

        init(clock: any TimeSource = SystemClock()) async throws {
            served = try await JoinableHub(clock: clock)
            store = try await served.device(clock: clock)
            request = served.folder + "/stick.sync"
            answer = served.folder + "/stick.answer"
        }

        func export() throws -> ExportReport { try FileSync(store: store).export(to: request) }
        @discardableResult func intake() async throws -> FileIntakeReport { try await served.hub.importFile(request, answer: answer, by: .test) }
        @discardableResult func importAnswer() async throws -> ImportReport { try await FileSync(store: store).importAnswer(answer) }
    }

    private func code(_ body: () async throws -> Void) async -> ProblemCode? {
        do {
            try await body()
            return nil
        } catch { return Problem(describing: error).code }
    }

    @Test("brings leases to a device that has none, and its journal to the hub, billed as over the network")
    func mainRoad() async throws {
        let site = try await Site()
        #expect(try site.store.leases().isEmpty)
        _ = try site.export()
        try await site.intake()
        let first: ImportReport = try await site.importAnswer()
        #expect(first.leases == 2)
        #expect(try site.store.leases().count == 2)
        for _ in 0..<7 { _ = try site.store.record([decision]) }
        _ = try site.store.record(Array(repeating: Self.free, count: 1_300))
        let export: ExportReport = try site.export()
        #expect(export.entries >= 1_307)
        let intake: FileIntakeReport = try await site.intake()
        #expect(Int64(intake.accepted) == export.entries && intake.requests == 3)
        let back: ImportReport = try await site.importAnswer()
        #expect(Int64(back.accepted) == export.entries)
        #expect(try site.store.syncState().acknowledgedThrough == export.last)
        #expect(try await site.served.units() == 7)
        #expect(export.bytes < 1_307 * 200)
    }

    @Test("both steps can be repeated, files can be lost and come late, and the network may come between")
    func repeated() async throws {
        let site = try await Site()
        _ = try await HubSync(store: site.store).run()
        _ = try site.store.record([decision, decision])
        _ = try site.export()
        let old: Data = try Data(contentsOf: URL(filePath: site.request))
        try await site.intake()
        let again: FileIntakeReport = try await site.intake()
        #expect(again.accepted == 0 && again.duplicates >= 2)
        // The answer is lost; the next export says it all again, and more.
        _ = try site.store.record([decision])
        _ = try site.export()
        try await site.intake()
        try await site.importAnswer()
        let repeated: ImportReport = try await site.importAnswer()
        #expect(repeated.isRepeated)
        // An old file comes late, and its answer with it.
        try old.write(to: URL(filePath: site.request))
        let late: FileIntakeReport = try await site.intake()
        #expect(late.accepted == 0)
        try await site.importAnswer()
        // A file that the network overtook.
        _ = try site.store.record([decision])
        _ = try site.export()
        _ = try await HubSync(store: site.store).run()
        try await site.intake()
        try await site.importAnswer()
        #expect(try await site.served.units() == 4)
        #expect(try site.store.syncState().acknowledgedThrough == (try site.store.journalHead().seq))
        #expect(try site.store.journalFault() == nil)
    }

    @Test("weeks on the way are neither a wrong clock nor another price's day, and set no clock back")
    func slowPost() async throws {
        let clock = ManualClock.startingNow()
        let site = try await Site(clock: clock)
        _ = try await HubSync(store: site.store).run()
        _ = try site.store.record([decision])
        let used: Timestamp = clock.now().wall
        _ = try site.export()
        clock.advance(by: .seconds(14 * 86_400))
        try await site.intake()
        clock.advance(by: .seconds(14 * 86_400))
        let before: Timestamp = try site.store.trustedTime()
        try await site.importAnswer()
        #expect(try site.store.trustedTime() >= before)
        let booked = try await site.served.served.database.rows("SELECT used_ms FROM metering_record WHERE units > 0")
        #expect(try booked.map { abs(try $0.integer("used_ms") - used.milliseconds) < 60_000 } == [true])
        #expect(try await abs(site.served.hub.devices()[0].clockSkewMilliseconds) < 60_000)
    }

    @Test("another device's, another hub's, a revoked device's, an altered or a cut file is refused, and nothing of it is taken in")
    func refused() async throws {
        let site = try await Site()
        _ = try await HubSync(store: site.store).run()
        _ = try site.store.record([decision])
        _ = try site.export()
        let whole: [UInt8] = [UInt8](try Data(contentsOf: URL(filePath: site.request)))
        func put(_ bytes: [UInt8], _ path: String) throws { try Data(bytes).write(to: URL(filePath: path)) }
        for index in stride(from: 0, to: whole.count, by: max(1, whole.count / 40)) {
            var altered: [UInt8] = whole
            altered[index] ^= 1
            try put(altered, site.request)
            let code: ProblemCode? = await code { try await site.intake() }
            #expect(code == .syncFileDamaged || code == .syncFileForeign, "byte \(index)")
            try put(Array(whole.prefix(index)), site.request)
            #expect(await self.code { try await site.intake() } == .syncFileDamaged, "cut at \(index)")
        }
        try put(whole + [0], site.request)
        #expect(await code { try await site.intake() } == .syncFileDamaged)
        #expect(try await site.served.units() == 0)
        #expect(!FileManager.default.fileExists(atPath: site.answer))
        #expect(await code { _ = try await site.served.hub.importFile(site.folder + "/none", answer: site.answer, by: .test) } == .fileUnreadable)

        try put(whole, site.request)
        let other = try await JoinableHub()
        #expect(await code { _ = try await other.hub.importFile(site.request, answer: site.answer, by: .test) } == .syncFileForeign)
        try await site.intake()
        let neighbour: EdgeStore = try await site.served.device("neighbour")
        #expect(await code { _ = try await FileSync(store: neighbour).importAnswer(site.answer) } == .syncFileForeign)
        #expect(await code { _ = try await FileSync(store: site.store).importAnswer(site.request) } == .syncFileDamaged)
        let answer: [UInt8] = [UInt8](try Data(contentsOf: URL(filePath: site.answer)))
        for index in stride(from: 0, to: answer.count, by: max(1, answer.count / 40)) {
            var altered: [UInt8] = answer
            altered[index] ^= 1
            try put(altered, site.answer)
            let code: ProblemCode? = await code { try await site.importAnswer() }
            #expect(code == .syncFileDamaged || code == .syncFileForeign, "byte \(index)")
        }
        #expect(try site.store.syncState().acknowledgedThrough < (try site.store.journalHead().seq))
        try put(answer, site.answer)
        try await site.importAnswer()
        #expect(try site.store.syncState().acknowledgedThrough == (try site.store.journalHead().seq))

        _ = try site.export()
        _ = try await site.served.hub.revokeDevice(try site.store.identity().device, by: .test)
        #expect(await code { try await site.intake() } == .deviceRevoked)
    }

    @Test("brings persons to a device, and their withdrawal; an answer that was overtaken brings nobody back")
    func changes() async throws {
        let site = try await Site()
        let hub: Hub = site.served.hub
        let account: AccountID = try site.store.identity().account
        let owner = GalleryOwner(account: account, application: try await hub.makeApplication("door", account: account, by: .test).id)
        let gallery: Gallery = try await hub.makeGallery("staff", of: owner, by: .test)
        _ = try await hub.makeDeviceGroup("doors", account: account.rawValue, by: .test)
        _ = try await hub.assign(gallery.id.rawValue, to: "doors", by: .test)
        _ = try await hub.move(try site.store.identity().device, to: "doors", by: .test)
        func enrol(_ label: String) async throws -> PersonID {
            let now: Timestamp = SystemClock().now().wall
            let consent = ConsentRecord(reference: "17", purpose: "entrance", given: now, expires: now.advanced(by: .seconds(86_400)), onDevices: true)
            let face = try Template(model: .sface2021dec, normalizing: (0..<128).map { _ in Float.random(in: -1...1) })
            return try await hub.enrol(
                face, quality: QualityResult(eyeDistance: 60, sharpness: 1, yaw: 0, pitch: 0, roll: 0, brightness: 120),
                as: NewPerson(label: label, consent: consent), in: gallery.id, of: owner, by: .test
            ).person
        }
        func held() throws -> Int64 { try site.store.heldCounts().values.reduce(0) { $0 + $1.persons } }
        // More than one page of changes, in one file.
        let ada: PersonID = try await enrol("Ada")
        for number in 0..<300 { _ = try await enrol("Person \(number)") }
        _ = try site.export()
        let intake: FileIntakeReport = try await site.intake()
        #expect(intake.pages >= 1)
        #expect(try await site.importAnswer().changes >= 301)
        #expect(try held() == 301)
        // This answer is made while Ada is there, and comes when she is gone.
        _ = try site.export()
        try await site.intake()
        let old: Data = try Data(contentsOf: URL(filePath: site.answer))
        _ = try await hub.erasePerson(ada, from: gallery.id, of: owner, by: .test)
        _ = try site.export()
        try await site.intake()
        try await site.importAnswer()
        #expect(try held() == 300)
        try old.write(to: URL(filePath: site.answer))
        #expect(try await site.importAnswer().isOvertaken)
        #expect(try held() == 300)
        // The receipt goes up with the next file.
        _ = try site.export()
        #expect(try await site.intake().accepted >= 1)
        try await site.importAnswer()
        #expect(try site.store.syncState().acknowledgedThrough == (try site.store.journalHead().seq))
    }

    @Test("files are for this user only, and an answer tells nothing to who finds it")
    func sealed() async throws {
        let site = try await Site()
        _ = try site.export()
        try await site.intake()
        for path in [site.request, site.answer] {
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
        let text = String(decoding: try Data(contentsOf: URL(filePath: site.answer)), as: UTF8.self)
        #expect(text.contains("answerKey"))
        #expect(!text.contains("acknowledgedThrough"))
        // Nor to the device itself, once it is imported: the key is gone.
        try await site.importAnswer()
        let database = try Data(contentsOf: URL(filePath: site.served.folder + "/edge/edge.sqlite"))
        #expect(!database.isEmpty)
        #expect(try await site.importAnswer().isRepeated)
    }
}

extension FileSyncTests.Site {
    fileprivate var folder: String { served.folder }
}
