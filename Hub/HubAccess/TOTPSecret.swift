import Crypto
import ServiceSupport
import WireModel

/// The secret of an authenticator app: time-based one-time passwords (RFC 6238) with SHA-1, six digits and steps of
/// 30 s, which is what every such app supports.
package struct TOTPSecret: Sendable {
    /// 20 bytes, as long as the hash (RFC 4226 §4, R6).
    package let bytes: [UInt8]

    package init(bytes: [UInt8]) { self.bytes = bytes }

    package static func generate() -> TOTPSecret { TOTPSecret(bytes: SystemRandom.bytes(20)) }

    /// RFC 4648 §6, unpadded: 32 characters, for people who type it.
    package var base32: String { Base32.text(bytes) }

    /// What the QR code says (github.com/google/google-authenticator/wiki/Key-Uri-Format).
    package func uri(issuer: String, account: String) -> String {
        let (issuer, account): (String, String) = (Self.percentEncoded(issuer), Self.percentEncoded(account))
        return "otpauth://totp/\(issuer):\(account)?secret=\(base32)&issuer=\(issuer)&algorithm=SHA1&digits=6&period=30"
    }

    package func code(at now: Timestamp) -> String { code(step: Self.step(now)) }

    /// The step a code belongs to, when it is of this step, the one before or the one after (RFC 6238 §5.2), and later
    /// than `lastStep`.
    ///
    /// Store the step before letting anyone in, with a condition in SQL, so that each is used once.
    /// - Parameter code: six digits; spaces between them are forgiven.
    package func step(of code: String, at now: Timestamp, after lastStep: Int64) -> Int64? {
        let given: [UInt8] = code.utf8.filter { $0 != UInt8(ascii: " ") }
        let current: Int64 = Self.step(now)
        var found: Int64?
        // All three, always: and should one code stand for two steps, the later one, or it would be good a second time.
        for step in current - 1...current + 1 where ConstantTime.equal(given, Array(self.code(step: step).utf8)) {
            found = step
        }
        guard let found, found > lastStep else { return nil }
        return found
    }

    private static func step(_ now: Timestamp) -> Int64 { now.milliseconds / 30_000 }

    /// HOTP of RFC 4226 §5.3.
    func code(step: Int64) -> String {
        let counter: [UInt8] = withUnsafeBytes(of: step.bigEndian) { Array($0) }
        let mac: [UInt8] = Array(HMAC<Insecure.SHA1>.authenticationCode(for: counter, using: SymmetricKey(data: bytes)))
        let offset: Int = Int(mac[mac.count - 1] & 0xF)
        let number: UInt32 = mac[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let digits: String = String(number % 1_000_000)
        return String(repeating: "0", count: 6 - digits.utf8.count) + digits
    }

    /// Everything but RFC 3986's unreserved characters.
    private static func percentEncoded(_ text: String) -> String {
        var encoded: String = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
                UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default: encoded += "%" + [byte].hexadecimal.uppercased()
            }
        }
        return encoded
    }
}
