import Crypto
import WireModel

/// An authenticator app, written from RFC 6238 and RFC 4648 apart from the hub's own code.
package enum TOTPPeer {
    package static func code(base32: String, at now: Timestamp) -> String {
        var (bits, count, key): (UInt64, Int, [UInt8]) = (0, 0, [])
        for character in base32.utf8 {
            let value: UInt8 = character >= UInt8(ascii: "A") ? character - UInt8(ascii: "A") : character - UInt8(ascii: "2") + 26
            bits = bits << 5 | UInt64(value)
            count += 5
            if count >= 8 {
                count -= 8
                key.append(UInt8(truncatingIfNeeded: bits >> UInt64(count)))
            }
        }
        let step = UInt64(now.milliseconds / 30_000)
        let message: [UInt8] = (0..<8).reversed().map { UInt8(truncatingIfNeeded: step >> UInt64($0 * 8)) }
        let mac: [UInt8] = Array(HMAC<Insecure.SHA1>.authenticationCode(for: message, using: SymmetricKey(data: key)))
        let offset = Int(mac[19] & 15)
        let number: Int = (Int(mac[offset]) & 127) << 24 | Int(mac[offset + 1]) << 16 | Int(mac[offset + 2]) << 8 | Int(mac[offset + 3])
        let digits: String = "\(number % 1_000_000)"
        return String(repeating: "0", count: 6 - digits.count) + digits
    }
}
