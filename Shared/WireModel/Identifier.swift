import FoundationEssentials
import Synchronization

/// What was counted in the newest millisecond.
private enum IdentifierOrder {
    private static let state = Mutex<(milliseconds: Int64, counter: UInt64)>((.min, 0))

    static func next(at now: Timestamp) -> UInt64 {
        state.withLock { state in
            // Begins low, so that there is room; after 4095 in one millisecond the order is left to chance.
            if state.milliseconds == now.milliseconds, state.counter < 0xFFF {
                state.counter += 1
            } else {
                state = (now.milliseconds, UInt64.random(in: 0..<0x800))
            }
            return state.counter
        }
    }
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
        let upper: UInt64 =
            (UInt64(bitPattern: now.milliseconds) & 0xFFFF_FFFF_FFFF) << 16
            | 0x7000 | (random.next() & 0x0FFF)
        let lower: UInt64 = 0x8000_0000_0000_0000 | (random.next() & 0x3FFF_FFFF_FFFF_FFFF)
        rawValue = Kind.prefix + "_" + Self.hex(upper) + Self.hex(lower)
    }

    /// Of two made by one process in one millisecond, the later sorts after the earlier (RFC 9562 §6.2, method 1).
    package init(at now: Timestamp) {
        var random = SystemRandomNumberGenerator()
        let fresh: String = Self(at: now, using: &random).rawValue
        // The three digits after the version: a counter as long as the millisecond is the same.
        let counter: Substring = Self.hex(IdentifierOrder.next(at: now)).suffix(3)
        let before: Int = Kind.prefix.utf8.count + 1 + 13
        rawValue = String(fresh.prefix(before)) + counter + fresh.dropFirst(before + 3)
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
