import HubOutbound
import HubStorage
import WireModel

/// What the operator sets once for the whole hub, kept in the database so that several hubs agree.
package enum Setting: String, Sendable, CaseIterable {
    case publicURL = "public-url"
    case providerName = "provider-name"
    case mailFrom = "mail-from"
    case contact = "contact"
    case agreementGraceDays = "agreement-grace-days"
    case emailDays = "email-reverify-days"
    case domainDays = "domain-reverify-days"
    case reminderDays = "reminder-days"
    case changeNoticeDays = "change-notice-days"
    case personWarning = "person-warning"
    case deviceContactSeconds = "device-contact-seconds"
    case leaseSettleDays = "lease-settle-days"
    case waitingDevices = "waiting-devices"

    package var standard: String {
        switch self {
        case .publicURL: "https://localhost:8443"
        case .providerName: "Vultus"
        case .mailFrom: "Vultus <no-reply@localhost.localdomain>"
        case .contact: ""
        case .agreementGraceDays: "30"
        case .emailDays: "365"
        case .domainDays: "90"
        case .reminderDays: "30"
        case .changeNoticeDays: "30"
        case .personWarning: "90000"
        case .deviceContactSeconds: "30"
        case .leaseSettleDays: "30"
        case .waitingDevices: "200"
        }
    }

    package var help: String {
        switch self {
        case .publicURL: "where people reach this hub; links in mails begin with it"
        case .providerName: "the company that runs the hub, as accounts see it"
        case .mailFrom: "sender of the hub's mails"
        case .contact: "telephone, mail or messenger shown to accounts"
        case .agreementGraceDays: "days after a new agreement's effective date in which calls still pass without acceptance"
        case .emailDays: "days until a proven mailbox must be proven again"
        case .domainDays: "days until a proven domain must be proven again"
        case .reminderDays: "days before such a date in which reminders go out"
        case .changeNoticeDays: "days' notice of a dearer price or lesser terms to those who use an API"
        case .personWarning: "stored persons at which an account is warned; at 100000 the law asks for a filing"
        case .deviceContactSeconds: "seconds between two contacts of a device that has no group to say otherwise"
        case .leaseSettleDays: "days after a lease's end in which a device that stays away may report uses before what is left of it goes back"
        case .waitingDevices: "devices without a token that may wait for approval at once; 0: none, only tokens let devices in"
        }
    }

    /// Whether mails can be written from it: asked of what writes them.
    private static func isSender(_ value: String) -> Bool {
        let message = MailMessage(
            id: "check", from: value, to: "a@b.example", subject: "", text: "", language: "en", date: Timestamp(milliseconds: 0))
        return (try? EmailRendering(message)) != nil
    }

    func check(_ value: String) throws(Problem) {
        let isGood: Bool =
            switch self {
            case .publicURL: value.hasPrefix("https://") && value.count > 8 && !value.hasSuffix("/")
            case .agreementGraceDays, .changeNoticeDays: Int64(value).map { (0...365).contains($0) } ?? false
            case .reminderDays: Int64(value).map { (1...90).contains($0) } ?? false
            case .personWarning: Int64(value).map { (1...100_000).contains($0) } ?? false
            case .deviceContactSeconds: Int64(value).map { (1...86_400).contains($0) } ?? false
            case .waitingDevices: Int64(value).map { (0...10_000).contains($0) } ?? false
            case .leaseSettleDays: Int64(value).map { (0...3_650).contains($0) } ?? false
            case .emailDays, .domainDays: Int64(value).map { (1...3_650).contains($0) } ?? false
            case .mailFrom: Self.isSender(value)
            case .providerName, .contact: value.count <= 200 && !value.contains(where: \.isNewline)
            }
        guard isGood else {
            throw Problem(.invalidRequest, "That value does not suit \(rawValue).", detail: value, remedy: "It is: \(help). Standard: \(standard)")
        }
    }
}

struct Settings {
    private let values: [String: String]

    init(_ connection: any SQLConnection) throws {
        values = try connection.rows("SELECT name, value FROM setting", []).reduce(into: [:]) { $0[try $1.text("name")] = try $1.text("value") }
    }

    subscript(_ setting: Setting) -> String { values[setting.rawValue] ?? setting.standard }

    func days(_ setting: Setting) -> Duration { .seconds((Int64(self[setting]) ?? 0) * 86_400) }
}

extension Hub {
    package func setting(_ name: Setting) async throws -> String { try await database.read { try Settings($0)[name] } }

    package func set(_ name: Setting, to value: String, by actor: Actor) async throws {
        try name.check(value)
        try await act(actor) { connection, trail, now in
            try connection.execute(
                "INSERT INTO setting (name, value, changed_ms) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_ms = excluded.changed_ms",
                [.text(name.rawValue), .text(value), .integer(now.milliseconds)])
            try trail.record(.settingChange, subject: name.rawValue, ["value": value])
        }
    }
}
