import WireModel

/// An e-mail address in its three forms: as it is read, as it is mailed to, and as it is told from others.
///
/// Two addresses are equal when they were written alike; whether they are one mailbox's, their `key`s say.
package struct EmailAddress: Hashable, Sendable {
    /// As a person reads it: trimmed, NFC, domain in lower case and Unicode.
    package let text: String
    /// As it is mailed to: local part as given, domain in ASCII.
    package let mailbox: String
    /// Whose it is: local part in lower case and NFC, domain in ASCII. Mail servers may tell `Anna@` from `anna@`
    /// (RFC 5321 §2.4); none that people use does.
    package let key: String
    /// In ASCII.
    package let domain: String

    /// RFC 5321 §4.5.3.1, with the 254 of erratum 1690 to RFC 3696.
    private static let longest: Int = 254
    private static let longestLocalPart: Int = 64

    /// - Throws: `.emailInvalid`.
    package init(_ text: String) throws(Problem) {
        let trimmed: String = Self.trimmed(text)
        // Not by Character: `@` followed by a combining mark would be another one.
        let parts: [Substring.UnicodeScalarView] = trimmed[...].unicodeScalars.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            throw Self.problem("it needs exactly one @ with something on both sides")
        }
        let (local, given): (String, String) = (String(parts[0]), String(parts[1]))
        if let fault = Self.fault(inLocalPart: local) { throw Self.problem(fault) }
        guard let domain = DomainName.ascii(given), let readable = DomainName.unicode(domain) else {
            throw Self.problem("what follows the @ is no domain name")
        }
        if let fault = Self.fault(inDomain: domain) { throw Self.problem(fault) }
        self.domain = domain
        self.text = UnicodeForm.nfc(local) + "@" + readable
        mailbox = local + "@" + domain
        key = UnicodeForm.lowercased(local) + "@" + domain
        guard max(self.text.utf8.count, mailbox.utf8.count, key.utf8.count) <= Self.longest else {
            throw Self.problem("it is longer than \(Self.longest) bytes")
        }
    }

    /// Dot-atoms (RFC 5322 §3.2.3), with the letters of RFC 6531. Quoted local parts are allowed there and used nowhere.
    private static func fault(inLocalPart local: String) -> String? {
        guard max(local.utf8.count, UnicodeForm.nfc(local).utf8.count) <= longestLocalPart else {
            return "what precedes the @ is longer than \(longestLocalPart) bytes"
        }
        let atoms: [Substring.UnicodeScalarView] = local[...].unicodeScalars.split(separator: ".", omittingEmptySubsequences: false)
        guard atoms.allSatisfy({ !$0.isEmpty }) else { return "what precedes the @ begins or ends with a dot, or has two together" }
        guard atoms.allSatisfy({ $0.allSatisfy(isAtomText) }) else { return "what precedes the @ has a character that addresses cannot have" }
        // Full-width letters, ligatures and the like exist to look like others.
        guard UnicodeForm.nfkc(local).unicodeScalars.elementsEqual(UnicodeForm.nfc(local).unicodeScalars) else {
            return "what precedes the @ has a character that stands for another"
        }
        return nil
    }

    private static func isAtomText(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII {
            return scalar.properties.isAlphabetic || UInt8(ascii: "0")...UInt8(ascii: "9") ~= UInt8(scalar.value)
                || "!#$%&'*+-/=?^_`{|}~".unicodeScalars.contains(scalar)
        }
        return switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .spaceSeparator, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }

    /// Top-level names that no mail reaches: RFC 6761 and 6762, 7686 (onion), 9476 (alt), and the infrastructure's own.
    /// Those for tests and books (`test`, `example`, `invalid`) are names as good as others here.
    private static let unreachable: Set<String> = ["alt", "arpa", "local", "localdomain", "localhost", "onion"]

    private static func fault(inDomain domain: String) -> String? {
        let labels: [Substring] = domain.split(separator: ".")
        guard labels.count >= 2, let top = labels.last else { return "the domain needs a dot, as in example.com" }
        // RFC 3696 §2: so that no IP address is taken for a name.
        if top.allSatisfy(\.isNumber) { return "an IP address cannot stand for the domain" }
        return unreachable.contains(String(top)) ? "no mail reaches domains that end in .\(top)" : nil
    }

    private static func trimmed(_ text: String) -> String {
        let scalars: String.UnicodeScalarView = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }

    private static func problem(_ detail: String) -> Problem {
        Problem(.emailInvalid, "That is not an e-mail address.", detail: detail, remedy: "Give an address such as anna@example.com.")
    }
}

extension EmailAddress: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text: String = try container.decode(String.self)
        do throws(Problem) {
            self = try EmailAddress(text)
        } catch {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an e-mail address: \(error.detail)")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
