import ServiceSupport
import WireModel

package enum KeyEnvironment: String, Codable, Sendable, CaseIterable {
    case live, test
}

/// An API key as its owner holds it: `vlt_<env>_<random><checksum>`.
///
/// 32 random bytes in base62 (43 characters), then the CRC-32 of everything before in base62 (6 characters), after the
/// format of GitHub's tokens (github.blog/engineering/behind-githubs-new-authentication-token-formats): secret scanners
/// know it by its prefix, and a mistyped key is told from a withdrawn one without asking the store.
package struct APIKeyText: Sendable, Equatable {
    package let text: String
    package let environment: KeyEnvironment

    private static let randomLength: Int = 43
    private static let checksumLength: Int = 6

    /// - Returns: `nil` unless the form and the checksum are right.
    package init?(_ text: String) {
        guard let environment = KeyEnvironment.allCases.first(where: { text.hasPrefix(Self.prefix($0)) }) else { return nil }
        let bytes: [UInt8] = Array(text.utf8)
        let prefix: Int = Self.prefix(environment).utf8.count
        guard bytes.count == prefix + Self.randomLength + Self.checksumLength, bytes[prefix...].allSatisfy(Base62.contains) else { return nil }
        let (body, checksum) = (bytes.dropLast(Self.checksumLength), bytes.suffix(Self.checksumLength))
        guard Array(checksum) == Self.checksum(body) else { return nil }
        self.text = text
        self.environment = environment
    }

    private init(body: String, environment: KeyEnvironment) {
        text = body + String(decoding: Self.checksum(body.utf8), as: UTF8.self)
        self.environment = environment
    }

    package static func generate(_ environment: KeyEnvironment) -> APIKeyText {
        let random: [UInt8] = Base62.digits(SystemRandom.bytes(32), count: randomLength)
        return APIKeyText(body: prefix(environment) + String(decoding: random, as: UTF8.self), environment: environment)
    }

    /// SHA-256 of the text, hexadecimal: what is stored. The key has 256 random bits, so nothing slower is needed.
    package var hash: String { SecretToken.hash(text) }

    /// For lists of keys: `vlt_live_Ab3f…9xYz`, the first four random characters and the last four of all.
    package var hint: String { "\(text.prefix(Self.prefix(environment).count + 4))…\(text.suffix(4))" }

    private static func prefix(_ environment: KeyEnvironment) -> String { "vlt_\(environment.rawValue)_" }

    private static func checksum(_ body: some Sequence<UInt8>) -> [UInt8] {
        let sum: UInt32 = CyclicRedundancyCheck.crc32(body)
        return Base62.digits(withUnsafeBytes(of: sum.bigEndian) { Array($0) }, count: checksumLength)
    }
}
