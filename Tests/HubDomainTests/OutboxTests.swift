import HubAccess
import HubDomain
import HubOutbound
import HubStorage
import ServiceSupport
import Synchronization
import TestKit
import Testing
import WireModel

@Suite("Outbox")
struct OutboxTests {
    /// Takes what it is handed, or refuses as told. Real servers are asked in `HubOutboundTests`.
    private final class Postbox: MailTransport, Sendable {
        private let state = Mutex<(taken: [MailMessage], refusal: MailTransportError?)>(([], nil))

        func refuse(_ refusal: MailTransportError?) { state.withLock { $0.refusal = refusal } }
        var taken: [MailMessage] { state.withLock { $0.taken } }

        func send(_ message: MailMessage) async throws(MailTransportError) {
            let refusal: MailTransportError? = state.withLock { state in
                if state.refusal == nil { state.taken.append(message) }
                return state.refusal
            }
            if let refusal { throw refusal }
        }
    }

    private func invite(_ hub: Hub, _ count: Int = 1) async throws {
        for number in 0..<count {
            _ = try await hub.inviteOperator(try EmailAddress("o\(number)@provider.example"), role: .auditor, language: .zh, by: .test)
        }
    }

    @Test("a mail goes out once, in its reader's language, and what it said is erased")
    func once() async throws {
        let fixture = try await HubFixture()
        let postbox = Postbox()
        try await fixture.hub.set(.mailFrom, to: "Vultus <hub@provider.example>", by: .test)
        try await invite(fixture.hub)
        #expect(try await fixture.hub.deliverMail(through: postbox) == 1)
        #expect(try await fixture.hub.deliverMail(through: postbox) == 0)
        let message: MailMessage = try #require(postbox.taken.first)
        #expect(postbox.taken.count == 1)
        #expect(message.to == "o0@provider.example" && message.from == "Vultus <hub@provider.example>" && message.language == "zh")
        #expect(message.text.contains("vmt_"))
        let row: SQLRow = try await fixture.database.rows("SELECT state, sealed FROM mail")[0]
        #expect(try row.text("state") == "sent" && row.blobOrNil("sealed") == nil)
    }

    @Test("a server that does not take mail is asked again at growing distances, and given up after eighteen times")
    func transient() async throws {
        let fixture = try await HubFixture()
        let postbox = Postbox()
        postbox.refuse(.transient(reason: "greylisted"))
        try await invite(fixture.hub)
        var waits: [Int64] = []
        for _ in 0..<18 {
            #expect(try await fixture.hub.deliverMail(through: postbox) == 0)
            let mail: OutboxMail = try await fixture.hub.outbox()[0]
            waits.append(mail.next.since(fixture.hub.now()).components.seconds)
            #expect(mail.fault == "greylisted")
            fixture.clock.advance(by: mail.next.since(fixture.hub.now()))
        }
        #expect(Array(waits.prefix(9)) == [60, 120, 240, 480, 960, 1_920, 3_840, 7_680, 14_400])
        #expect(waits.dropFirst(9).allSatisfy { $0 == 14_400 })
        let mail: OutboxMail = try await fixture.hub.outbox()[0]
        #expect(mail.state == "failed" && mail.attempts == 18)
        #expect(try await fixture.database.rows("SELECT sealed FROM mail")[0].blobOrNil("sealed") == nil)
    }

    @Test("a mailbox that will never take it is not asked again; the next mail goes out all the same")
    func permanent() async throws {
        let fixture = try await HubFixture()
        let postbox = Postbox()
        postbox.refuse(.permanent(reason: "no such mailbox"))
        try await invite(fixture.hub)
        #expect(try await fixture.hub.deliverMail(through: postbox) == 0)
        postbox.refuse(nil)
        fixture.clock.advance(by: .seconds(86_400))
        #expect(try await fixture.hub.deliverMail(through: postbox) == 0)
        #expect(try await fixture.hub.outbox().map(\.state) == ["failed"])
        _ = try await fixture.hub.inviteOperator(try EmailAddress("next@provider.example"), role: .auditor, language: .en, by: .test)
        #expect(try await fixture.hub.deliverMail(through: postbox) == 1)
    }

    @Test("two hubs at the same outbox send each mail once; a hub that died with a mail in hand is stood in for after two minutes")
    func together() async throws {
        let fixture = try await HubFixture()
        let postbox = Postbox()
        try await invite(fixture.hub, 30)
        let (hub, other): (Hub, Hub) = (
            fixture.hub,
            try await Hub.open(directory: fixture.directory, database: fixture.database.location, mayMake: false, clock: fixture.clock, passwords: .quick)
        )
        async let here: Int = hub.deliverMail(through: postbox)
        async let there: Int = other.deliverMail(through: postbox)
        #expect(try await here + there == 30)
        #expect(Set(postbox.taken.map(\.id)).count == 30 && postbox.taken.count == 30)
        await other.close()

        _ = try await hub.inviteOperator(try EmailAddress("late@provider.example"), role: .auditor, language: .en, by: .test)
        // Claimed, and the hub that claimed it is gone.
        try await fixture.database.execute(
            "UPDATE mail SET attempts = 1, next_ms = ? WHERE state = 'queued'", [.integer(hub.now().advanced(by: .seconds(120)).milliseconds)])
        #expect(try await hub.deliverMail(through: postbox) == 0)
        fixture.clock.advance(by: .seconds(121))
        #expect(try await hub.deliverMail(through: postbox) == 1)
    }

    @Test("the mailboxes of mails long sent, and what strangers' requests left, are cleared away")
    func cleared() async throws {
        let fixture = try await HubFixture()
        try await invite(fixture.hub)
        try await fixture.hub.forgotPassword(try EmailAddress("nobody@nowhere.example"), isOperator: false, language: .en, address: "192.0.2.9")
        #expect(try await fixture.database.rows("SELECT id FROM mail").count == 2)
        _ = try await fixture.hub.deliverMail(through: Postbox())
        #expect(try await fixture.database.rows("SELECT id FROM mail").count == 1)
        fixture.clock.advance(by: .seconds(31 * 86_400))
        try await fixture.hub.clearExpired()
        #expect(try await fixture.database.rows("SELECT id FROM mail").isEmpty)
        #expect(try await fixture.database.rows("SELECT hash FROM mail_token").isEmpty)
    }
}
