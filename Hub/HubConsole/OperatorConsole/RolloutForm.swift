import HubAPI
import HubDomain
import WireModel

/// What an operator decides when a roll-out begins, as a form's fields: stages of a ring and a share each, and when to stop.
enum RolloutForm {
    /// More are made at the shell.
    static let stages: Int = 4
    /// More than so many are typed, not chosen.
    private static let mostChosen: Int = 1_000
    /// What a new form proposes: few, then more, then all.
    private static let proposed: [(share: String, wait: String)] = [("5", "24"), ("25", "24"), ("100", ""), ("", "")]

    static var names: [String] {
        (1...stages).flatMap { ["ring\($0)", "share\($0)", "wait\($0)"] } + ["account", "limit", "tries", "atOnce", "faces", "otherwise", "hours"]
    }

    /// - Parameter kind: of the release: models can be shadowed first.
    static func fields(_ hub: Hub, _ kind: ReleaseKind, _ visit: Visit) async throws -> [InputView] {
        let accounts: [Account] = try await hub.accounts().filter { $0.standing != .ended }.sorted { $0.name < $1.name }
        let names: [AccountID: String] = accounts.reduce(into: [:]) { $0[$1.id] = $1.name }
        let groups: [DeviceGroup] = try await hub.deviceGroups()
        let labels: [(label: String, devices: Int64)] = try await hub.labelsInUse()
        let rings: InputView.Kind =
            groups.count > mostChosen
            ? .line("text")
            : .choice(
                [.init(option: "", optionName: visit.say("all devices", "全部设备"))]
                    + labels.map {
                        .init(option: "label:\($0.label)", optionName: visit.say("label \($0.label) (\($0.devices))", "标签 \($0.label)（\($0.devices)）"))
                    }
                    + groups.map {
                        .init(
                            option: "group:\($0.id)",
                            optionName: visit.say(
                                "group \(names[$0.account] ?? "") / \($0.name) (\($0.devices))", "分组 \(names[$0.account] ?? "") / \($0.name)（\($0.devices)）"))
                    })
        var fields: [InputView] = (1...stages).flatMap { number -> [InputView] in
            let stage: String = visit.say("Stage \(number)", "第 \(number) 阶段")
            return [
                InputView("ring\(number)", visit.say("\(stage): which devices", "\(stage)：设备范围"), rings).with {
                    ($0.isRequired, $0.hidesOptional) = (false, true)
                },
                InputView("share\(number)", visit.say("\(stage): percent of them", "\(stage)：比例（%）"), .line("number")).with {
                    ($0.isRequired, $0.hidesOptional, $0.most, $0.value) = (number == 1, true, 3, proposed[number - 1].share)
                },
                InputView("wait\(number)", visit.say("\(stage): hours until the next", "\(stage)：多少小时后进入下一阶段"), .line("number")).with {
                    ($0.isRequired, $0.hidesOptional, $0.most, $0.value) = (false, true, 4, proposed[number - 1].wait)
                },
            ]
        }
        fields.append(
            InputView(
                "account", visit.say("Of which account", "所属账户"),
                accounts.count > mostChosen
                    ? .line("text")
                    : .choice(
                        [.init(option: "", optionName: visit.say("every account", "全部账户"))]
                            + accounts.map { .init(option: $0.id.rawValue, optionName: $0.name) })
            ).with { ($0.isRequired, $0.hidesOptional) = (false, true) })
        fields += [
            InputView("limit", visit.say("Failure limit (%)", "失败上限（%）"), .line("text")).with { ($0.most, $0.value) = (5, "2") },
            InputView("tries", visit.say("Counted once so many tried it", "至少尝试多少台后判断"), .line("number")).with { ($0.most, $0.value) = (6, "20") },
            InputView("atOnce", visit.say("Devices at once, at most", "同时更新的设备数上限"), .line("number")).with {
                ($0.isRequired, $0.hidesOptional, $0.most) = (false, true, 7)
            },
        ]
        return kind == .models ? fields + shadow(visit) : fields
    }

