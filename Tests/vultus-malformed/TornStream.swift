/// Motion JPEG as it comes over a bad line: multipart headers, pictures that are whole and others that are not, in pieces of any size.
enum TornStream {
    private static let header: [UInt8] = Array("\r\n--frame\r\nContent-Type: image/jpeg\r\nContent-Length: 12345\r\n\r\n".utf8)

    static func make(_ random: inout SeededGenerator) -> [[UInt8]] {
        var bytes: [UInt8] = []
        for _ in 0..<random.number(1...6) {
            if random.oneIn(2) { bytes += random.oneIn(3) ? Damage.apply(header, &random) : header }
            let picture: [UInt8] = SoundPicture.jpeg(&random)
            switch random.number(0...3) {
            case 0: bytes += picture
            case 1: bytes += Damage.apply(picture, &random)
            // Starts and nothing behind them.
            case 2: for _ in 0..<random.number(1...4_000) { bytes += [0xFF, 0xD8] + (random.oneIn(2) ? [] : [0xFF, random.byte()]) }
            default: bytes += picture.prefix(random.number(0...picture.count)) + random.bytes(random.number(0...300))
            }
        }
        var (pieces, start): ([[UInt8]], Int) = ([], 0)
        let most: Int = random.one(of: [64, 4_096, 262_144])
        while start < bytes.count {
            let end: Int = min(bytes.count, start + random.number(1...most))
            pieces.append(Array(bytes[start..<end]))
            start = end
        }
        return pieces
    }
}
