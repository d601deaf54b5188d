import Compression
import TestKit
import Testing

@Suite("gzip")
struct GzipTests {
    private static func bytes(_ count: Int, seed: UInt64) -> [UInt8] {
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { $0 % 3 == 0 ? UInt8.random(in: 0...255, using: &random) : UInt8($0 % 7) }
    }

    @Test("what goes in comes out, whole or in parts of any size", arguments: [0, 1, 65_535, 65_536, 65_537, 300_000])
    func roundTrip(count: Int) throws {
        let plain: [UInt8] = Self.bytes(count, seed: UInt64(count))
        let small: [UInt8] = Gzip.compress(plain)
        #expect(try Gzip.inflate(small, limit: count) == plain)
        var inflater = Inflater()
        var deflater = Deflater()
        var parts: [UInt8] = []
        for part in plain.chunks(of: 1_000) { parts += deflater.deflate(part, isLast: false) }
        parts += deflater.deflate([], isLast: true)
        var result: [UInt8] = []
        for part in parts.chunks(of: 777) { result += try inflater.inflate(part, limit: 1 << 20) }
        let isComplete: Bool = inflater.isComplete
        #expect(isComplete)
        #expect(result == plain)
    }

    @Test("a bomb is given up at the limit, not at its end")
    func bomb() {
        let bomb: [UInt8] = Gzip.compress([UInt8](repeating: 0, count: 50 << 20))
        #expect(bomb.count < 60_000)
        #expect(throws: GzipError.tooLarge(limit: 1 << 20)) { try Gzip.inflate(bomb, limit: 1 << 20) }
    }

    @Test("what is cut short, altered, or followed by more is damaged")
    func damaged() throws {
        let plain: [UInt8] = Self.bytes(5_000, seed: 1)
        let small: [UInt8] = Gzip.compress(plain)
        for length in stride(from: 0, to: small.count, by: 37) {
            #expect(throws: GzipError.damaged) { try Gzip.inflate(Array(small.prefix(length)), limit: 1 << 20) }
        }
        #expect(throws: GzipError.damaged) { try Gzip.inflate(small + [0], limit: 1 << 20) }
        #expect(throws: GzipError.damaged) { try Gzip.inflate(plain, limit: 1 << 20) }
        var found: Int = 0
        for index in stride(from: 12, to: small.count, by: 101) {
            var altered: [UInt8] = small
            altered[index] ^= 0x10
            if (try? Gzip.inflate(altered, limit: 1 << 20)) == nil { found += 1 }
        }
        // The check sum over the content finds every one of them; nothing else holds the bytes.
        #expect(found == stride(from: 12, to: small.count, by: 101).underestimatedCount)
    }
}

extension [UInt8] {
    fileprivate func chunks(of size: Int) -> [ArraySlice<UInt8>] {
        stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}
