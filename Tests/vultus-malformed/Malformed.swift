import FacePipeline

/// One thing that comes from a camera, a file or a stream, and what has to become of it.
struct Malformed {
    enum Content {
        case encoded([UInt8])
        case raw([UInt8], RawLayout)
        /// Pieces of a motion JPEG stream, as `read(2)` would give them.
        case stream([[UInt8]], limit: Int)
    }

    enum Expectation: Equatable {
        /// Whatever it says, it must come back.
        case anything
        /// Sound: without them, a pipeline that refuses everything would pass.
        case accepted
        /// Refused before a pixel is decoded.
        case refusedUnseen
        /// Refused for the bytes that are missing, or the layout that is not sound.
        case refused
    }

    /// Such as `thousand scans`.
    let kind: String
    let content: Content
    let expectation: Expectation

    /// The case of that number: kinds take turns, all else is drawn.
    static func make(_ number: Int, seed: UInt64) -> Malformed {
        var random = SeededGenerator(seed: seed, stream: UInt64(number))
        let kinds: [(inout SeededGenerator) -> Malformed] = [
            damagedJPEG, damagedJPEG, damagedJPEG, misdescribed, rearranged, shortRaw, wrongRaw, tornStream, resized, damagedJPEG, misdescribed, png, soundJPEG,
            scans, rearranged, tornStream, shortRaw, noise, hugeHeader, soundRaw,
        ]
        return kinds[number % kinds.count](&random)
    }

    private static func damagedJPEG(_ random: inout SeededGenerator) -> Malformed {
        Malformed(kind: "damaged JPEG", content: .encoded(Damage.apply(SoundPicture.jpeg(&random), &random)), expectation: .anything)
    }

    private static func misdescribed(_ random: inout SeededGenerator) -> Malformed {
        Malformed(kind: "JPEG with wrong fields", content: .encoded(JPEGForgery.misdescribed(SoundPicture.jpeg(&random), &random)), expectation: .anything)
    }

    private static func rearranged(_ random: inout SeededGenerator) -> Malformed {
        Malformed(kind: "JPEG with moved segments", content: .encoded(JPEGForgery.rearranged(SoundPicture.jpeg(&random), &random)), expectation: .anything)
    }

    private static func resized(_ random: inout SeededGenerator) -> Malformed {
        let (width, height): (Int, Int) = (random.number(0...2_000), random.number(0...2_000))
        let forged: [UInt8] = JPEGForgery.resized(SoundPicture.jpeg(&random), width: width, height: height)
        return Malformed(kind: "JPEG of another size than it says", content: .encoded(forged), expectation: .anything)
    }

    private static func hugeHeader(_ random: inout SeededGenerator) -> Malformed {
        // Too many pixels, or a side too long.
        let (width, height): (Int, Int) = random.oneIn(2) ? (random.number(16_385...65_535), 1) : (random.number(8_000...65_535), random.number(8_000...65_535))
        let forged: [UInt8] = JPEGForgery.resized(SoundPicture.jpeg(&random), width: width, height: height)
        return Malformed(kind: "huge header", content: .encoded(forged), expectation: .refusedUnseen)
    }

    private static func scans(_ random: inout SeededGenerator) -> Malformed {
        // More than the limit allows for the size, up to thousands; one in ten just within it, of the sizes that cost most time and memory.
        if random.oneIn(10) {
            let (side, count): (Int, Int) = random.one(of: [(2_448, 99), (7_071, 11)])
            let forged: [UInt8] = JPEGForgery.scans(count, width: side, height: side)
            return Malformed(kind: "as many scans as are allowed", content: .encoded(forged), expectation: .anything)
        }
        let (width, height): (Int, Int) = random.one(of: [(16, 16), (1_280, 720), (8_000, 6_000)])
        let forged: [UInt8] = JPEGForgery.scans(random.number(100...5_000), width: width, height: height)
        return Malformed(kind: "thousand scans", content: .encoded(forged), expectation: .refusedUnseen)
    }

    private static func png(_ random: inout SeededGenerator) -> Malformed {
        Malformed(kind: "PNG", content: .encoded(PNGForgery.make(&random)), expectation: .anything)
    }

    private static func noise(_ random: inout SeededGenerator) -> Malformed {
        let starts: [[UInt8]] = [[], [0xFF, 0xD8], [0xFF, 0xD8, 0xFF, 0xC2, 0, 17, 8], [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]]
        return Malformed(kind: "noise", content: .encoded(random.one(of: starts) + random.bytes(random.number(0...3_000))), expectation: .anything)
    }

    private static func soundJPEG(_ random: inout SeededGenerator) -> Malformed {
        Malformed(kind: "sound JPEG", content: .encoded(SoundPicture.jpeg(&random)), expectation: .accepted)
    }

    private static func soundRaw(_ random: inout SeededGenerator) -> Malformed {
        let layout: RawLayout = RawForgery.sound(&random)
        return Malformed(kind: "sound raw frame", content: .raw(random.bytes(layout.byteCount), layout), expectation: .accepted)
    }

    private static func shortRaw(_ random: inout SeededGenerator) -> Malformed {
        let layout: RawLayout = RawForgery.sound(&random)
        let count: Int = layout.byteCount - (random.oneIn(2) ? 1 : random.number(1...layout.byteCount))
        return Malformed(kind: "short raw frame", content: .raw(random.bytes(count), layout), expectation: .refused)
    }

    private static func wrongRaw(_ random: inout SeededGenerator) -> Malformed {
        Malformed(
            kind: "raw frame of a wrong layout", content: .raw(random.bytes(random.number(0...20_000)), RawForgery.unsound(&random)), expectation: .refused)
    }

    private static func tornStream(_ random: inout SeededGenerator) -> Malformed {
        Malformed(kind: "torn stream", content: .stream(TornStream.make(&random), limit: random.one(of: [200, 20_000, 1 << 20])), expectation: .anything)
    }
}
