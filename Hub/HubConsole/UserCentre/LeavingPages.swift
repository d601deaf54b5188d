import HTTPTypes
import HubAPI
import HubDomain
import RecognitionAPI
import WireModel

/// Taking everything along, and ending the account (S12).
struct LeavingPages: Sendable {
    let console: Console

    private var hub: Hub { console.hub }
    private static let here: String = "/account/leaving"

    var routes: [Route] {
        [
            console.page(Self.here, .everyMember, "Export and leave.", page),
            console.action("\(Self.here)/export", .member([.owner, .admin]), "Everything the hub holds of the account, as JSON.", isForEnded: true, back: page)
            {
                visit in
                var reply: Reply = try .json(try await hub.export(try visit.call.member.account, by: try visit.call.actor))
                reply.headers[.contentDisposition] = "attachment; filename=\"vultus-export.json\""
                return .reply(reply)
            },
            console.action(Self.here, .member([.owner]), "Ask to close the account.", fields: [.optional("reason", .text(0...1_000))], back: page) { visit in
                _ = try await hub.requestClosure(try visit.call.member.account, reason: visit.sent.text("reason"), by: try visit.call.actor)
                return .to("\(Self.here)?done=closing")
            },
            console.action("\(Self.here)/withdraw", .member([.owner]), "Withdraw the request.", back: page) { visit in
                try await hub.withdrawClosure(try visit.call.member.account, by: try visit.call.actor)
                return .to("\(Self.here)?done=saved")
            },
        ]
    }

    @Sendable private func page(_ visit: Visit) async throws -> ConsolePage {
        let closures: [Closure] = try await hub.closures(try visit.call.member.account)
        var blocks: [Block] = []
        if visit.may([.owner, .admin]) {
            blocks += [
                .text(
                    visit.say(
                        "Everything the hub holds of the account as one JSON file: whom, what, when; persons with their consent, never templates.",
                        "平台持有的全部账户数据（JSON）：包括人员及同意记录，不含模板。")), Block(form: visit.form("\(Self.here)/export", visit.say("Export", "导出"))),
            ]
        }
        blocks += [
            .heading(visit.say("Close the account", "注销账户"), id: "close"),
            Block(
                table: TableView(
                    visit.say("Requests to close the account", "注销申请"), [visit.say("Asked", "申请时间"), visit.say("State", "状态"), visit.say("Answer", "答复")],
                    rows: closures.map { [.text(visit.shown($0.requested), under: $0.reason), Self.state($0.state, visit), .text($0.answer ?? "")] },
                    nothing: visit.say("There was no request.", "暂无申请。"))),
        ]
        if visit.may([.owner]) {
            if closures.contains(where: { $0.state == .requested }) {
                blocks.append(Block(form: visit.form("\(Self.here)/withdraw", visit.say("Withdraw the request", "撤回申请"))))
            } else {
                var form: FormView = visit.form(
                    Self.here, visit.say("Ask to close the account", "申请注销"),
                    [InputView("reason", visit.say("Why", "原因"), .lines).with { ($0.isRequired, $0.most) = (false, 1_000) }])
                form.isDangerous = true
                blocks += [
                    .text(
                        visit.say(
                            "When it is approved, keys and devices stop, galleries and everybody in them are erased, on devices too. Export first.",
                            "批准后，密钥与设备停止服务，人脸库及全部人员信息将被删除（包括设备上的数据）。请先导出。")), Block(form: form),
                ]
            }
        }
        return ConsolePage(side: .member, title: visit.say("Export and leave", "导出与注销"), section: "/account/profile", blocks: blocks)
    }

    private static func state(_ state: ClosureState, _ visit: Visit) -> CellView {
        switch state {
        case .requested: .badge(visit.say("waits for the operator", "等待平台审核"), .warm)
        case .withdrawn: .badge(visit.say("withdrawn", "已撤回"), .plain)
        case .approved: .badge(visit.say("approved", "已批准"), .good)
        case .refused: .badge(visit.say("refused", "未批准"), .bad)
        }
    }
}
