import Biometrics
import HubAccess
import HubDomain
import HubStorage
import ServiceSupport
import TestKit
import Testing
import WireModel

@Suite("Changes down to devices")
struct FeedTests {
    @Test("nothing of a person flows without consent for devices; with it label, end and templates come, number for number; withdrawn, they are erased")
    func consent() async throws {
        let fixture = try await GalleryFixture()
        let device: FedDevice = try await fixture.terminal()
        let (ada, bob): (Template, Template) = (try GalleryFixture.face(), try GalleryFixture.face())
        let made: Enrolment = try await fixture.enrol(ada, "Ada 李", onDevices: true)
        let kept: Enrolment = try await fixture.enrol(bob, "Bob")
        try await device.sync()
        #expect(device.galleries[fixture.gallery.id]?.persons.keys.sorted() == [made.person])
        let held: FeedPerson? = device.galleries[fixture.gallery.id]?.persons[made.person]
        #expect(held?.label == "Ada 李" && held?.ends == fixture.consent().expires && held?.templates.count == 1)
        #expect(held?.templates.first.map { $0.values.bytes == ada.littleEndianBytes && $0.model == ada.model.rawValue } == true)
        #expect(device.galleries[fixture.gallery.id]?.terms?.name == "staff" && device.differences == 0)

        // What the hub does with Bob is no device's business, until he agrees.
        _ = try await fixture.hub.changePerson(kept.person, label: "Robert", in: fixture.gallery.id, of: fixture.owner, by: .test)
        try await device.sync()
        #expect(device.galleries[fixture.gallery.id]?.persons.count == 1)
        for agrees in [true, false, true, false] {
            _ = try await fixture.hub.changePerson(
                kept.person, consent: fixture.consent(onDevices: agrees), in: fixture.gallery.id, of: fixture.owner, by: .test)
            try await device.sync()
            #expect((device.galleries[fixture.gallery.id]?.persons[kept.person] != nil) == agrees)
        }
        #expect(try await fixture.recognise(bob) == kept.person, "on the hub he stays")
        #expect(device.differences == 0 && device.restarts == 1)
    }

    @Test("a device without a group has nothing; it is given its group's galleries, and moved it erases what the new group has not")
    func groups() async throws {
        let fixture = try await GalleryFixture()
        let second: Gallery = try await fixture.hub.makeGallery("visitors", of: fixture.owner, by: .test)
        try await fixture.enrol(try GalleryFixture.face(), "Ada", onDevices: true)
        let loose = try await FedDevice(hub: fixture.hub, clock: fixture.clock, account: fixture.account.id.rawValue)
        try await loose.sync()
        #expect(loose.galleries.isEmpty && loose.configuration == .standard)
        let device: FedDevice = try await fixture.terminal()
        try await device.sync()
        #expect(device.galleries.keys.sorted() == [fixture.gallery.id] && device.configuration.version == 1)
        _ = try await fixture.hub.makeDeviceGroup("gates", account: fixture.account.id.rawValue, by: .test)
        _ = try await fixture.hub.assign("visitors", to: "gates", by: .test)
        _ = try await fixture.hub.configureDeviceGroup("gates", by: .test) { _ in
            DeviceConfiguration(
                version: 99, contactMilliseconds: 5_000, resultRetentionDays: 7, storeBytes: 1 << 30, links: .unmetered, bytesPerDay: 1_000_000,
                targetFalseMatchRate: 1e-4)
        }
        #expect(try await fixture.hub.move(device.id, to: "gates", by: .test).group != nil)
        try await device.sync()
        #expect(device.galleries.keys.sorted() == [second.id])
        #expect(device.configuration.contactMilliseconds == 5_000 && device.configuration.version == 2 && device.configuration.links == .unmetered)
        _ = try await fixture.hub.move(device.id, to: nil, by: .test)
        try await device.sync()
        #expect(device.galleries.isEmpty && device.configuration == .standard)
    }

    @Test("another account's gallery cannot be assigned and another account's group cannot be joined, by id or by name")
    func tenants() async throws {
        let fixture = try await GalleryFixture()
        let hub: Hub = fixture.hub
        let other: Account = try await hub.openTestAccount("Other", email: "owner@other.example")
        let owner: GalleryOwner = try await GalleryFixture.owner(other, hub)
        let foreign: Gallery = try await hub.makeGallery("foreign", of: owner, by: .test)
        let device: FedDevice = try await fixture.terminal()
        let group: DeviceGroup = try await hub.makeDeviceGroup("theirs", account: "Other", by: .test)
        for reference in [foreign.id.rawValue, "foreign"] {
            await #expect(throws: Problem.self) { try await hub.assign(reference, to: "doors", by: .test) }
        }
        await #expect(throws: Problem.self) { try await hub.assign(fixture.gallery.id.rawValue, to: group.id.rawValue, by: .test) }
        for reference in [group.id.rawValue, "theirs"] {
            await #expect(throws: Problem.self) { try await hub.move(device.id, to: reference, by: .test) }
            await #expect(throws: Problem.self) {
                try await hub.issueToken(account: fixture.account.id.rawValue, lifetime: .seconds(60), group: reference, by: .test)
            }
        }
        try await device.sync()
        #expect(device.galleries.keys.sorted() == [fixture.gallery.id])
    }

    @Test("the answer to a sync without news is one completion a gallery; a cursor of another device or a forged one begins everything anew")
    func cursors() async throws {
        let fixture = try await GalleryFixture()
        let (device, other): (FedDevice, FedDevice) = (try await fixture.terminal(), try await fixture.terminal())
        try await fixture.enrol(try GalleryFixture.face(), "Ada", onDevices: true)
        try await device.sync()
        try await other.sync()
        #expect(try await device.sync().count == 1)
        let own: String? = device.cursor
        for forged in [other.cursor, own.map { "x" + $0 }, own.map { $0.dropLast() + "0" + "" }, own.map { String($0.split(separator: ".")[0]) }, "", nil] {
            let before: Int = device.restarts
            device.cursor = forged
            try await device.sync()
            #expect(device.restarts == before + (forged == own ? 0 : 1), "\(forged ?? "none")")
            #expect(device.galleries[fixture.gallery.id]?.persons.count == 1 && device.differences == 0)
        }
        // A hub whose cursors were not bound to their device would take it: the check above can fail.
        let json: String? = other.cursor.flatMap { Base64(text: String($0.split(separator: ".")[0])) }.map { String(decoding: $0.bytes, as: UTF8.self) }
        let mac: String = SecretSealer(key: fixture.hub.keys.sealingKey).mac(json ?? "", context: "feed-cursor/" + device.id.rawValue)
        device.cursor = Base64(Array((json ?? "").utf8)).text + "." + mac
        let before: Int = device.restarts
        try await device.sync()
        #expect(device.restarts == before)
    }
}
