import Biometrics
import Crypto
import Foundation
import GRDB
import ServiceSupport
import TestKit
import Testing
import WireModel

@testable import EdgeStore

/// What must not be found in a device's files once a person is erased.
private struct Traces {
    let person: FeedPerson
    let sealedKey: [UInt8]
    let key: [UInt8]

    init(_ person: FeedPerson, _ store: EdgeStore) throws {
        self.person = person
        (sealedKey, key) = try store.read { database in
            let slot: Int64 = try Int64.fetchOne(
                database, sql: "SELECT key_slot FROM held_person WHERE gallery_id = ? AND id = ?", arguments: [person.gallery.rawValue, person.id.rawValue])!
            let sealed: Data = try Data.fetchOne(database, sql: "SELECT sealed FROM person_key WHERE slot = ?", arguments: [slot])!
            return ([UInt8](sealed), try store.key(in: slot, for: EdgeStore.keyPurpose(person.id, in: person.gallery), database).bytes)
        }
    }

    /// What is never in the files, held or erased.
    var plain: [[UInt8]] { [key, Array(person.label.utf8)] + person.templates.map(\.values.bytes) }
}

@Suite("What a device's files hold of the hub's persons")
struct ErasureScanTests {
    private struct Yard {
        let device: JoinedDevice
        var hub: SpokenHub
        let gallery: GalleryID
        var random: SeededGenerator
        var erased: [Traces] = []
        var held: [PersonID: Traces] = [:]

        init(seed: UInt64) throws {
            device = try JoinedDevice()
            try device.hurry()
            hub = SpokenHub(device.clock.now().wall)
            gallery = hub.addGallery()
            random = SeededGenerator(seed: seed)
            try device.feed(hub.page(hub.whole(gallery)))
        }

        /// Persons come, change and go, enough of them for pages of the file to be split and joined.
        mutating func churn(rounds: Int) throws {
            for round in 0..<rounds {
                var changes: [FeedChange] = []
                for number in 0..<Int.random(in: 2...14, using: &random) { changes.append(.person(put(nil, "\(round)-\(number)"))) }
                for id in held.keys.sorted().shuffled(using: &random).prefix(Int.random(in: 0...9, using: &random)) {
                    erased.append(held.removeValue(forKey: id)!)
                    if Bool.random(using: &random) {
                        changes.append(.person(put(id, "changed \(round)")))
                    } else {
                        hub.galleries[gallery]!.persons[id] = nil
                        changes.append(.personErased(gallery, id))
                    }
                }
                changes.append(.galleryComplete(gallery, hub.galleries[gallery]!.digest))
                try device.feed(hub.page(changes))
                for case .person(let person) in changes where held[person.id] == nil { held[person.id] = try Traces(person, device.store) }
            }
        }

        private mutating func put(_ id: PersonID?, _ name: String) -> FeedPerson {
            let label: String = "Persephone \(name) " + String(repeating: "x", count: Int.random(in: 0...150, using: &random))
            return hub.put(
                id, in: gallery, label: label, seeds: (0..<Int.random(in: 1...3, using: &random)).map { _ in Int.random(in: 2...10_000, using: &random) })
        }

        /// What of all that must be gone is in a file of the device's.
        func findings() throws -> [String] {
            var findings: [String] = []
            let files = FileManager.default.enumerator(atPath: device.folder)!
            for case let name as String in files {
                guard let bytes = FileManager.default.contents(atPath: device.folder + "/" + name), !bytes.isEmpty else { continue }
                for traces in erased where bytes.range(of: Data(traces.sealedKey)) != nil { findings.append("\(name): a sealed key") }
                for traces in erased + held.values {
                    for plain in traces.plain where bytes.range(of: Data(plain)) != nil { findings.append("\(name): plain text") }
                }
            }
            return findings
        }
    }

    @Test("no template, label or key of anybody is in plain text, and of whoever was erased or changed the former key is nowhere, sealed or open")
    func scan() throws {
        var yard = try Yard(seed: 5)
        try yard.churn(rounds: 35)
        #expect(yard.erased.count > 80 && yard.held.count > 60)
        #expect(try yard.findings() == [])
        // The same when all goes at once, and when nobody but the clock says so.
        yard.device.clock.advance(by: .seconds(86_400))
        try yard.device.store.eraseExpired()
        yard.erased += yard.held.values
        yard.held = [:]
        #expect(try yard.findings() == [])
    }

    @Test("the device's master key opens nothing of an erased person at any place of its files")
    func unopenable() throws {
        var yard = try Yard(seed: 7)
        try yard.churn(rounds: 1)
        let held: Traces = try #require(yard.held.values.first)
        let purpose: String = EdgeStore.keyPurpose(held.person.id, in: held.person.gallery)
        #expect(try openable(yard.device, for: purpose) == 1)
        try yard.device.feed(yard.hub.page([.personErased(yard.gallery, held.person.id)]))
        #expect(try openable(yard.device, for: purpose) == 0)
    }

