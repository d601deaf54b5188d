import Foundation
import HubDomain
import HubStorage
import TestKit
import Testing
import WireModel

@Suite("Changes down, at random")
struct FeedPlayTests {
    private static let isFull: Bool = FullTests.isOn

    /// - Returns: the first fault found, or what the play threw.
    private static func fault(
        seed: UInt64, steps: Int = 160, rewrite: @escaping @Sendable (String) -> String? = { $0 }
    ) async throws -> String? {
        let play = try await FeedPlay(seed: seed) { WatchedDatabase($0, rewrite: rewrite) }
        do { try await play.run(steps) } catch { return "threw \(error)" }
        return play.faults.first
    }

    @Test("whatever happens to galleries, groups and answers, a device ends with exactly what the books say, an equal digest, and nothing owed")
    func play() async throws {
        let first: UInt64 = SeededGenerator.wantedSeed
        for seed in first..<first + (Self.isFull ? 60 : 6) {
            let fault: String? = try await Self.fault(seed: seed)
            #expect(fault == nil, "VULTUS_SEED=\(seed): \(fault ?? "")")
        }
    }

    /// Faults that a hub could have; the play must find each.
    static let planted: [(name: String, rewrite: @Sendable (String) -> String?)] = [
        ("a tombstone is not written", { $0.contains("INSERT INTO person_tombstone") ? nil : $0 }),
        ("the digest is not updated", { $0.contains("UPDATE gallery SET feed_digest") ? nil : $0 }),
        ("consent is ignored", { $0.replacingOccurrences(of: "on_devices = 1", with: "on_devices >= 0") }),
        ("a person's version does not move", { $0.hasPrefix("UPDATE person SET version") ? nil : $0 }),
        ("devices do not begin an emptied gallery anew", { $0.replacingOccurrences(of: "restart_version = ?", with: "restart_version = ? * 0") }),
        ("a receipt is not taken", { $0.contains("UPDATE device_erasure SET receipt_ms") ? nil : $0 }),
        (
            "an unassigned gallery is still fed",
            {
                $0.hasPrefix("DELETE FROM group_gallery WHERE group_id = ? AND")
                    ? "UPDATE group_gallery SET term_ms = term_ms WHERE group_id = ? AND gallery_id = ?" : $0
            }
        ),
    ]

    @Test("the play finds each fault planted in the hub", arguments: FeedPlayTests.planted.indices)
    func finds(_ index: Int) async throws {
        let fault: (name: String, rewrite: @Sendable (String) -> String?) = Self.planted[index]
        for seed in UInt64(1)...8 {
            if try await Self.fault(seed: seed, rewrite: fault.rewrite) != nil { return }
        }
        Issue.record("not found: \(fault.name)")
    }

    @Test("a sync, and a change on the hub, ask as much of the database for a gallery of 400 persons as for one of 40, and walk through no table")
    func costs() async throws {
        var found: [[WatchedDatabase.Counts]] = []
        for persons in [40, 400] {
            let watched = Watched()
            let fixture = try await GalleryFixture { watched.wrap($0) }
            let device: FedDevice = try await fixture.terminal()
            var made: [Enrolment] = []
            for number in 0..<persons { made.append(try await fixture.enrol(try GalleryFixture.face(), "p\(number)", onDevices: true)) }
            try await device.sync()
            let database: WatchedDatabase = watched.database!
            var counts: [WatchedDatabase.Counts] = []
            func measure(_ work: () async throws -> Void) async throws {
                let (count, scans) = try await database.watch(work)
                counts.append(count)
                let walked: [String] = scans.filter { scan in
                    ["person", "template", "person_tombstone", "device_erasure", "gallery_import_row"].contains {
                        scan.hasPrefix("SCAN \($0):") || scan.hasPrefix("SCAN \($0) ")
                    }
                }
                #expect(walked.isEmpty)
            }
            try await measure { try await device.sync() }
            for number in 0..<5 {
                try await measure { try await fixture.hub.erasePerson(made[number].person, from: fixture.gallery.id, of: fixture.owner, by: .test) }
            }
            let withdrawn: ConsentRecord = fixture.consent()
            try await measure {
                _ = try await fixture.hub.changePerson(made[5].person, consent: withdrawn, in: fixture.gallery.id, of: fixture.owner, by: .test)
            }
            try await measure { try await fixture.enrol(try GalleryFixture.face(), "p6", onDevices: true) }
            try await measure { try await fixture.enrol(try GalleryFixture.face(), "new", onDevices: true) }
            try await measure { try await device.sync() }
            try await measure { try await device.sync() }
            #expect(device.galleries[fixture.gallery.id]?.persons.count == persons - 5 && device.restarts == 1 && device.differences == 0)
            found.append(counts)
        }
        #expect(found[0] == found[1])
    }
}

/// Keeps hold of the database that a fixture was given.
private final class Watched {
    private(set) var database: WatchedDatabase?

    func wrap(_ base: any HubDatabase) -> any HubDatabase {
        let watched = WatchedDatabase(base)
        database = watched
        return watched
    }
}
