import HubAPI
import HubDomain
import WireModel

/// One setting of how devices work: how it is shown, asked for and read, of a group and of one device.
struct FleetSetting: Sendable {
    let name: String
    private let label: (english: String, chinese: String)
    private let unit: (english: String, chinese: String)
    /// Values that may be chosen; none for a number.
    private let choices: [(value: String, english: String, chinese: String)]
    /// As its reader is told.
    private let range: String
    /// What 0 means, where it means something else than none.
    private let zero: (english: String, chinese: String)?
    private let value: @Sendable (ConfigurationOverrides) -> String?
    private let take: @Sendable (Double, String, inout ConfigurationOverrides) -> Void

    private init(
        name: String, label: (String, String), unit: (String, String), choices: [(String, String, String)], range: String = "",
        zero: (String, String)? = nil,
        value: @escaping @Sendable (ConfigurationOverrides) -> String?, take: @escaping @Sendable (Double, String, inout ConfigurationOverrides) -> Void
    ) {
        (self.name, self.label, self.unit, self.range, self.zero, self.value, self.take) = (name, label, unit, range, zero, value, take)
        self.choices = choices.map { (value: $0.0, english: $0.1, chinese: $0.2) }
    }

    func title(_ visit: Visit) -> String { visit.say(label.english, label.chinese) }

    /// What it is in a configuration, in words.
    func shown(_ configuration: DeviceConfiguration, _ visit: Visit) -> String {
        guard let value = value(Self.whole(configuration)) else { return visit.say("standard", "默认") }
        if let choice = choices.first(where: { $0.value == value }) { return visit.say(choice.english, choice.chinese) }
        if value == "0", let zero { return visit.say(zero.english, zero.chinese) }
        func bare(_ unit: String) -> Substring { unit.prefix { $0 != "," && $0 != "，" } }
        return visit.say("\(value) \(bare(unit.english))", "\(value) \(bare(unit.chinese))")
    }

    func isOwn(_ overrides: ConfigurationOverrides?) -> Bool { overrides.flatMap(value) != nil }

    /// - Parameter empty: what an empty field means.
    func input(_ overrides: ConfigurationOverrides, empty: String, _ visit: Visit) -> InputView {
        let present: String? = value(overrides)
        var field: InputView =
            choices.isEmpty
            ? InputView(name, visit.say("\(label.english), \(unit.english)", "\(label.chinese)（\(unit.chinese)）"))
            : InputView(
                name, title(visit),
                .choice(
                    [.init(option: "", optionName: empty, isChosen: present == nil)]
                        + choices.map { .init(option: $0.value, optionName: visit.say($0.english, $0.chinese), isChosen: $0.value == present) }))
        (field.isRequired, field.hidesOptional, field.most, field.value) = (false, true, 20, present ?? "")
        if !range.isEmpty { field.hint = range }
        return field
    }

    private static func whole(_ configuration: DeviceConfiguration) -> ConfigurationOverrides {
        var whole = ConfigurationOverrides()
        (whole.contactMilliseconds, whole.resultRetentionDays) = (configuration.contactMilliseconds, configuration.resultRetentionDays)
        (whole.storeBytes, whole.links) = (configuration.storeBytes, configuration.links)
        (whole.bytesPerDay, whole.targetFalseMatchRate) = (configuration.bytesPerDay ?? 0, configuration.targetFalseMatchRate ?? 0)
        whole.watch = configuration.watch
        return whole
    }

    /// A form's fields for a group, filled with what it has.
    static func inputs(of configuration: DeviceConfiguration, _ visit: Visit) -> [InputView] {
        all.map { $0.input(whole(configuration), empty: visit.say("standard", "默认"), visit) }
    }

    /// What a form asks for; an empty field asks for nothing.
    /// - Throws: at the field, for what is no number, no choice of its, or what no device could do.
    static func read(_ visit: Visit) throws(FieldRefusal) -> ConfigurationOverrides {
        var overrides = ConfigurationOverrides()
        for setting in all {
            let text: String = FleetWords.trimmed(visit.sent.text(setting.name))
            guard !text.isEmpty else { continue }
            let number: Double? = Double(text)
            let suits: Bool =
                setting.choices.isEmpty ? number.map { $0.isFinite && abs($0) < 1e12 } == true : setting.choices.contains { $0.value == text }
            guard suits else {
                throw FieldRefusal(
                    setting.name, ("That does not suit this setting.", "该值不适用于此配置项。"), ("Give a number, or choose one of the list.", "请填写数字或选择列表中的值。"))
            }
            var alone = ConfigurationOverrides()
            setting.take(number ?? 0, text, &alone)
            do { try alone.over(.standard).check() } catch {
                throw FieldRefusal(setting.name, (error.title, "该值超出允许范围。"), (error.remedy, "允许范围：\(setting.range)。"))
            }
            setting.take(number ?? 0, text, &overrides)
        }
        return overrides
    }