    @Test("of a template that was removed nothing opens with any key that is left, in stale copies neither; the person's others stay", arguments: [1, 3])
    func removedTemplate(count: Int) throws {
        let device = try JoinedDevice()
        let consent = ConsentRecord(reference: "r", purpose: "p", given: device.clock.now().wall)
        let quality = QualityResult(eyeDistance: 60, sharpness: 1, yaw: 0, pitch: 0, roll: 0, brightness: 120)
        let person: PersonID = try device.store.addPerson(label: "Ada", isMinor: false, consent: consent).id
        let templates: [TemplateID] = try (1...count).map { number in
            try device.store.add(try JoinedDevice.template(Float(number)), quality: quality, to: person).template.id
        }
        // What a page that was moved, or the file system, may have kept of before.
        let stale: [UInt8] = try device.store.read { try device.store.bytes(Data.fetchOne($0, sql: "SELECT sealed FROM template")!) }
        let purpose: String = device.store.templatePurpose(templates[0], person, ModelID(rawValue: "m"))
        #expect((try? Sealing.open(stale, with: try key(of: person, device), for: purpose)) != nil)
        let former: [UInt8] = try key(of: person, device).bytes
        #expect(try device.store.removeTemplate(templates[0], of: person))
        #expect((try? Sealing.open(stale, with: try key(of: person, device), for: purpose)) == nil)
        let keys: [[UInt8]] = try openedKeys(device, for: EdgeStore.keyPurpose(person))
        #expect(keys.count == 1 && !keys.contains(former))
        #expect(try device.store.opened(of: person).count == count - 1)
        #expect(try device.store.templates(of: person).allSatisfy { $0.quality != nil })
        let told: EnrolledPerson = try device.store.person(person)
        #expect(told.label == "Ada" && told.consent != nil)
    }

    private func key(of person: PersonID, _ device: JoinedDevice) throws -> SymmetricKey {
        try device.store.read { database in
            let slot: Int64 = try Int64.fetchOne(database, sql: "SELECT key_slot FROM person WHERE id = ?", arguments: [person.rawValue])!
            return try device.store.key(in: slot, for: EdgeStore.keyPurpose(person), database)
        }
    }

    /// Every key of a person's that the master key opens, at any place of the files.
    private func openedKeys(_ device: JoinedDevice, for purpose: String) throws -> [[UInt8]] {
        let bytes: [UInt8] = try device.rawBytes()
        return (0..<max(0, bytes.count - 60)).compactMap { offset in
            // A nonce, a key and a tag: what is mostly one byte is none.
            guard bytes[offset] != bytes[offset + 1] || bytes[offset + 2] != bytes[offset + 3] else { return nil }
            return try? Sealing.open(Array(bytes[offset..<offset + 60]), with: device.store.masterKey, for: purpose)
        }
    }

    /// At how many places a person's key can be opened with the master key.
    private func openable(_ device: JoinedDevice, for purpose: String) throws -> Int {
        try openedKeys(device, for: purpose).count
    }

    @Test("a store that does not overwrite the key is found out")
    func planted() throws {
        var yard = try Yard(seed: 5)
        try yard.device.store.queue.write {
            try $0.execute(sql: "CREATE TRIGGER planted BEFORE UPDATE ON person_key WHEN NEW.is_free = 1 BEGIN SELECT RAISE(IGNORE); END")
        }
        try yard.churn(rounds: 8)
        #expect(try !yard.findings().isEmpty)
    }

    @Test("where another process reads while somebody is erased, the log is emptied at a later look, after a restart too")
    func logIsDue() throws {
        var yard = try Yard(seed: 9)
        try yard.churn(rounds: 2)
        let reader = try DatabaseQueue(path: yard.device.store.path)
        try yard.device.store.setPatience(0)
        try reader.inDatabase { database in
            try database.execute(sql: "BEGIN; SELECT count(*) FROM held_person")
            _ = try Int.fetchOne(database, sql: "SELECT count(*) FROM held_person")
            let gone: PersonID = yard.held.keys.sorted()[0]
            yard.erased.append(yard.held.removeValue(forKey: gone)!)
            try yard.device.feed(yard.hub.page([.personErased(yard.gallery, gone)]))
            #expect(try !yard.findings().isEmpty)
            try database.execute(sql: "COMMIT")
        }
        try reader.close()
        try yard.device.reopen()
        _ = try yard.device.store.eraseExpired()
        #expect(try yard.findings() == [])
    }
}

extension EdgeStore {
    /// How long to wait for other processes, in milliseconds.
    fileprivate func setPatience(_ milliseconds: Int) throws {
        try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA busy_timeout = \(milliseconds)") }
    }
}
