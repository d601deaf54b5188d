import Crypto
import FoundationEssentials
import Synchronization

/// Orders the identifiers of one millisecond by birth (RFC 9562 §6.2, method 1): a counter of 12 bits, begun anew with each
/// millisecond. The order holds for 2,048 identifiers at least, and while no more than 255 other moments come between: threads
/// that read the clock a moment apart, or clocks of several hubs in one process, do not disturb each other.
package struct IdentifierOrder: Sendable {
    private static let mostMoments: Int = 256
    /// The last counter given at each of the moments remembered.
    private var counters: [Int64: UInt64] = [:]
    /// A ring: the moments remembered, the next to be forgotten at `oldest` once it is full.
    private var moments: [Int64] = []
    private var oldest: Int = 0

    package init() {}

    fileprivate mutating func next(at now: Timestamp) -> UInt64 {
        let last: UInt64? = counters[now.milliseconds]
        if last == nil { remember(now.milliseconds) }
        // Begins low, so that there is room.
        let next: UInt64 = if let last, last < 0xFFF { last + 1 } else { .random(in: 0..<0x800) }
        counters[now.milliseconds] = next
        return next
    }

    private mutating func remember(_ moment: Int64) {
        guard moments.count == Self.mostMoments else { return moments.append(moment) }
        counters[moments[oldest]] = nil
        moments[oldest] = moment
        oldest = (oldest + 1) % Self.mostMoments
    }

    /// Of this process.
    fileprivate static let shared = Mutex(IdentifierOrder())
}

/// A kind of thing that has identifiers of its own, told apart by prefix (`acc_`, `dev_`, …).
package protocol IdentifierKind: Sendable {
    /// Lower-case letters before the underscore.
    static var prefix: String { get }
}

/// A prefixed UUIDv7 (RFC 9562 §5.7): sorts by creation time, says what it names.
///
/// Written as the prefix, an underscore and 32 lower-case hexadecimal digits.
package struct Identifier<Kind: IdentifierKind>: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: String

    /// - Returns: `nil` unless the text is this kind's prefix, `_`, and 32 lower-case hexadecimal digits.
    package init?(rawValue: String) {
        let prefix: String = Kind.prefix + "_"
        guard rawValue.hasPrefix(prefix) else { return nil }
        let digits: Substring = rawValue.dropFirst(prefix.count)
        guard digits.utf8.count == 32, digits.utf8.allSatisfy(Self.isLowerHex) else { return nil }
        self.rawValue = rawValue
    }

    /// A fresh identifier.
    /// - Parameters:
    ///   - now: its creation time, kept to the millisecond in the upper 48 bits.
    ///   - random: a source of 74 random bits; injected so that tests can repeat themselves.
    package init(at now: Timestamp, using random: inout some RandomNumberGenerator) {
        self.init(at: now, twelveBits: random.next() & 0x0FFF, using: &random)
    }

    private init(at now: Timestamp, twelveBits: UInt64, using random: inout some RandomNumberGenerator) {
        let upper: UInt64 = (UInt64(bitPattern: now.milliseconds) & 0xFFFF_FFFF_FFFF) << 16 | 0x7000 | twelveBits
        let lower: UInt64 = 0x8000_0000_0000_0000 | (random.next() & 0x3FFF_FFFF_FFFF_FFFF)
        rawValue = Kind.prefix + "_" + Self.hex(upper) + Self.hex(lower)
    }

    /// - Parameter order: among its identifiers of one millisecond the later sorts after the earlier.
    package init(at now: Timestamp, in order: inout IdentifierOrder) {
        var random = SystemRandomNumberGenerator()
        self.init(at: now, twelveBits: order.next(at: now), using: &random)
    }

    /// In the order of this process.
    package init(at now: Timestamp) { self = IdentifierOrder.shared.withLock { Self(at: now, in: &$0) } }

    /// The same for the same bytes, on every machine: of what may be sent more than once. Does not sort by time.
    package init(digestOf canonical: CanonicalBytes) {
        rawValue = Kind.prefix + "_" + Array(SHA256.hash(data: canonical.bytes).prefix(16)).hexadecimal
    }

    /// When it was made, to the millisecond; of one made from a digest, nothing.
    package var created: Timestamp {
        Timestamp(milliseconds: Int64(rawValue.dropFirst(Kind.prefix.count + 1).prefix(12), radix: 16) ?? 0)
    }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    private static func isLowerHex(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }

    private static func hex(_ value: UInt64) -> String {
        let digits: String = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}

