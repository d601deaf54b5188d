/// What cables, disks and buses do to bytes.
enum Damage {
    static func apply(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var damaged: [UInt8] = bytes
        for _ in 0..<random.number(1...3) where !damaged.isEmpty { damaged = once(damaged, &random) }
        return damaged
    }

    private static func once(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var damaged: [UInt8] = bytes
        let place: Int = random.number(0...bytes.count - 1)
        switch random.number(0...7) {
        case 0: return Array(bytes.prefix(place))
        // Within the header, where a bit says most.
        case 1: return Array(bytes.prefix(random.number(0...min(bytes.count, 700))))
        case 2: for _ in 0..<random.number(1...200) { damaged[random.number(0...bytes.count - 1)] ^= 1 << UInt8(random.number(0...7)) }
        case 3: for _ in 0..<random.number(1...8) { damaged[random.number(0...min(bytes.count - 1, 700))] = random.byte() }
        case 4: damaged.removeSubrange(place..<min(bytes.count, place + random.number(1...600)))
        case 5: damaged.insert(contentsOf: random.bytes(random.number(1...600)), at: place)
        case 6: damaged.insert(contentsOf: bytes[place..<min(bytes.count, place + 512)], at: random.number(0...bytes.count))
        default: for index in place..<min(bytes.count, place + random.number(1...600)) { damaged[index] = random.one(of: [0, 0xFF]) }
        }
        return damaged
    }
}