    private static func shadow(_ visit: Visit) -> [InputView] {
        [
            InputView("faces", visit.say("Look on first, for so many faces", "先影子运行，比对人脸数"), .line("number")).with {
                ($0.isRequired, $0.hidesOptional, $0.most) = (false, true, 7)
                $0.hint = visit.say(
                    "At each device the models look on beside those that decide; with nothing given they are tried at once.",
                    "新模型先在每台设备上与当前模型并行比对，不参与判定；留空则直接试运行。")
            },
            InputView("otherwise", visit.say("Decided otherwise, at most (%)", "判定不一致上限（%）"), .line("text")).with {
                ($0.isRequired, $0.hidesOptional, $0.most, $0.value) = (false, true, 5, "2")
                $0.hint = visit.say("With more, the device refuses the models, which counts as failed.", "超过时设备拒绝该模型，计为失败。")
            },
            InputView("hours", visit.say("Hours for that", "比对时限（小时）"), .line("number")).with {
                ($0.isRequired, $0.hidesOptional, $0.most) = (false, true, 4)
                $0.hint = visit.say(
                    "A device that sees fewer faces in that time refuses them; with nothing given it goes on for as long as it takes.",
                    "时限内比对人脸不足的设备将拒绝；留空则不限时。")
            },
        ]
    }

    /// - Throws: at the field that is wrong.
    static func read(_ visit: Visit) throws(FieldRefusal) -> RolloutOrder {
        var stages: [RolloutStage] = []
        for number in 1...Self.stages {
            guard let percent = try whole(visit, "share\(number)", 1...100, "1 to 100", "1 至 100") else { continue }
            let hours: Int64? = try whole(visit, "wait\(number)", 1...2_160, "1 to 2160 hours, or nothing", "1 至 2160 小时，或留空")
            let (group, label): (DeviceGroupID?, String?) = try ring(visit, "ring\(number)")
            stages.append(RolloutStage(group: group, label: label, percent: percent, waitMilliseconds: hours.map { $0 * 3_600_000 }))
        }
        guard !stages.isEmpty else {
            throw FieldRefusal("share1", ("A roll-out has a stage at least.", "至少需要一个阶段。"), ("Give a percentage.", "请填写比例。"))
        }
        var order = RolloutOrder(stages: stages, account: visit.sent.text("account").isEmpty ? nil : visit.sent.text("account"))
        order.failurePermille = try permille(visit, "limit", ("A failure limit is a percentage.", "失败上限为百分比。"))
        order.minimumTries = try whole(visit, "tries", 1...100_000, "1 to 100000", "1 至 100000") ?? order.minimumTries
        order.atOnce = try whole(visit, "atOnce", 1...1_000_000, "1 to 1000000, or nothing", "1 至 1000000，或留空")
        if let faces = try whole(visit, "faces", ShadowPolicy.faceLimits, "1 to 1000000, or nothing", "1 至 1000000，或留空") {
            let otherwise: Int64 = try permille(visit, "otherwise", ("What may differ is a percentage.", "不一致上限为百分比。"))
            let hours: Int64? = try whole(visit, "hours", 1...8_784, "1 to 8784 hours, or nothing", "1 至 8784 小时，或留空")
            order.shadow = ShadowPolicy(faces: faces, disagreementPermille: otherwise, milliseconds: hours.map { $0 * 3_600_000 })
        }
        return order
    }

    private static func permille(_ visit: Visit, _ name: String, _ title: (String, String)) throws(FieldRefusal) -> Int64 {
        guard let percent = Double(FleetWords.trimmed(visit.sent.text(name))), (0...100).contains(percent) else {
            throw FieldRefusal(name, title, ("Give 0 to 100.", "请填写 0 至 100。"))
        }
        return Int64((percent * 10).rounded())
    }

    private static func whole(_ visit: Visit, _ name: String, _ range: ClosedRange<Int64>, _ english: String, _ chinese: String) throws(FieldRefusal) -> Int64?
    {
        let text: String = FleetWords.trimmed(visit.sent.text(name))
        if text.isEmpty { return nil }
        guard let number = Int64(text), range.contains(number) else {
            throw FieldRefusal(name, ("That does not fit: \(text.prefix(20))", "数值有误：\(text.prefix(20))"), ("Give \(english).", "请填写 \(chinese)。"))
        }
        return number
    }

    /// `group:ID`, `label:NAME` or `label:NAME=VALUE`; nothing for every device.
    private static func ring(_ visit: Visit, _ name: String) throws(FieldRefusal) -> (DeviceGroupID?, String?) {
        let text: String = FleetWords.trimmed(visit.sent.text(name))
        if text.isEmpty { return (nil, nil) }
        if text.hasPrefix("label:"), (7...147).contains(text.count), !text.hasPrefix("label:=") { return (nil, String(text.dropFirst(6))) }
        if text.hasPrefix("group:"), let group = DeviceGroupID(rawValue: String(text.dropFirst(6))) { return (group, nil) }
        throw FieldRefusal(
            name, ("Those are no devices.", "设备范围有误。"), ("Choose one, or write group:ID or label:NAME=VALUE.", "请选择，或填写 group:ID、label:NAME=VALUE。"))
    }
}
