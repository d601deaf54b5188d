import HubAccess
import HubDomain
import TestKit
import Testing
import WireModel

/// What accounts and operator write to each other, and to everybody.
@Suite("Feedback, announcements, incidents")
struct WordTests {
    private let served: ServedHub
    private let clock: ManualClock

    init() async throws {
        clock = ManualClock.startingNow()
        served = try await ServedHub(clock: clock)
    }

    private var hub: Hub { served.hub }
    private static let member = Actor(.member, "mem_x")
    private static let staff = Actor(.operator, "opr_x")

    @Test("a report goes from the account to the answer and back, is told, and is nobody else's")
    func feedback() async throws {
        let account: Account = try await hub.openTestAccount("Acme", email: "owner@acme.example")
        let other: Account = try await hub.openTestAccount("Other", email: "owner@other.example")
        let opened: FeedbackCase = try await hub.openCase(
            FeedbackDraft(kind: .opinion, category: nil, subject: " More colours ", body: "Please."), account: account.id, by: Self.member)
        #expect(opened.state == .open && opened.subject == "More colours")
        clock.advance(by: .seconds(1))
        #expect(try await hub.write("They are on their way.", to: opened.id, account: nil, by: Self.staff).state == .answered)
        #expect(try await hub.notices(account.id).contains { $0.kind == "feedback" && $0.link == "/account/feedback/\(opened.id)" })
        clock.advance(by: .seconds(1))
        #expect(try await hub.write("Thanks.", to: opened.id, account: account.id, by: Self.member).state == .open)
        clock.advance(by: .seconds(1))
        #expect(try await hub.write("Done.", to: opened.id, account: nil, closes: true, by: Self.staff).state == .closed)
        let (found, messages): (FeedbackCase, [FeedbackMessage]) = try await hub.feedbackCase(opened.id, account: account.id)
        #expect(found.state == .closed && messages.map(\.isOperator) == [false, true, false, true] && messages.map(\.body).first == "Please.")
        #expect(try await hub.cases(other.id).isEmpty)
        #expect(try await hub.cases(nil).map(\.id) == [opened.id])
        await #expect(throws: Problem.self) { try await hub.feedbackCase(opened.id, account: other.id) }
        await #expect(throws: Problem.self) { try await hub.write("Mine?", to: opened.id, account: other.id, by: Self.member) }
        #expect(try await hub.feedbackCase(opened.id, account: nil).messages.count == 4)
        #expect(try await hub.auditEntries(account: account.id).map(\.action).filter { $0.hasPrefix("feedback.") }.count == 4)
    }

    @Test("a report of unlawful use names its category, and no other does; empty words are refused")
    func drafts() async throws {
        let account: Account = try await hub.openTestAccount()
        let bad: [FeedbackDraft] = [
            FeedbackDraft(kind: .unlawful, category: nil, subject: "a", body: "b"),
            FeedbackDraft(kind: .unlawful, category: "unlawful-weather", subject: "a", body: "b"),
            FeedbackDraft(kind: .opinion, category: "unlawful-other", subject: "a", body: "b"),
            FeedbackDraft(kind: .opinion, category: nil, subject: " ", body: "b"),
            FeedbackDraft(kind: .opinion, category: nil, subject: "a", body: " "),
        ]
        for draft in bad { await #expect(throws: Problem.self) { try await hub.openCase(draft, account: account.id, by: Self.member) } }
        for category in FeedbackCase.categories {
            _ = try await hub.openCase(FeedbackDraft(kind: .unlawful, category: category, subject: "a", body: "b"), account: account.id, by: Self.member)
        }
        #expect(try await hub.cases(account.id).count == 9)
    }

    @Test("an announcement stands from its time to its end for its audience, and each account is told once, when its time has come")
    func announcements() async throws {
        let user: Account = try await hub.openTestAccount("Acme", email: "owner@acme.example")
        let other: Account = try await hub.openTestAccount("Other", email: "owner@other.example")
        let application: Application = try await hub.makeApplication("app", account: user.id, by: .test)
        try await hub.grant(.search, to: application.id, of: user)
        func announce(_ audience: String, after: Duration, for term: Duration? = nil) async throws -> Announcement {
            let begins: Timestamp = hub.now().advanced(by: after)
            return try await hub.announce(
                [.en: PublicText(title: "t", body: audience), .zh: PublicText(title: "题", body: audience)], to: audience, begins: begins,
                ends: term.map { begins.advanced(by: $0) }, by: Self.staff)
        }
        func standing(_ account: AccountID?) async throws -> Set<String> { Set(try await hub.announcementsInForce(for: account).map(\.audience)) }
        func told(_ account: AccountID) async throws -> [String] { try await hub.notices(account).filter { $0.kind == "announcement" }.map(\.body).sorted() }
        _ = try await announce(Announcement.everybody, after: .zero, for: .seconds(3_600))
        _ = try await announce(Announcement.accounts, after: .zero)
        let search: Announcement = try await announce("face.search", after: .zero)
        let later: Announcement = try await announce("face.compare", after: .seconds(60))
        #expect(try await standing(nil) == ["everybody"])
        #expect(try await standing(user.id) == ["everybody", "accounts", "face.search"])
        #expect(try await standing(other.id) == ["everybody", "accounts"])
        for _ in 0..<2 { try await hub.tellAnnouncements() }
        #expect(try await told(user.id) == ["accounts", "everybody", "face.search"])
        #expect(try await told(other.id) == ["accounts", "everybody"])
        try await hub.withdrawAnnouncement(later.id, by: Self.staff)
        try await hub.withdrawAnnouncement(search.id, by: Self.staff)
        await #expect(throws: Problem.self) { try await hub.withdrawAnnouncement(search.id, by: Self.staff) }
        clock.advance(by: .seconds(3_601))
        try await hub.tellAnnouncements()
        #expect(try await standing(nil).isEmpty)
        #expect(try await standing(user.id) == ["accounts"])
        #expect(try await told(user.id).count == 3, "what was withdrawn before its time is told to nobody")
        await #expect(throws: Problem.self) { try await announce("nobody", after: .zero) }
        await #expect(throws: Problem.self) {
            try await hub.announce([.en: PublicText(title: "t", body: "b")], to: Announcement.everybody, begins: nil, ends: nil, by: Self.staff)
        }
    }

    @Test("an incident keeps every word on record, and is over when it is said to be; nothing is added after")
    func incidents() async throws {
        let words: [Language: String] = [.en: "slow", .zh: "缓慢"]
        let incident: Incident = try await hub.openIncident(.attack, impact: .degraded, titles: words, texts: words, by: Self.staff)
        #expect(incident.resolved == nil && incident.updates.map(\.state) == [.investigating])
        clock.advance(by: .seconds(60))
        _ = try await hub.updateIncident(incident.id, state: .monitoring, texts: words, by: Self.staff)
        clock.advance(by: .seconds(60))
        let over: Incident = try await hub.updateIncident(incident.id, state: .resolved, texts: words, by: Self.staff)
        #expect(over.resolved == hub.now() && over.updates.map(\.state) == [.resolved, .monitoring, .investigating])
        await #expect(throws: Problem.self) { try await hub.updateIncident(incident.id, state: .investigating, texts: words, by: Self.staff) }
        await #expect(throws: Problem.self) { try await hub.openIncident(.fault, impact: .none, titles: [.en: "only"], texts: words, by: Self.staff) }
        #expect(try await hub.incidents().map(\.id) == [incident.id])
    }
}
