import Biometrics
import Foundation
import HubDomain
import HubStorage
import ServiceSupport
import TestKit
import WireModel

/// Galleries, groups and devices, played at random from a seed, against books of the test's own: what a device holds after a sync
/// must be what the books say, template by template.
final class FeedPlay {
    private struct Kept {
        var label: String
        var isOnDevices: Bool
        var consentEnds: Timestamp
        var ends: Timestamp
        let created: Timestamp
        /// The bytes of each.
        var templates: [TemplateID: [UInt8]]
    }

    private struct Book {
        var retentionDays: Int64?
        var persons: [PersonID: Kept] = [:]
    }

    let fixture: GalleryFixture
    private var random: SeededGenerator
    private var books: [GalleryID: Book] = [:]
    private var groups: [String: Set<GalleryID>] = ["doors": [], "gates": []]
    private var places: [DeviceID: String] = [:]
    private(set) var devices: [FedDevice] = []
    private var labels: Int = 0
    /// What does not fit the books.
    private(set) var faults: [String] = []

    init(seed: UInt64, through wrap: (any HubDatabase) -> any HubDatabase = { $0 }) async throws {
        random = SeededGenerator(seed: seed)
        fixture = try await GalleryFixture(through: wrap)
        let second: Gallery = try await fixture.hub.makeGallery("visitors", of: fixture.owner, by: .test)
        books = [fixture.gallery.id: Book(), second.id: Book()]
        for name in groups.keys.sorted() { _ = try await fixture.hub.makeDeviceGroup(name, account: fixture.account.id.rawValue, by: .test) }
        try await assign(fixture.gallery.id, to: "doors")
        try await assign(second.id, to: "gates")
        for number in 0..<3 {
            let name: String = number == 0 ? "gates" : "doors"
            let device = try await FedDevice(hub: fixture.hub, clock: fixture.clock, account: fixture.account.id.rawValue, group: name)
            places[device.id] = name
            devices.append(device)
        }
    }

    private var hub: Hub { fixture.hub }
    private var owner: GalleryOwner { fixture.owner }
    private func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    func run(_ steps: Int) async throws {
        for _ in 0..<steps where faults.isEmpty {
            prune()
            if chance(45) { try await use(devices.randomElement(using: &random)!) } else { try await change() }
        }
        // In the end everybody is heard, twice: receipts of the first time go up with the second.
        for device in devices where faults.isEmpty {
            for _ in 0..<3 { try await device.sync() }
            try await check(device)
        }
        guard faults.isEmpty else { return }
        let owed: [OwedErasure] = try await hub.owedErasures()
        if !owed.isEmpty { faults.append("\(owed.count) erasures outstanding, the first \(owed[0])") }
        let checks: [HubCheck] = try await hub.verify()
        faults += checks.flatMap(\.faults)
    }

    // MARK: What happens to galleries

