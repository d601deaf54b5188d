import HTTPTypes
import HubAccess
import HubDomain
import RecognitionAPI
import WireModel

/// The account itself: profile, members, domain, standing, notices, export, closing.
struct AccountRoutes {
    let hub: Hub

    private struct Profile: Encodable {
        let account: Account
        let registration: HubDomain.Registration
        let member: Member
        let next: [String]
    }

    private struct StandingReport: Encodable {
        let account: Account
        let registration: HubDomain.Registration
        let history: [StandingChange]
        let measures: [Measure]
    }

    private struct Change: Decodable {
        let name: String?
        let language: Language?
    }

    private static let managers: Access = .member([.owner, .admin])

    var routes: [Route] { profile + people + standing }

    private func next(_ account: Account, _ registration: HubDomain.Registration, _ agreements: [AgreementStatus], _ language: Language) -> [String] {
        switch account.standing {
        case .ended:
            return [
                language.text(
                    "The account has ended. POST /v1/account/export gives everything the hub holds of it.", "账户已终止。可通过 POST /v1/account/export 导出全部数据。")
            ]
        case .suspended: return [language.text("The account is suspended: GET /v1/account/standing says why.", "账户已被暂停，原因见 GET /v1/account/standing。")]
        case .pending, .active, .lapsed: break
        }
        var steps: [String] = []
        for status in agreements where status.decision != .accepted {
            let name: String = "\(status.document) \(status.inForce.number)"
            if status.decision == .declined {
                steps.append(
                    language.text("\(name) is declined: calls it binds are refused until it is accepted.", "已拒绝 \(name)：在接受之前，受其约束的调用将被拒绝。"))
            } else if status.inForce.rule == .explicit, status.document != "general" || registration.agreementAccepted {
                steps.append(
                    language.text(
                        "Read and accept \(name): POST /v1/account/agreements/decisions. Calls it binds are refused without, at the latest when its grace is over.",
                        "请阅读并接受 \(name)：POST /v1/account/agreements/decisions。未接受时，受其约束的调用将被拒绝（最迟自宽限期满起）。"))
            }
        }
        if !registration.emailProven {
            steps.append(
                language.text("Open the link in the confirmation mail, or POST /v1/account/verify-email/resend.", "打开确认邮件中的链接，或重新发送确认邮件。"))
        }
        if !registration.agreementAccepted { steps.append(language.text("Accept the general agreement.", "接受服务总协议。")) }
        if registration.domainProven == false {
            steps.append(
                language.text(
                    "Publish the record at GET /v1/account/domain, then POST /v1/account/domain/check.", "按域名页面的提示发布记录，然后进行检查。"))
        }
        return steps
    }

    private var profile: [Route] {
        [
            Route(.get, "/v1/account", .everyMember, "The account, its standing, and what is still to be done.", success: (200, .reference("Profile"))) {
                call in
                let member = try call.member
                let account: Account = try await hub.account(member.account.rawValue)
                let registration: HubDomain.Registration = try await hub.registration(account)
                return try .json(
                    Profile(
                        account: account, registration: registration, member: try Member(of: member.principal),
                        next: next(account, registration, try await hub.agreementStatus(account.id), call.language)))
            },
            Route(
                .patch, "/v1/account", Self.managers, "Change the account's name or language.",
                body: .object([.optional("name", Schemas.name), .optional("language", Schemas.language)]), success: (200, .reference("Account"))
            ) { call in
                let change: Change = try call.value(Change.self)
                return try .json(
                    try await hub.changeAccount(try call.member.account, name: change.name, language: change.language, by: try call.actor))
            },
            Route(.get, "/v1/account/domain", .everyMember, "The enterprise's domain and how to prove it.", success: (200, .reference("DomainProof"))) { call in
                try .json(try await hub.domainProof(try call.member.account))
            },
            Route(
                .post, "/v1/account/domain/check", Self.managers, "Look for the proof now.", success: (200, .reference("DomainProof"))
            ) { call in
                let account: AccountID = try call.member.account
                try await hub.limitDomainChecks(account)
                return try .json(try await hub.checkDomain(account, by: try call.actor))
            },
            Route(.get, "/v1/account/notices", .everyMember, "What the account was told, newest first.", success: (200, Schemas.items("Notice"))) { call in
                try .json(Items(items: try await hub.notices(try call.member.account)))
            },
            Route(
                .post, "/v1/account/notices/{notice}/read", .everyMember, "Mark a notice as read.", success: (200, .reference("Notice")), isForEnded: true
            ) { call in try .json(try await hub.readNotice(try call.id("notice"), account: try call.member.account)) },
        ]
    }

