/// PNGs whose checksums agree and whose contents do not (PNG specification, third edition, 5 and 11).
enum PNGForgery {
    static func make(_ random: inout SeededGenerator) -> [UInt8] {
        let (width, height): (Int, Int) =
            random.oneIn(4) ? (random.number(0...70_000), random.number(0...70_000)) : (random.number(1...64), random.number(1...64))
        let depth: UInt8 = random.one(of: [1, 2, 4, 8, 16, 3])
        let kind: UInt8 = random.one(of: [0, 2, 3, 4, 6, 5])
        var png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        png += chunk("IHDR", number(width) + number(height) + [depth, kind, 0, 0, random.oneIn(3) ? 1 : 0])
        if kind == 3 { png += chunk("PLTE", random.bytes(3 * random.number(0...300))) }
        for name in ["tRNS", "gAMA", "iCCP", "eXIf", "zTXt"] where random.oneIn(4) { png += chunk(name, random.bytes(random.number(0...200))) }
        png += chunk("IDAT", stored(random.bytes(random.number(0...5_000))))
        png += chunk("IEND", [])
        if random.oneIn(3) { png = Damage.apply(png, &random) }
        return png
    }

    /// zlib without compression: what is inflated is what is given.
    private static func stored(_ bytes: [UInt8]) -> [UInt8] {
        let (low, high): (UInt8, UInt8) = (UInt8(bytes.count & 255), UInt8(bytes.count >> 8))
        var (a, b): (UInt32, UInt32) = (1, 0)
        for byte in bytes {
            a = (a + UInt32(byte)) % 65_521
            b = (b + a) % 65_521
        }
        return [0x78, 1, 1, low, high, ~low, ~high] + bytes + number(Int(b << 16 | a))
    }

    private static func chunk(_ name: String, _ body: [UInt8]) -> [UInt8] {
        let named: [UInt8] = Array(name.utf8) + body
        var crc: UInt32 = ~0
        for byte in named {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        return number(body.count) + named + number(Int(~crc))
    }

    private static func number(_ value: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) } }
}
