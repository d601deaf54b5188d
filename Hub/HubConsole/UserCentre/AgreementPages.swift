import HubAPI
import HubDomain
import RecognitionAPI
import WireModel

/// The agreements as an account sees them: which, decided how, what changed, and the decision.
struct AgreementPages: Sendable {
    let console: Console

    private var hub: Hub { console.hub }
    private static let deciders: Set<MemberRole> = [.owner, .admin]
    private static let one: String = "/account/agreements/{document}/{number}"

    var routes: [Route] {
        [
            console.page("/account/agreements", .everyMember, "Where the account stands with each agreement.", list),
            console.page(Self.one, .everyMember, "Read a version, see what changed, and decide.", one),
            console.action(
                Self.one, .member(Self.deciders), "Accept or decline a version.",
                fields: [.required("hash", .digest), .required("decision", .choices(AcceptanceDecision.self))], back: one
            ) { visit in
                let member = try visit.call.member
                guard let decision = AcceptanceDecision(rawValue: visit.sent.text("decision")) else {
                    throw Problem(.invalidRequest, "Accept or decline.", remedy: "Use one of the two buttons.")
                }
                try await hub.decide(
                    AcceptedText(document: visit.call.path["document"] ?? "", number: try number(visit), hash: visit.sent.text("hash")), decision: decision,
                    account: member.account, person: member.principal, address: visit.call.address)
                return .to("/account/agreements?done=decided")
            },
        ]
    }

    private func number(_ visit: Visit) throws(Problem) -> Int64 {
        guard let number = Int64(visit.call.path["number"] ?? ""), number > 0 else {
            throw Problem(.notFound, "There is no such version.", detail: visit.call.path["number"] ?? "", remedy: "Choose one of the list.")
        }
        return number
    }

    static func cell(_ decision: AcceptanceDecision?, _ visit: Visit) -> CellView {
        switch decision {
        case .accepted: .badge(visit.say("accepted", "已接受"), .good)
        case .declined: .badge(visit.say("declined", "已拒绝"), .bad)
        case nil: .badge(visit.say("undecided", "未决定"), .warm)
        }
    }

    @Sendable private func list(_ visit: Visit) async throws -> ConsolePage {
        let all: [AgreementStatus] = try await hub.agreementStatus(try visit.call.member.account)
        let rows: [[CellView]] = all.flatMap { status -> [[CellView]] in
            ([(status.inForce, status.decision)] + (status.upcoming.map { [($0, status.upcomingDecision)] } ?? [])).map { version, decision in
                [
                    .link(
                        version.titles[visit.language.rawValue] ?? version.document, "/account/agreements/\(version.document)/\(version.number)",
                        under: version.document),
                    .text("\(version.number)"), .text(visit.shown(version.effective)), Self.cell(decision, visit),
                ]
            }
        }
        return ConsolePage(
            side: .member, title: visit.say("Agreements", "协议"),
            lead: visit.say(
                "What binds calls. The terms of an API are decided on when it is applied for, or here.", "约束调用的协议。接口条款可在申请时或在此决定。"),
            section: "/account/agreements",
            blocks: [
                Block(
                    table: TableView(
                        visit.say("Agreements", "协议"),
                        [visit.say("Agreement", "协议"), visit.say("Version", "版本"), visit.say("In force from", "生效时间"), visit.say("Decision", "决定")],
                        numbers: [1], rows: rows, nothing: visit.say("There are none.", "暂无协议。")))
            ])
    }

    @Sendable private func one(_ visit: Visit) async throws -> ConsolePage {
        let (document, number): (String, Int64) = (visit.call.path["document"] ?? "", try number(visit))
        let text: AgreementText = try await hub.agreementText(document, number: number, language: visit.language)
        let versions: [AgreementVersion] = try await hub.agreementVersions(of: document)
        let status: AgreementStatus? = try await hub.agreementStatus(try visit.call.member.account).first { $0.document == document }
        var blocks: [Block] = []
        let decision: AcceptanceDecision? = number == status?.inForce.number ? status?.decision : status?.upcomingDecision
        let isDecidable: Bool = number == status?.inForce.number || number == status?.upcoming?.number
        blocks.append(
            .facts(
                [
                    (visit.say("Version", "版本"), "\(number)"),
                    (visit.say("In force from", "生效时间"), versions.first { $0.number == number }.map { visit.shown($0.effective) } ?? ""),
                    (visit.say("Your decision", "您的决定"), isDecidable ? Self.cell(decision, visit).content : visit.say("No longer asked for", "无需决定")),
                ]))
        if let before = versions.first(where: { $0.number < number }) {
            let old: AgreementText = try await hub.agreementText(document, number: before.number, language: visit.language)
            blocks += [
                .heading(visit.say("What changed since version \(before.number)", "与第 \(before.number) 版的差异"), id: "changes"),
                Block(difference: TextDifference.lines(from: old.body, to: text.body, added: visit.say("added", "新增"), removed: visit.say("removed", "删除"))),
                .heading(visit.say("The whole text", "全文"), id: "text"),
            ]
        }
        let reader = Reader(visit.call, path: visit.path, now: hub.now())
        blocks.append(Block(prose: AgreementPage(text, reader).blocks))
        if isDecidable, visit.may(Self.deciders) {
            for (choice, submit) in [
                (AcceptanceDecision.accepted, visit.say("I have read and accept this version", "我已阅读并接受此版本")),
                (.declined, visit.say("Decline", "拒绝")),
            ] where decision != choice {
                var form: FormView = visit.form(visit.path, submit)
                form.hidden = [.init(hiddenName: "hash", hiddenValue: text.hash), .init(hiddenName: "decision", hiddenValue: choice.rawValue)]
                (form.isDangerous, form.isInline) = (choice == .declined, choice == .declined)
                blocks.append(Block(form: form))
            }
        } else if isDecidable {
            blocks.append(.text(visit.say("Owners and admins of the account decide.", "由账户所有者或管理员决定。")))
        }
        return ConsolePage(side: .member, title: text.title, section: "/account/agreements", blocks: blocks)
    }
}
