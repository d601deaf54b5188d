import Crypto
import ServiceSupport
import WireModel

/// A random text that is its own proof: sessions, invitations, links in mail. Only its hash is stored.
package enum SecretToken {
    /// `prefix` and 32 random bytes in base64url (43 characters).
    package static func generate(prefix: String) -> String { prefix + Base64(SystemRandom.bytes(32)).text }

    /// SHA-256, hexadecimal. Random texts of 128 bits and more need nothing slower: there is nothing to guess.
    package static func hash(_ text: String) -> String { SHA256.hash(data: Array(text.utf8)).hexadecimal }
}