    private func change() async throws {
        let gallery: GalleryID = books.keys.sorted().randomElement(using: &random)!
        let known: [PersonID] = books[gallery]!.persons.keys.sorted()
        guard let person = known.randomElement(using: &random), !chance(25) else { return try await enrol(into: gallery) }
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<18: try await addTemplate(to: person, gallery)
        case 18..<28:
            guard let template = books[gallery]!.persons[person]!.templates.keys.sorted().randomElement(using: &random) else { return }
            try await hub.eraseTemplate(template, in: gallery, of: owner, by: .test)
            books[gallery]!.persons[person]!.templates[template] = nil
        case 28..<50: try await consent(of: person, gallery)
        case 50..<58:
            labels += 1
            _ = try await hub.changePerson(person, label: "p\(labels)", in: gallery, of: owner, by: .test)
            books[gallery]!.persons[person]!.label = "p\(labels)"
        case 58..<66: try await merge(person, gallery)
        case 66..<78:
            try await hub.erasePerson(person, from: gallery, of: owner, by: .test)
            books[gallery]!.persons[person] = nil
        case 78..<80:
            _ = try await hub.eraseEverybody(in: gallery, of: owner, by: .test)
            books[gallery]!.persons = [:]
        case 80..<83: try await retain(gallery)
        case 83..<85:
            _ = try await hub.eraseTemplates(in: gallery, label: chance(50) ? books[gallery]!.persons[person]!.label : nil, of: owner, by: .test)
            for id in known {
                let left: Set<TemplateID> = Set(try await hub.templates(of: id, in: gallery, of: owner).map(\.id))
                books[gallery]!.persons[id]!.templates = books[gallery]!.persons[id]!.templates.filter { left.contains($0.key) }
            }
        case 85..<87: try await replace(gallery)
        case 87..<92: try await regroup(gallery)
        case 92..<98: fixture.clock.advance(by: .seconds(Int64.random(in: 60...5 * 86_400, using: &random)))
        default: try await hub.clearExpired()
        }
    }

    private func prune() {
        let now: Timestamp = fixture.clock.now().wall
        for gallery in books.keys { books[gallery]!.persons = books[gallery]!.persons.filter { $0.value.ends > now } }
    }

    private func record(days: Int64, onDevices: Bool) -> ConsentRecord { fixture.consent(days: days, onDevices: onDevices) }

    private func end(_ consentEnds: Timestamp, _ created: Timestamp, _ days: Int64?) -> Timestamp {
        days.map { min(consentEnds, created.advanced(by: .seconds($0 * 86_400))) } ?? consentEnds
    }

    private func enrol(into gallery: GalleryID) async throws {
        labels += 1
        let (days, agrees): (Int64, Bool) = (Int64.random(in: 1...40, using: &random), chance(70))
        let face: Template = try GalleryFixture.face()
        let draft = NewPerson(label: "p\(labels)", consent: record(days: days, onDevices: agrees))
        let made: Enrolment = try await hub.enrol(face, quality: GalleryFixture.quality, as: draft, in: gallery, of: owner, by: .test)
        let now: Timestamp = fixture.clock.now().wall
        books[gallery]!.persons[made.person] = Kept(
            label: draft.label, isOnDevices: agrees, consentEnds: draft.consent.expires!, ends: end(draft.consent.expires!, now, books[gallery]!.retentionDays),
            created: now, templates: [made.template.id: face.littleEndianBytes])
    }

    private func addTemplate(to person: PersonID, _ gallery: GalleryID) async throws {
        guard books[gallery]!.persons[person]!.templates.count < 5 else { return }
        let face: Template = try GalleryFixture.face()
        let made: Enrolment = try await hub.addTemplate(face, quality: GalleryFixture.quality, to: person, in: gallery, of: owner, by: .test)
        books[gallery]!.persons[person]!.templates[made.template.id] = face.littleEndianBytes
    }

    private func consent(of person: PersonID, _ gallery: GalleryID) async throws {
        let new: ConsentRecord = record(days: Int64.random(in: 1...40, using: &random), onDevices: chance(50))
        var kept: Kept = books[gallery]!.persons[person]!
        _ = try await hub.changePerson(person, consent: new, in: gallery, of: owner, by: .test)
        (kept.isOnDevices, kept.consentEnds, kept.ends) = (new.onDevices, new.expires!, end(new.expires!, kept.created, books[gallery]!.retentionDays))
        books[gallery]!.persons[person] = kept
    }

    private func merge(_ person: PersonID, _ gallery: GalleryID) async throws {
        guard let other = books[gallery]!.persons.keys.sorted().filter({ $0 != person }).randomElement(using: &random) else { return }
        let (gone, kept): (Kept, Kept) = (books[gallery]!.persons[person]!, books[gallery]!.persons[other]!)
        guard gone.templates.count + kept.templates.count <= 20 else { return }
        _ = try await hub.changePerson(person, label: kept.label, merging: true, in: gallery, of: owner, by: .test)
        books[gallery]!.persons[person] = nil
        books[gallery]!.persons[other]!.templates.merge(gone.templates) { $1 }
    }

    private func retain(_ gallery: GalleryID) async throws {
        let days: Int64? = chance(40) ? nil : Int64.random(in: 3...60, using: &random)
        guard days != books[gallery]!.retentionDays else { return }
        _ = try await hub.changeGallery(gallery, retentionDays: .some(days), of: owner, by: .test)
        books[gallery]!.retentionDays = days
        for (id, kept) in books[gallery]!.persons { books[gallery]!.persons[id]!.ends = end(kept.consentEnds, kept.created, days) }
    }

    /// The gallery is deleted and another takes its place.
    private func replace(_ gallery: GalleryID) async throws {
        try await hub.deleteGallery(gallery, of: owner, by: .test)
        books[gallery] = nil
        labels += 1
        let new: Gallery = try await hub.makeGallery("g\(labels)", of: owner, by: .test)
        books[new.id] = Book()
        for (name, galleries) in groups.sorted(by: { $0.key < $1.key }) where galleries.contains(gallery) {
            groups[name]!.remove(gallery)
            try await assign(new.id, to: name)
        }
    }

    private func assign(_ gallery: GalleryID, to group: String) async throws {
        _ = try await hub.assign(gallery.rawValue, to: group, term: .seconds(90 * 86_400), by: .test)
        groups[group]!.insert(gallery)
    }

    private func regroup(_ gallery: GalleryID) async throws {
        let name: String = groups.keys.sorted().randomElement(using: &random)!
        if chance(40) {
            let device: FedDevice = devices.randomElement(using: &random)!
            _ = try await hub.move(device.id, to: chance(15) ? nil : name, by: .test)
            places[device.id] = try await hub.devices().first { $0.id == device.id }?.group == nil ? nil : name
        } else if groups[name]!.contains(gallery) {
            _ = try await hub.unassign(gallery.rawValue, from: name, by: .test)
            groups[name]!.remove(gallery)
        } else {
            try await assign(gallery, to: name)
        }
    }

    // MARK: What happens to devices

    private func use(_ device: FedDevice) async throws {
        device.hub.feedRoom = FeedRoom(
            bytes: chance(30) ? Int.random(in: 1...2_000, using: &random) : 1 << 20, persons: Int.random(in: 1...4, using: &random),
            erasures: Int.random(in: 1...3, using: &random), endings: Int.random(in: 1...2, using: &random))
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<15: _ = try await device.ask()  // The answer is lost.
        case 15..<30: try device.apply(try await device.ask())  // The rest comes another day.
        case 30..<40:
            let answer: SyncResponse = try await device.ask()
            for _ in 0..<3 { try device.apply(answer) }
        case 40..<44:
            guard let gallery = device.galleries.keys.sorted().randomElement(using: &random), device.galleries[gallery]?.isComplete == true else { return }
            // Never twice within an hour: no term is as short.
            fixture.clock.advance(by: .seconds(3_700))
            try device.endTerm(of: gallery)
        case 44..<46: try await fixture.database.execute("UPDATE hub SET epoch = epoch + 1")  // Restored, and nothing was lost.
        case 46..<48: device.cursor = nil
        default:
            try await device.sync()
            try await check(device)
        }
    }

    private func check(_ device: FedDevice) async throws {
        prune()
        let wanted: Set<GalleryID> = places[device.id].map { groups[$0]! } ?? []
        if Set(device.galleries.keys) != wanted { faults.append("\(device.id) has \(device.galleries.keys.sorted()), not \(wanted.sorted())") }
        if device.differences > 0 { faults.append("\(device.id): its digest was not the hub's") }
        for gallery in wanted.sorted() {
            let agreed: [PersonID: Kept] = books[gallery]!.persons.filter(\.value.isOnDevices)
            let held: [PersonID: FeedPerson] = device.galleries[gallery]?.persons ?? [:]
            for person in Set(held.keys).subtracting(agreed.keys).sorted() { faults.append("\(gallery): \(person) should not be on \(device.id)") }
            for (id, kept) in agreed.sorted(by: { $0.key < $1.key }) {
                guard let person = held[id] else { faults.append("\(gallery): \(id) is missing on \(device.id)"); continue }
                let templates: [TemplateID: [UInt8]] = Dictionary(uniqueKeysWithValues: person.templates.map { ($0.id, $0.values.bytes) })
                if person.label != kept.label || person.ends != kept.ends || templates != kept.templates {
                    faults.append("\(gallery): \(id) is not as it should be on \(device.id)")
                }
            }
        }
    }
}
