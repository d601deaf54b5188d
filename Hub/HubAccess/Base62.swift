/// A number in the digits `0–9A–Za–z`, most significant first.
enum Base62 {
    private static let alphabet: [UInt8] = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    static func contains(_ digit: UInt8) -> Bool { alphabet.contains(digit) }

    /// - Parameters:
    ///   - bytes: the number, big-endian.
    ///   - count: digits to write, zeros in front; enough for every number of that many bytes.
    static func digits(_ bytes: [UInt8], count: Int) -> [UInt8] {
        var number: [UInt8] = bytes
        var digits = [UInt8](repeating: alphabet[0], count: count)
        for place in digits.indices.reversed() {
            var remainder: Int = 0
            for index in number.indices {
                let value: Int = remainder << 8 | Int(number[index])
                number[index] = UInt8(value / 62)
                remainder = value % 62
            }
            digits[place] = alphabet[remainder]
        }
        precondition(number.allSatisfy { $0 == 0 }, "too few digits")
        return digits
    }
}

enum CyclicRedundancyCheck {
    /// CRC-32 as in zip, PNG and Ethernet (reflected, polynomial 0xEDB88320); bit by bit, for texts of a line.
    static func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var sum: UInt32 = ~0
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
        return ~sum
    }
}
