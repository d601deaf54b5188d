import WireModel

/// Which devices a rule is about.
package enum AlertScope: Sendable, Hashable {
    case all
    case account(AccountID)
    case group(DeviceGroupID)
    /// `nil`: with any value.
    case label(String, String?)
    case device(DeviceID)

    /// - Parameter text: as ``description`` writes it.
    package init?(_ text: String) {
        if text == "all" { self = .all; return }
        let parts: [String] = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { return nil }
        switch parts[0] {
        case "account": guard let id = AccountID(rawValue: parts[1]) else { return nil }; self = .account(id)
        case "group": guard let id = DeviceGroupID(rawValue: parts[1]) else { return nil }; self = .group(id)
        case "device": guard let id = DeviceID(rawValue: parts[1]) else { return nil }; self = .device(id)
        case "label":
            let pair: [String] = parts[1].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let name = pair.first, (1...40).contains(name.count), parts[1].count <= 150 else { return nil }
            self = .label(name, pair.count == 2 ? pair[1] : nil)
        default: return nil
        }
    }

    func covers(_ subject: AlertSubject) -> Bool {
        switch self {
        case .all: true
        case .account(let id): subject.account == id
        case .group(let id): subject.group == id
        case .device(let id): subject.device == id
        case .label(let name, let value): subject.labels[name].map { value == nil || $0 == value } ?? false
        }
    }
}

extension AlertScope: CustomStringConvertible {
    package var description: String {
        switch self {
        case .all: "all"
        case .account(let id): "account:\(id)"
        case .group(let id): "group:\(id)"
        case .device(let id): "device:\(id)"
        case .label(let name, let value): "label:\(name)" + (value.map { "=\($0)" } ?? "")
        }
    }
}

extension AlertScope: Encodable {
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// Who is told of an alert.
package enum AlertRecipient: Sendable, Hashable {
    /// The operators who see to accounts and devices, by mail.
    case operators
    /// The account whose device it is: a notice, mail to its owners, and its webhooks.
    case owner
    /// One account whatever the device: an operator's own, with webhooks for the staff's tools.
    case account(AccountID)

    package init?(_ text: String) {
        switch text {
        case "operators": self = .operators
        case "owner": self = .owner
        default: guard let id = AccountID(rawValue: text) else { return nil }; self = .account(id)
        }
    }
}

extension AlertRecipient: CustomStringConvertible, Encodable {
    package var description: String {
        switch self {
        case .operators: "operators"
        case .owner: "owner"
        case .account(let id): id.rawValue
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// The hours of a day in which only what is critical is told: the rest waits for their end.
package struct QuietHours: Sendable, Hashable {
    /// Minutes of the day, UTC. An end before the beginning is of the next day.
    package let from: Int64
    package let until: Int64

    /// - Parameter text: `22:00-06:30`, UTC.
    package init?(_ text: String) {
        let parts: [Int64?] = text.split(separator: "-", omittingEmptySubsequences: false).map { part in
            let digits: [Substring] = part.split(separator: ":", omittingEmptySubsequences: false)
            guard digits.count == 2, digits.allSatisfy({ $0.count == 2 }), let hour = Int64(digits[0]), let minute = Int64(digits[1]),
                (0...23).contains(hour), (0...59).contains(minute)
            else { return nil }
            return hour * 60 + minute
        }
        guard parts.count == 2, let from = parts[0], let until = parts[1], from != until else { return nil }
        (self.from, self.until) = (from, until)
    }

    func isQuiet(at time: Timestamp) -> Bool {
        let minute: Int64 = time.milliseconds / 60_000 % 1_440
        return from < until ? (from..<until).contains(minute) : minute >= from || minute < until
    }
}

extension QuietHours: CustomStringConvertible {
    package var description: String {
        func text(_ minutes: Int64) -> String { "\(minutes / 60 < 10 ? "0" : "")\(minutes / 60):\(minutes % 60 < 10 ? "0" : "")\(minutes % 60)" }
        return "\(text(from))-\(text(until))"
    }
}

extension QuietHours: Encodable {
    /// As a rule is written.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
