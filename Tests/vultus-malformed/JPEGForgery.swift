/// JPEGs that no encoder writes: headers that lie, and scans without end (ITU-T T.81, annex B).
enum JPEGForgery {
    /// Where the segments of a sound JPEG begin, up to its first scan.
    private static func segments(_ jpeg: [UInt8]) -> [(marker: UInt8, place: Int, length: Int)] {
        var found: [(marker: UInt8, place: Int, length: Int)] = []
        var place: Int = 2
        while place + 3 < jpeg.count, jpeg[place] == 0xFF {
            let length: Int = Int(jpeg[place + 2]) << 8 | Int(jpeg[place + 3])
            found.append((jpeg[place + 1], place, length))
            if jpeg[place + 1] == 0xDA { break }
            place += 2 + length
        }
        return found
    }

    private static func frame(_ jpeg: [UInt8]) -> Int? { segments(jpeg).first { (0xC0...0xC2).contains($0.marker) }?.place }

    /// Another width and height than the picture has.
    static func resized(_ jpeg: [UInt8], width: Int, height: Int) -> [UInt8] {
        var forged: [UInt8] = jpeg
        guard let place = frame(jpeg) else { return jpeg }
        (forged[place + 5], forged[place + 6]) = (UInt8(height >> 8 & 255), UInt8(height & 255))
        (forged[place + 7], forged[place + 8]) = (UInt8(width >> 8 & 255), UInt8(width & 255))
        return forged
    }

    /// Something else in one field of a segment: a table's number, a sampling factor, a count, a length.
    static func misdescribed(_ jpeg: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var forged: [UInt8] = jpeg
        for _ in 0..<random.number(1...4) {
            let segment = random.one(of: segments(jpeg))
            let offset: Int = segment.place + random.number(1...max(2, min(segment.length + 1, 40)))
            if forged.indices.contains(offset) { forged[offset] = random.oneIn(3) ? random.one(of: [0, 1, 0x11, 0x7F, 0xFF]) : random.byte() }
        }
        return forged
    }

    /// Segments doubled, left out or put elsewhere.
    static func rearranged(_ jpeg: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        let all = segments(jpeg)
        guard let scan = all.last else { return jpeg }
        var order = Array(all.dropLast())
        for _ in 0..<random.number(1...5) where !order.isEmpty {
            let index: Int = random.number(0...order.count - 1)
            switch random.number(0...2) {
            case 0: order.remove(at: index)
            case 1: order.insert(order[index], at: random.number(0...order.count))
            default: order.swapAt(index, random.number(0...order.count - 1))
            }
        }
        let body: [UInt8] = order.flatMap { jpeg[$0.place..<min(jpeg.count, $0.place + 2 + $0.length)] }
        return jpeg.prefix(2) + body + jpeg[scan.place...]
    }

    /// A progressive picture whose scans say nothing, a few bytes each: work without end for a decoder that does them all.
    static func scans(_ count: Int, width: Int, height: Int) -> [UInt8] {
        func segment(_ marker: UInt8, _ body: [UInt8]) -> [UInt8] { [0xFF, marker, UInt8((body.count + 2) >> 8), UInt8((body.count + 2) & 255)] + body }
        let size: [UInt8] = [UInt8(height >> 8), UInt8(height & 255), UInt8(width >> 8), UInt8(width & 255)]
        var jpeg: [UInt8] = [0xFF, 0xD8] + segment(0xDB, [0] + [UInt8](repeating: 1, count: 64))
        jpeg += segment(0xC2, [8] + size + [3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0])
        // One code of one bit: no difference for DC; for AC "16,384 blocks and more are over".
        let lengths: [UInt8] = [1] + [UInt8](repeating: 0, count: 15)
        jpeg += segment(0xC4, [0x00] + lengths + [0]) + segment(0xC4, [0x10] + lengths + [0xE0])
        jpeg += segment(0xDA, [3, 1, 0, 2, 0, 3, 0, 0, 0, 0]) + [0, 0]
        // Enough of those codes for six million pixels: a scan whose data runs out is skipped faster.
        let data = [UInt8](repeating: 0, count: 16)
        for number in 0..<count {
            let band = UInt8(1 + number % 63)
            jpeg += segment(0xDA, [1, UInt8(1 + number % 3), 0, band, band, 0]) + data
        }
        return jpeg + [0xFF, 0xD9]
    }
}
