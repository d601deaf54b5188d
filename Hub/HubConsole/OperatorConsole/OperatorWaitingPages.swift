import HubAPI
import HubDomain
import RecognitionAPI
import WireModel

/// Devices without a token that wait to be approved: shown with the fingerprint that is to be compared.
struct OperatorWaitingPages: Sendable {
    let console: Console

    private var hub: Hub { console.hub }
    static let here: String = "/operator/waiting"
    private static let live: String = "/operator/live/waiting"
    private static let support: Set<OperatorRole> = [.administrator, .support]

    var routes: [Route] {
        let access: Access = .operator(Self.support)
        return [
            console.page(Self.here, .everyOperator, "Devices that wait to be approved.", list),
            console.live(Self.live, .everyOperator, "Devices that wait, as they come.", waiting),
            console.page("\(Self.here)/{waiting}", .everyOperator, "One device that waits.", one),
            console.action(
                "\(Self.here)/{waiting}/approve", access, "Make a device of one whose fingerprint was compared.",
                fields: [.required("place", .text(1...200)), .required("name", .text(1...100)), .optional("labels", .text(0...2_000))], back: one,
                work: approve),
            console.action(
                "\(Self.here)/{waiting}/refuse", access, "Refuse a device.", fields: [.optional("reason", .text(0...200))], back: one
            ) { visit in
                let id: WaitingDeviceID = try visit.call.id("waiting")
                _ = try await hub.refuseWaiting(id.rawValue, reason: visit.sent.text("reason"), by: try visit.call.actor)
                return .to("\(Self.here)?done=refused")
            },
        ]
    }

    @Sendable private func approve(_ visit: Visit) async throws -> Outcome {
        let id: WaitingDeviceID = try visit.call.id("waiting")
        guard visit.sent["compared"] == "yes" else {
            throw FieldRefusal(
                "compared", ("The fingerprints must be compared first.", "请先核对指纹。"), ("Look at the device, or ask who stands at it.", "请查看设备屏幕，或询问现场人员。"))
        }
        let place: (account: String, group: String?) = try FleetPlace.read(visit)
        let made: FleetDevice = try await hub.approveWaiting(
            id.rawValue,
            JoinApproval(
                account: place.account, group: place.group, name: FleetWords.trimmed(visit.sent.text("name")),
                labels: try FleetWords.labels(sent: visit.sent.text("labels"))), by: try visit.call.actor)
        return .to("\(OperatorFleetPages.here)/\(made.device.id)?done=approved")
    }

    private static func columns(_ visit: Visit, refused: Bool) -> [String] {
        [
            visit.say("Key's fingerprint", "密钥指纹"), visit.say("Calls itself", "设备自称"), visit.say("Address", "地址"), visit.say("Agent", "程序版本"),
            refused ? visit.say("Refused", "拒绝时间") : visit.say("Since", "开始等待"),
        ]
    }

    private static func rows(_ devices: [WaitingDevice], _ visit: Visit) -> [[CellView]] {
        devices.map { one in
            [
                .link(one.fingerprint.text, "\(here)/\(one.id)"), .text(one.label, under: one.model.isEmpty ? nil : one.model), .text(one.address),
                .text(one.agentVersion), .text(visit.shown(one.refused ?? one.created)),
            ]
        }
    }

    @Sendable private func waiting(_ visit: Visit) async throws -> [Block] {
        [
            Block(
                table: TableView(
                    visit.say("Waiting devices", "等待中的设备"), Self.columns(visit, refused: false), rows: Self.rows(try await hub.waitingDevices(), visit),
                    nothing: visit.say("No device waits.", "没有等待中的设备。")))
        ]
    }