    private var people: [Route] {
        [
            Route(.get, "/v1/account/members", .everyMember, "The account's members.", success: (200, Schemas.items("Member"))) { call in
                try .json(Items(items: try await hub.members(try call.member.account)))
            },
            Route(
                .post, "/v1/account/members", Self.managers, "Invite a member by mail; enterprises only, on their own domain.",
                body: .object([
                    .required("email", .email), .required("role", .choices(MemberRole.self)), .optional("language", Schemas.language),
                ]), success: (201, .reference("Member"))
            ) { call in
                let member = try call.member
                let invited: Member = try await hub.invite(
                    try EmailAddress(call.text("email")), role: MemberRole(rawValue: call.text("role")) ?? .auditor, to: member.account,
                    language: Language(rawValue: call.text("language")) ?? call.language, inviter: member.role, by: try call.actor)
                return try .json(invited, status: 201)
            },
            Route(
                .patch, "/v1/account/members/{member}", Self.managers, "Change a member's role.",
                body: .object([.required("role", .choices(MemberRole.self))]), success: (200, Schemas.items("Member"))
            ) { call in
                let member = try call.member
                try await hub.setMember(
                    call.path["member"] ?? "", of: member.account, role: MemberRole(rawValue: call.text("role")), changer: member.role, by: try call.actor)
                return try .json(Items(items: try await hub.members(member.account)))
            },
            Route(
                .delete, "/v1/account/members/{member}", Self.managers, "Take a member out; ends their sessions.", success: (204, nil)
            ) { call in
                let member = try call.member
                try await hub.setMember(call.path["member"] ?? "", of: member.account, role: nil, changer: member.role, by: try call.actor)
                return .nothing
            },
        ]
    }

    private var standing: [Route] {
        [
            Route(
                .get, "/v1/account/standing", .everyMember, "The standing, every change of it with its ground, and every measure.",
                success: (200, .reference("StandingReport"))
            ) { call in
                let id: AccountID = try call.member.account
                let account: Account = try await hub.account(id.rawValue)
                return try .json(
                    StandingReport(
                        account: account, registration: try await hub.registration(account), history: try await hub.standingHistory(id),
                        measures: try await hub.measures(id)))
            },
            Route(
                .get, "/v1/account/audit", .member([.owner, .admin, .auditor]), "Audited acts that concern the account, newest first.",
                query: [
                    .init(name: "before", schema: .count, about: "only entries before this place"),
                    .init(name: "limit", schema: .integer(1...500), about: "at most this many; 100 otherwise"),
                ], success: (200, Schemas.items("AuditEntry"))
            ) { call in
                try .json(
                    Items(
                        items: try await hub.auditEntries(
                            account: try call.member.account, before: call.query["before"].flatMap(Int64.init) ?? 0,
                            limit: call.query["limit"].flatMap(Int.init) ?? 100)))
            },
            Route(
                .post, "/v1/account/export", .member([.owner, .admin]), "Everything the hub holds of the account, as JSON.", success: (200, .map(.anything)),
                isForEnded: true
            ) { call in try .json(try await hub.export(try call.member.account, by: try call.actor)) },
            Route(.get, "/v1/account/closure", .everyMember, "Requests to close the account, newest first.", success: (200, Schemas.items("Closure"))) { call in
                try .json(Items(items: try await hub.closures(try call.member.account)))
            },
            Route(
                .post, "/v1/account/closure", .member([.owner]), "Ask to close the account.", body: .object([.required("reason", .text(0...1_000))]),
                success: (201, .reference("Closure"))
            ) { call in
                try .json(try await hub.requestClosure(try call.member.account, reason: call.text("reason"), by: try call.actor), status: 201)
            },
            Route(.delete, "/v1/account/closure", .member([.owner]), "Withdraw the request.", success: (204, nil)) { call in
                try await hub.withdrawClosure(try call.member.account, by: try call.actor)
                return .nothing
            },
        ]
    }
}