    private static func watch(_ overrides: inout ConfigurationOverrides, _ change: (inout WatchConfiguration) -> Void) {
        var watch: WatchConfiguration = overrides.watch ?? WatchConfiguration()
        change(&watch)
        overrides.watch = watch
    }

    private static func text(_ number: Double) -> String { number == number.rounded() ? "\(Int64(number))" : "\(number)" }
    private static func seconds(_ milliseconds: Int64) -> String { text(Double(milliseconds) / 1_000) }

    /// Threshold and presentation attacks first: what decides, then how.
    static let all: [FleetSetting] = [
        FleetSetting(
            name: "targetFalseMatchRate", label: ("Threshold: false matches", "阈值：误识率"), unit: ("", ""),
            choices: [
                ("0", "each gallery's own", "各人脸库自定"), ("0.001", "1 in 1,000", "千分之一"), ("0.0001", "1 in 10,000", "万分之一"),
                ("1e-05", "1 in 100,000", "十万分之一"),
            ],
            value: { $0.targetFalseMatchRate.map { $0 == 0 ? "0" : "\($0)" } }, take: { number, _, one in one.targetFalseMatchRate = number }),
        FleetSetting(
            name: "pad", label: ("Presentation attack detection", "活体检测"), unit: ("", ""),
            choices: [
                ("off", "off", "关闭"), ("passive", "passive", "静默"), ("active", "active: the head is turned", "配合式：转头"),
                ("model", "a network of your own", "自备模型"),
            ],
            value: { $0.watch?.pad?.rawValue }, take: { _, text, one in watch(&one) { $0.pad = PADPolicy(rawValue: text) } }),
        FleetSetting(
            name: "minimumFace", label: ("Smallest face decided on", "最小人脸"), unit: ("pixels", "像素"), choices: [], range: "20–2,000",
            value: { $0.watch?.minimumFacePixels.map { "\($0)" } }, take: { number, _, one in watch(&one) { $0.minimumFacePixels = Int64(number) } }),
        FleetSetting(
            name: "passageGap", label: ("Another passage after", "视为再次通行"), unit: ("s unseen", "秒未见"), choices: [], range: "2–3,600",
            value: { $0.watch?.passageGapMilliseconds.map(seconds) },
            take: { number, _, one in watch(&one) { $0.passageGapMilliseconds = Int64(number * 1_000) } }),
        FleetSetting(
            name: "redecide", label: ("Decided on again after", "再次判定间隔"), unit: ("s, 0 for never", "秒，0 为不再判定"), choices: [], range: "0, 10–86,400",
            zero: ("never", "不再判定"),
            value: { $0.watch?.redecideMilliseconds.map(seconds) },
            take: { number, _, one in watch(&one) { $0.redecideMilliseconds = Int64(number * 1_000) } }),
        FleetSetting(
            name: "processorShare", label: ("Share of one core for looking", "检测占用单核比例"), unit: ("of 1", "最大 1"), choices: [], range: "0.02–1",
            value: { $0.watch?.processorShare.map { "\($0)" } }, take: { number, _, one in watch(&one) { $0.processorShare = number } }),
        FleetSetting(
            name: "markHours", label: ("A match may be disputed for", "可标记误识时长"), unit: ("hours", "小时"), choices: [], range: "0–168",
            value: { $0.watch?.markingMilliseconds.map { text(Double($0) / 3_600_000) } },
            take: { number, _, one in watch(&one) { $0.markingMilliseconds = Int64(number * 3_600_000) } }),
        FleetSetting(
            name: "contact", label: ("Contact every", "联系间隔"), unit: ("s", "秒"), choices: [], range: "1–2,678,400",
            value: { $0.contactMilliseconds.map(seconds) },
            take: { number, _, one in one.contactMilliseconds = Int64(number * 1_000) }),
        FleetSetting(
            name: "links", label: ("Links", "网络"), unit: ("", ""), choices: [("any", "any", "不限"), ("unmetered", "not over mobile networks", "不使用移动网络")],
            value: { $0.links?.rawValue }, take: { _, text, one in one.links = DeviceConfiguration.Links(rawValue: text) }),
        FleetSetting(
            name: "bytesPerDay", label: ("Bytes a day", "每日流量上限"), unit: ("bytes, 0 for as many as needed", "字节，0 为不限"), choices: [], range: "0, 100,000–",
            zero: ("as many as needed", "不限"),
            value: { $0.bytesPerDay.map { "\($0)" } }, take: { number, _, one in one.bytesPerDay = Int64(number) }),
        FleetSetting(
            name: "retention", label: ("Results kept on the device", "设备端结果保留"), unit: ("days", "天"), choices: [], range: "1–3,650",
            value: { $0.resultRetentionDays.map { "\($0)" } }, take: { number, _, one in one.resultRetentionDays = Int64(number) }),
        FleetSetting(
            name: "store", label: ("Store", "存储上限"), unit: ("MiB", "MiB"), choices: [], range: "64–16,777,216", value: { $0.storeBytes.map { "\($0 >> 20)" } },
            take: { number, _, one in one.storeBytes = Int64(min(number, 1e9)) << 20 }),
    ]
}
