import CV4L2
import Glibc

/// A setting of a camera to be made, such as `exposure_time_absolute=157` or `power_line_frequency=50 Hz`.
package struct ControlSetting: Hashable, Sendable {
    package let name: String
    package let value: String

    package init(name: String, value: String) {
        self.name = ControlName.normal(name)
        self.value = value
    }

    /// - Parameter text: `NAME=VALUE`.
    package init?(_ text: String) {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else { return nil }
        self.init(name: String(text[..<equals]), value: String(text[text.index(after: equals)...]))
        guard !name.isEmpty, !value.isEmpty else { return nil }
    }
}

/// How controls are named: as `v4l2-ctl` does it, the driver's words in lower case, joined by underscores.
enum ControlName {
    static func normal(_ text: String) -> String {
        text.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: "_")
    }

    /// Names that older and newer kernels give to the same control.
    private static let aliases: [[String]] = [
        ["exposure", "exposure_time_absolute", "exposure_absolute"], ["auto_exposure", "exposure_auto"],
        ["focus", "focus_absolute"], ["autofocus", "focus_automatic_continuous", "focus_auto"],
        ["white_balance", "white_balance_temperature"], ["white_balance_automatic", "white_balance_temperature_auto"],
    ]

    /// - Returns: the names to look for, the one given first.
    static func candidates(_ name: String) -> [String] {
        let normal: String = normal(name)
        return [normal] + (aliases.first { $0.contains(normal) } ?? []).filter { $0 != normal }
    }
}

/// One control as a camera offers it.
package struct CameraControl: Hashable, Sendable, Codable {
    package enum Kind: String, Hashable, Sendable, Codable { case integer, boolean, menu }

    package let id: UInt32
    package let name: String
    package let kind: Kind
    package let least: Int32
    package let most: Int32
    package let step: Int32
    package let standard: Int32
    /// Entries of a menu, by their numbers.
    package let menu: [Int32: String]

    package init(id: UInt32, name: String, kind: Kind, least: Int32, most: Int32, step: Int32, standard: Int32, menu: [Int32: String] = [:]) {
        self.id = id
        self.name = name
        self.kind = kind
        self.least = least
        self.most = most
        self.step = step
        self.standard = standard
        self.menu = menu
    }

    /// What may be set, in words.
    package var allowed: String {
        switch kind {
        case .boolean: "on or off"
        case .menu: menu.sorted { $0.key < $1.key }.map { "\($0.value) (\($0.key))" }.joined(separator: ", ")
        case .integer: "\(least) to \(most)\(step > 1 ? " in steps of \(step)" : "")"
        }
    }

    /// - Parameter text: a number, `on` or `off`, or a menu's entry by its words.
    /// - Returns: the number to set, or `nil` when it is not allowed.
    package func value(_ text: String) -> Int32? {
        let wanted: String = text.lowercased()
        switch kind {
        case .boolean: return ["on": 1, "true": 1, "1": 1, "off": 0, "false": 0, "0": 0][wanted]
        case .menu:
            if let entry = menu.first(where: { $0.value.lowercased() == wanted }) { return entry.key }
            return Int32(wanted).flatMap { menu[$0] == nil ? nil : $0 }
        case .integer:
            guard let number = Int32(wanted), (least...max(least, most)).contains(number) else { return nil }
            return step > 1 && (Int64(number) - Int64(least)) % Int64(step) != 0 ? nil : number
        }
    }
}

extension VideoNode {
    /// Every control that can be set by a number.
    func controls() -> [CameraControl] {
        var controls: [CameraControl] = []
        var query = v4l2_queryctrl()
        query.id = VULTUS_CTRL_NEXT
        while controls.count < 512, attempt(VULTUS_QUERYCTRL, &query) {
            let kinds: [UInt32: CameraControl.Kind] = [
                V4L2_CTRL_TYPE_INTEGER.rawValue: .integer, V4L2_CTRL_TYPE_BOOLEAN.rawValue: .boolean, V4L2_CTRL_TYPE_MENU.rawValue: .menu,
            ]
            let unusable = UInt32(V4L2_CTRL_FLAG_DISABLED | V4L2_CTRL_FLAG_READ_ONLY)
            if let kind = kinds[query.type], query.flags & unusable == 0 {
                controls.append(
                    CameraControl(
                        id: query.id, name: ControlName.normal(Self.text(query.name)), kind: kind, least: query.minimum, most: query.maximum,
                        step: query.step, standard: query.default_value, menu: kind == .menu ? menu(query) : [:]))
            }
            query.id |= VULTUS_CTRL_NEXT
        }
        return controls
    }

    private func menu(_ query: v4l2_queryctrl) -> [Int32: String] {
        var menu: [Int32: String] = [:]
        guard query.minimum >= 0, query.maximum - query.minimum < 256, query.maximum >= query.minimum else { return menu }
        for index in query.minimum...query.maximum {
            var entry = v4l2_querymenu()
            entry.id = query.id
            entry.index = UInt32(index)
            // A menu may leave numbers out.
            if attempt(VULTUS_QUERYMENU, &entry) { menu[index] = Self.text(entry.name) }
        }
        return menu
    }

    /// Sets one control.
    /// - Returns: its number and what it was before.
    /// - Throws: `.noControl`, `.controlRefused`, `.disconnected`.
    func set(_ setting: ControlSetting, of controls: [CameraControl]) throws(CameraFault) -> (id: UInt32, before: Int32) {
        let names: [String] = ControlName.candidates(setting.name)
        guard let control = names.lazy.compactMap({ name in controls.first { $0.name == name } }).first else {
            throw .noControl(path: path, name: setting.name, offered: controls.map(\.name))
        }
        guard let value = control.value(setting.value) else {
            throw .controlRefused(path: path, name: control.name, value: setting.value, allowed: control.allowed)
        }
        var argument = v4l2_control(id: control.id, value: 0)
        try call(VULTUS_G_CTRL, "VIDIOC_G_CTRL", &argument)
        let before: Int32 = argument.value
        argument.value = value
        guard attempt(VULTUS_S_CTRL, &argument) else {
            if errno == ENODEV { throw .disconnected(path: path) }
            // Such as an exposure while the camera exposes by itself.
            throw .controlRefused(path: path, name: control.name, value: setting.value, allowed: "\(control.allowed), and not while it is automatic")
        }
        return (control.id, before)
    }

    /// Puts a control back; what the driver declines stays as it is.
    func restore(_ id: UInt32, to value: Int32) {
        var argument = v4l2_control(id: id, value: value)
        _ = attempt(VULTUS_S_CTRL, &argument)
    }
}
