import Crypto
import ServiceSupport
import WireModel

/// Codes for the day the authenticator is lost, each good once: `xxxxx-xxxxx-xxxxx-x`, 80 bits.
package enum RecoveryCodes {
    package static func generate(_ count: Int = 10) -> [String] {
        (0..<count).map { _ in
            let letters: [Character] = Array(Base32.text(SystemRandom.bytes(10), alphabet: Base32.unambiguous))
            return stride(from: 0, to: letters.count, by: 5)
                .map { String(letters[$0..<min($0 + 5, letters.count)]) }
                .joined(separator: "-")
        }
    }

    /// SHA-256, hexadecimal. Case, dashes and spaces do not matter, and letters that look like digits are taken for
    /// them. A plain hash is enough: nobody tries 2⁸⁰ codes.
    package static func hash(_ code: String) -> String {
        var letters: [UInt8] = []
        for letter in code.lowercased().utf8 {
            switch letter {
            case UInt8(ascii: "-"), UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): continue
            case UInt8(ascii: "o"): letters.append(UInt8(ascii: "0"))
            case UInt8(ascii: "i"), UInt8(ascii: "l"): letters.append(UInt8(ascii: "1"))
            default: letters.append(letter)
            }
        }
        return SHA256.hash(data: letters).hexadecimal
    }
}