    @Sendable private func list(_ visit: Visit) async throws -> ConsolePage {
        let refused: [WaitingDevice] = try await hub.waitingDevices(refused: true)
        let address: String = try await hub.setting(.publicURL)
        var blocks: [Block] = Block.live(Self.live, try await waiting(visit))
        if !refused.isEmpty {
            blocks += [
                .heading(visit.say("Refused within a week", "一周内已拒绝"), id: "refused"),
                Block(
                    table: TableView(
                        visit.say("Refused devices", "已拒绝的设备"), Self.columns(visit, refused: true), rows: Self.rows(refused, visit), nothing: "")),
            ]
        }
        blocks += [
            .heading(visit.say("At a device", "在设备上执行"), id: "how"),
            .text(
                visit.say(
                    "The long number is the fingerprint of this hub's authority: it is no secret, the same for all devices, and keeps them from any other hub.",
                    "长数字是本平台根证书的指纹：无需保密、所有设备相同，可防止设备接入其他平台。")),
            Block(
                code: CodeView(
                    name: visit.say("Command", "命令"), source: "vultus-edge join \(address) --wait \\\n    --authority \(hub.authorityFingerprint)")),
        ]
        return ConsolePage(
            side: .staff, title: visit.say("Waiting devices", "等待中的设备"),
            lead: visit.say(
                "Each shows its key's fingerprint where it stands. Approve none whose fingerprint you have not compared: all the rest is its own word.",
                "每台设备都会显示其密钥指纹。请先核对指纹再批准：其余信息均为设备自述。"), section: OperatorFleetPages.here, blocks: blocks)
    }

    @Sendable private func one(_ visit: Visit) async throws -> ConsolePage {
        let id: WaitingDeviceID = try visit.call.id("waiting")
        let all: [WaitingDevice] = try await hub.waitingDevices() + hub.waitingDevices(refused: true)
        guard let device = all.first(where: { $0.id == id }) else {
            throw Problem(.notFound, "No such device waits.", detail: id.rawValue, remedy: "It was decided on, or has not asked for an hour: see the list.")
        }
        var blocks: [Block] = [
            Block(
                figures: [
                    FigureView(
                        figure: device.fingerprint.text, of: visit.say("Key's fingerprint", "密钥指纹"),
                        note: visit.say("compare it with what the device shows", "请与设备上显示的核对"))
                ]),
            .facts([
                (visit.say("Calls itself", "设备自称"), device.label), (visit.say("Model", "型号"), device.model.isEmpty ? "–" : device.model),
                (visit.say("Agent", "程序版本"), device.agentVersion), (visit.say("Address", "地址"), device.address),
                (visit.say("Waits since", "开始等待"), visit.shown(device.created)), (visit.say("Last asked", "最近询问"), visit.shown(device.seen)),
            ]),
        ]
        if let refused = device.refused {
            blocks.append(.notice(.bad, visit.say("Refused \(visit.shown(refused))", "已于 \(visit.shown(refused)) 拒绝"), device.refusal ?? ""))
        }
        if (try visit.call.staff.principal).may(Self.support) {
            blocks += [
                .heading(visit.say("Approve", "批准"), id: "approve"),
                Block(
                    form: visit.form(
                        "\(Self.here)/\(id)/approve", visit.say("Approve the device", "批准该设备"),
                        [
                            try await FleetPlace.input(hub, visit),
                            InputView("name", visit.say("Name", "名称")).with { ($0.most, $0.value) = (100, device.label) },
                            InputView("labels", visit.say("Labels", "标签"), .lines).with {
                                ($0.isRequired, $0.most) = (false, 2_000)
                                $0.hint = visit.say("name=value, a line each.", "每行一个 name=value。")
                            },
                            InputView(
                                "compared", visit.say("The device shows \(device.fingerprint)", "设备显示的指纹为 \(device.fingerprint)"), .tick("yes")),
                        ], about: [.accountInactive: "place", .notFound: "place"])),
            ]
            if device.refused == nil {
                blocks.append(
                    Block(
                        form: visit.form(
                            "\(Self.here)/\(id)/refuse", visit.say("Refuse the device", "拒绝该设备"),
                            [
                                InputView("reason", visit.say("What the device is told", "告知设备的原因")).with { $0.isRequired = false }
                            ]
                        ).with { ($0.isDangerous, $0.folded) = (true, visit.say("Refuse it", "拒绝")) }))
            }
        }
        blocks.append(.links([(visit.say("All waiting devices", "全部等待中的设备"), Self.here)]))
        return ConsolePage(
            side: .staff, title: visit.say("A device waits: \(device.label)", "等待批准：\(device.label)"), section: OperatorFleetPages.here, blocks: blocks)
    }
}
