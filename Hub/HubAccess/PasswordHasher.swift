import CSodium
import ServiceSupport
import WireModel

package enum PasswordVerdict: Sendable {
    case wrong
    case right
    /// Right, but hashed with other parameters than today's: hash the password again and store that.
    case rightButOutdated
}

/// Passwords through argon2id (RFC 9106, libsodium's `crypto_pwhash_str`).
///
/// At most `width` hashes run at once, on queues of their own, in the order they came: a rush of sign-ins takes
/// `width` × 19 MiB and never holds up the rest of the hub.
package final class PasswordHasher: Sendable {
    private let parameters: PasswordParameters
    private let lanes: BlockingLanes
    private let decoy: String

    package init(parameters: PasswordParameters = .current, width: Int = 2) {
        self.parameters = parameters
        lanes = BlockingLanes(label: "vultus.passwords", width: width)
        decoy = Self.decoy(parameters)
        // Safe from several threads and any number of times since libsodium 1.0.11.
        precondition(sodium_init() >= 0, "libsodium cannot start")
    }

    /// - Returns: `$argon2id$v=19$m=…,t=…,p=1$salt$hash`, to be stored as it is.
    /// - Throws: `AccessError.outOfMemory`.
    package func hash(_ password: String) async throws -> String {
        let parameters: PasswordParameters = parameters
        let hash: String? = await lanes.run { Self.hash(Self.prepared(password), parameters) }
        guard let hash else { throw AccessError.outOfMemory(bytes: parameters.memoryKiB * 1024) }
        return hash
    }

    /// `nil` means nobody of that name: the same work is done against a decoy, so that time tells nothing.
    package func verify(_ password: String, against hash: String?) async -> PasswordVerdict {
        let (parameters, decoy): (PasswordParameters, String) = (parameters, decoy)
        return await lanes.run {
            let password: [CChar] = Self.prepared(password)
            guard let hash, let age = Self.age(of: hash, parameters), password.count <= Self.longest else {
                _ = Self.matches(Array(password.prefix(Self.longest)), decoy)
                return .wrong
            }
            guard Self.matches(password, hash) else { return .wrong }
            return age == .today ? .right : .rightButOutdated
        }
    }

    /// In bytes: far above what `PasswordPolicy` lets anyone choose, and low enough not to be worth sending.
    private static let longest: Int = 8192

    /// NFKC, so that a password typed on another keyboard or system stays the same (NIST SP 800-63B-4 §3.1.1.2; RFC 8265
    /// prepares passwords alike, with NFC).
    private static func prepared(_ password: String) -> [CChar] {
        UnicodeForm.nfkc(password).utf8.map { CChar(bitPattern: $0) }
    }

    private static func hash(_ password: [CChar], _ parameters: PasswordParameters) -> String? {
        var text = [CChar](repeating: 0, count: crypto_pwhash_strbytes())
        let result: CInt = crypto_pwhash_str(&text, password, UInt64(password.count), UInt64(parameters.passes), parameters.memoryKiB * 1024)
        guard result == 0 else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func matches(_ password: [CChar], _ hash: String) -> Bool {
        crypto_pwhash_str_verify(hash, password, UInt64(password.count)) == 0
    }

    private enum Age { case today, earlier }

    /// - Returns: `nil` when the text is no argon2id hash.
    private static func age(of hash: String, _ parameters: PasswordParameters) -> Age? {
        guard hash.hasPrefix("$argon2id$"), hash.utf8.count < crypto_pwhash_strbytes(), !hash.utf8.contains(0) else { return nil }
        return switch crypto_pwhash_str_needs_rehash(hash, UInt64(parameters.passes), parameters.memoryKiB * 1024) {
        case 0: .today
        case 1: .earlier
        default: nil
        }
    }

    static func isCurrent(_ hash: String, _ parameters: PasswordParameters) -> Bool { age(of: hash, parameters) == .today }

    /// A well-formed hash of nothing: comparing with it computes the whole of argon2id and then finds another result.
    static func decoy(_ parameters: PasswordParameters) -> String {
        let salt: String = standardBase64(SystemRandom.bytes(16))
        let hash: String = standardBase64(SystemRandom.bytes(32))
        return "$argon2id$v=19$m=\(parameters.memoryKiB),t=\(parameters.passes),p=1$\(salt)$\(hash)"
    }

    /// Unpadded and with `+` and `/`, as argon2's encoded hashes are written.
    private static func standardBase64(_ bytes: [UInt8]) -> String {
        Base64(bytes).text.replacing("-", with: "+").replacing("_", with: "/")
    }
}
