/// Five bits a character, unpadded, most significant bit first.
enum Base32 {
    /// RFC 4648 §6.
    static let standard: [UInt8] = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
    /// Crockford's, in lower case: no `i`, `l`, `o` or `u` (crockford.com/base32.html).
    static let unambiguous: [UInt8] = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    static func text(_ bytes: [UInt8], alphabet: [UInt8] = standard) -> String {
        var characters: [UInt8] = []
        var pending: UInt32 = 0
        var bits: Int = 0
        for byte in bytes {
            pending = pending << 8 | UInt32(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                characters.append(alphabet[Int(pending >> UInt32(bits) & 31)])
            }
        }
        if bits > 0 { characters.append(alphabet[Int(pending << UInt32(5 - bits) & 31)]) }
        return String(decoding: characters, as: UTF8.self)
    }
}
