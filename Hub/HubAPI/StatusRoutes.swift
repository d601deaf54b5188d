import HTTPTypes
import HubDomain
import RecognitionAPI
import WireModel

/// What the operator announces, and what is or was wrong: for everybody to read (S11).
struct StatusRoutes {
    let hub: Hub

    private static let support: Access = .operator([.administrator, .support])

    private struct AnnouncementView: Encodable {
        let id: AnnouncementID
        let audience: String
        let title: String
        let body: String
        let begins: Timestamp
        let ends: Timestamp?

        init(_ announcement: Announcement, _ language: Language) {
            let text: PublicText = announcement.text(in: language)
            (id, audience, title, body) = (announcement.id, announcement.audience, text.title, text.body)
            (begins, ends) = (announcement.begins, announcement.ends)
        }
    }

    private struct IncidentView: Encodable {
        struct Update: Encodable {
            let state: String
            let text: String
            let written: Timestamp
        }

        let id: IncidentID
        let kind: String
        let impact: String
        let title: String
        let begins: Timestamp
        let resolved: Timestamp?
        let updates: [Update]

        init(_ incident: Incident, _ language: Language) {
            (id, kind, impact) = (incident.id, incident.kind.rawValue, incident.impact.rawValue)
            title = incident.titles[language] ?? ""
            (begins, resolved) = (incident.begins, incident.resolved)
            updates = incident.updates.map { Update(state: $0.state.rawValue, text: $0.texts[language] ?? "", written: $0.written) }
        }
    }

    private struct NewAnnouncement: Decodable {
        let audience: String
        let titles: [String: String]
        let texts: [String: String]
        let begins: Timestamp?
        let ends: Timestamp?
    }

    private struct News: Decodable {
        let kind: String?
        let impact: String?
        let state: String?
        let titles: [String: String]?
        let texts: [String: String]
    }

    private static func both(_ texts: [String: String]) -> [Language: String] {
        texts.reduce(into: [:]) { texts, pair in Language(rawValue: pair.key).map { texts[$0] = pair.value } }
    }

    var routes: [Route] {
        [
            Route(.get, "/v1/announcements", .open, "What stands for everybody, newest first.", success: (200, Schemas.items("Announcement"))) { call in
                try .json(Items(items: try await hub.announcementsInForce(for: nil).map { AnnouncementView($0, call.language) }))
            },
            Route(.get, "/v1/account/announcements", .everyMember, "What stands for the account, newest first.", success: (200, Schemas.items("Announcement")))
            {
                call in
                try .json(Items(items: try await hub.announcementsInForce(for: try call.member.account).map { AnnouncementView($0, call.language) }))
            },
            Route(.get, "/v1/status", .open, "Incidents under way and over, newest first.", success: (200, Schemas.items("Incident"))) { call in
                try .json(Items(items: try await hub.incidents().map { IncidentView($0, call.language) }))
            },
            Route(
                .post, "/v1/operator/announcements", Self.support, "Announce something, now or from a time to come; accounts are told then.",
                body: .object([
                    .required("audience", .text(1...64), "everybody, accounts, or an API: who uses it"), .required("titles", Schemas.both),
                    .required("texts", Schemas.both), .optional("begins", .time), .optional("ends", .time),
                ]), success: (201, .reference("Announcement"))
            ) { call in
                let body: NewAnnouncement = try call.value(NewAnnouncement.self)
                let texts: [Language: PublicText] = Language.allCases.reduce(into: [:]) {
                    $0[$1] = PublicText(title: body.titles[$1.rawValue] ?? "", body: body.texts[$1.rawValue] ?? "")
                }
                let made: Announcement = try await hub.announce(texts, to: body.audience, begins: body.begins, ends: body.ends, by: try call.actor)
                return try .json(AnnouncementView(made, call.language), status: 201)
            },
            Route(.delete, "/v1/operator/announcements/{announcement}", Self.support, "Withdraw an announcement.", success: (204, nil)) { call in
                try await hub.withdrawAnnouncement(try call.id("announcement"), by: try call.actor)
                return .nothing
            },
            Route(
                .post, "/v1/operator/incidents", Self.support, "Put an incident on the public record.",
                body: .object([
                    .required("kind", .choices(Incident.Kind.self)), .required("impact", .choices(Incident.Impact.self)), .required("titles", Schemas.both),
                    .required("texts", Schemas.both),
                ]), success: (201, .reference("Incident"))
            ) { call in
                let body: News = try call.value(News.self)
                let made: Incident = try await hub.openIncident(
                    body.kind.flatMap(Incident.Kind.init(rawValue:)) ?? .fault, impact: body.impact.flatMap(Incident.Impact.init(rawValue:)) ?? .none,
                    titles: Self.both(body.titles ?? [:]), texts: Self.both(body.texts), by: try call.actor)
                return try .json(IncidentView(made, call.language), status: 201)
            },
            Route(
                .post, "/v1/operator/incidents/{incident}/updates", Self.support, "Say what is known of an incident now.",
                body: .object([.required("state", .choices(Incident.State.self)), .required("texts", Schemas.both)]), success: (201, .reference("Incident"))
            ) { call in
                let body: News = try call.value(News.self)
                let made: Incident = try await hub.updateIncident(
                    try call.id("incident"), state: body.state.flatMap(Incident.State.init(rawValue:)) ?? .investigating, texts: Self.both(body.texts),
                    by: try call.actor)
                return try .json(IncidentView(made, call.language), status: 201)
            },
        ]
    }
}