extension Identifier: CustomStringConvertible {
    package var description: String { rawValue }
}

/// As a key of a JSON object.
extension Identifier: CodingKeyRepresentable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }

        init?(intValue: Int) { nil }
    }

    package var codingKey: any CodingKey { Key(stringValue: rawValue) }

    package init?(codingKey: some CodingKey) { self.init(rawValue: codingKey.stringValue) }
}

extension Identifier: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text: String = try container.decode(String.self)
        guard let value = Self(rawValue: text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not an identifier of the form \(Kind.prefix)_ and 32 hexadecimal digits")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}

package enum AccountKind: IdentifierKind { package static var prefix: String { "acc" } }
package enum DeviceKind: IdentifierKind { package static var prefix: String { "dev" } }
package enum PersonKind: IdentifierKind { package static var prefix: String { "per" } }
package enum TemplateKind: IdentifierKind { package static var prefix: String { "tpl" } }
package enum LeaseKind: IdentifierKind { package static var prefix: String { "lea" } }
package enum PriceKind: IdentifierKind { package static var prefix: String { "pri" } }
package enum TokenKind: IdentifierKind { package static var prefix: String { "tok" } }
package enum MemberKind: IdentifierKind { package static var prefix: String { "mem" } }
package enum OperatorKind: IdentifierKind { package static var prefix: String { "opr" } }
package enum SessionKind: IdentifierKind { package static var prefix: String { "ses" } }
package enum ApplicationKind: IdentifierKind { package static var prefix: String { "app" } }
package enum APIKeyKind: IdentifierKind { package static var prefix: String { "key" } }
package enum AgreementVersionKind: IdentifierKind { package static var prefix: String { "agv" } }
package enum AcceptanceKind: IdentifierKind { package static var prefix: String { "act" } }
package enum MeasureKind: IdentifierKind { package static var prefix: String { "mea" } }
package enum NoticeKind: IdentifierKind { package static var prefix: String { "ntc" } }
package enum MailKind: IdentifierKind { package static var prefix: String { "eml" } }
package enum ClosureKind: IdentifierKind { package static var prefix: String { "clo" } }
package enum StandingChangeKind: IdentifierKind { package static var prefix: String { "std" } }
package enum OfferKind: IdentifierKind { package static var prefix: String { "off" } }
package enum ProductKind: IdentifierKind { package static var prefix: String { "prd" } }
package enum PurchaseKind: IdentifierKind { package static var prefix: String { "pur" } }
package enum EntitlementKind: IdentifierKind { package static var prefix: String { "ent" } }
package enum MeteringRecordKind: IdentifierKind { package static var prefix: String { "mtr" } }
package enum LedgerTransactionKind: IdentifierKind { package static var prefix: String { "txn" } }
package enum AlertKind: IdentifierKind { package static var prefix: String { "alr" } }
package enum AlertRuleKind: IdentifierKind { package static var prefix: String { "rul" } }
package enum DeviceAlertKind: IdentifierKind { package static var prefix: String { "dal" } }
package enum GalleryKind: IdentifierKind { package static var prefix: String { "gal" } }
package enum ImportKind: IdentifierKind { package static var prefix: String { "imp" } }
package enum CustomisationKind: IdentifierKind { package static var prefix: String { "cus" } }
package enum QuoteKind: IdentifierKind { package static var prefix: String { "quo" } }
package enum VariantKind: IdentifierKind { package static var prefix: String { "var" } }
package enum WebhookKind: IdentifierKind { package static var prefix: String { "whk" } }
package enum WebhookDeliveryKind: IdentifierKind { package static var prefix: String { "whd" } }
package enum DeviceGroupKind: IdentifierKind { package static var prefix: String { "grp" } }
package enum CommandIDKind: IdentifierKind { package static var prefix: String { "cmd" } }
package enum ConfusionKind: IdentifierKind { package static var prefix: String { "cnf" } }
package enum FeedbackKind: IdentifierKind { package static var prefix: String { "fbk" } }
package enum AnnouncementKind: IdentifierKind { package static var prefix: String { "ann" } }
package enum IncidentKind: IdentifierKind { package static var prefix: String { "inc" } }
package enum WaitingDeviceKind: IdentifierKind { package static var prefix: String { "wai" } }
package enum ReleaseIDKind: IdentifierKind { package static var prefix: String { "rel" } }
package enum RolloutKind: IdentifierKind { package static var prefix: String { "rol" } }

package typealias AccountID = Identifier<AccountKind>
package typealias DeviceID = Identifier<DeviceKind>
package typealias PersonID = Identifier<PersonKind>
package typealias TemplateID = Identifier<TemplateKind>
package typealias LeaseID = Identifier<LeaseKind>
package typealias PriceID = Identifier<PriceKind>
package typealias TokenID = Identifier<TokenKind>
package typealias MemberID = Identifier<MemberKind>
package typealias OperatorID = Identifier<OperatorKind>
package typealias SessionID = Identifier<SessionKind>
package typealias ApplicationID = Identifier<ApplicationKind>
package typealias APIKeyID = Identifier<APIKeyKind>
package typealias AgreementVersionID = Identifier<AgreementVersionKind>
package typealias AcceptanceID = Identifier<AcceptanceKind>
package typealias MeasureID = Identifier<MeasureKind>
package typealias NoticeID = Identifier<NoticeKind>
package typealias MailID = Identifier<MailKind>
package typealias ClosureID = Identifier<ClosureKind>
package typealias StandingChangeID = Identifier<StandingChangeKind>
package typealias OfferID = Identifier<OfferKind>
package typealias ProductID = Identifier<ProductKind>
package typealias PurchaseID = Identifier<PurchaseKind>
package typealias EntitlementID = Identifier<EntitlementKind>
package typealias MeteringRecordID = Identifier<MeteringRecordKind>
package typealias LedgerTransactionID = Identifier<LedgerTransactionKind>
package typealias AlertID = Identifier<AlertKind>
package typealias AlertRuleID = Identifier<AlertRuleKind>
package typealias DeviceAlertID = Identifier<DeviceAlertKind>
package typealias GalleryID = Identifier<GalleryKind>
package typealias ImportID = Identifier<ImportKind>
package typealias CustomisationID = Identifier<CustomisationKind>
package typealias QuoteID = Identifier<QuoteKind>
package typealias VariantID = Identifier<VariantKind>
package typealias WebhookID = Identifier<WebhookKind>
package typealias WebhookDeliveryID = Identifier<WebhookDeliveryKind>
package typealias CommandID = Identifier<CommandIDKind>
package typealias DeviceGroupID = Identifier<DeviceGroupKind>
package typealias ConfusionID = Identifier<ConfusionKind>
package typealias FeedbackID = Identifier<FeedbackKind>
package typealias AnnouncementID = Identifier<AnnouncementKind>
package typealias IncidentID = Identifier<IncidentKind>
package typealias WaitingDeviceID = Identifier<WaitingDeviceKind>
package typealias ReleaseID = Identifier<ReleaseIDKind>
package typealias RolloutID = Identifier<RolloutKind>
