import CTurboJPEG
import Testing

@testable import FacePipeline

@Suite struct ImageDecoderTests {
    /// Smooth colours, which JPEG keeps nearly as they are.
    private let picture: PixelBuffer = {
        let picture = PixelBuffer(width: 96, height: 64)
        for y in 0..<64 {
            for x in 0..<96 {
                picture.bytes[3 * (y * 96 + x)] = UInt8(x * 2)
                picture.bytes[3 * (y * 96 + x) + 1] = UInt8(y * 3)
                picture.bytes[3 * (y * 96 + x) + 2] = 100
            }
        }
        return picture
    }()

    private func decode(_ bytes: [UInt8], reduction: Int = 1) throws -> PixelBuffer {
        try TestPictures.pixels(bytes, reduction: reduction)
    }

    @Test("PNG comes back byte for byte, JPEG nearly")
    func whole() throws {
        #expect(try decode(TestPictures.png(picture)).array == picture.array)
        let jpeg = try decode(TestPictures.jpeg(picture, quality: 98))
        for (before, after) in zip(picture.array, jpeg.array) { #expect(abs(Int(before) - Int(after)) < 12) }
    }

    @Test("JPEG is decoded at a half, a quarter and an eighth", arguments: [2, 4, 8])
    func reduced(reduction: Int) throws {
        let small = try decode(TestPictures.jpeg(picture), reduction: reduction)
        #expect((small.width, small.height) == (96 / reduction, 64 / reduction))
        let expected = 48 * 2
        let middle = small.array[3 * ((32 / reduction) * small.width + 48 / reduction)]
        #expect(abs(Int(middle) - expected) < 20)
    }

    @Test("a JPEG cut off anywhere is truncated, never half grey", arguments: [0.4, 0.6, 0.8, 0.95, 0.999])
    func truncatedJPEG(share: Double) throws {
        for flags in [CInt(0), CInt(TJFLAG_PROGRESSIVE)] {
            let whole = TestPictures.jpeg(picture, flags: flags)
            let cut = Array(whole.prefix(max(700, Int(Double(whole.count) * share))))
            guard cut.count < whole.count else { continue }
            #expect(throws: ImageError.truncated(.jpeg)) { try decode(cut) }
        }
    }

    @Test("a JPEG without its last two bytes is truncated")
    func endMissing() throws {
        #expect(throws: ImageError.truncated(.jpeg)) { try decode(TestPictures.jpeg(picture).dropLast(2)) }
    }

    @Test("bytes after the end of a JPEG do no harm")
    func trailing() throws {
        let whole = TestPictures.jpeg(picture)
        let padded = whole + [UInt8](repeating: 0, count: 300)
        #expect(try decode(padded).array == decode(whole).array)
    }

    @Test("stray bytes between segments do no harm, and do not hide that the file is cut off")
    func stray() throws {
        let whole = TestPictures.jpeg(picture)
        // Right after the first segment, APP0.
        let place = 4 + (Int(whole[4]) << 8 | Int(whole[5]))
        let padded = Array(whole[..<place]) + [1, 2, 3] + whole[place...]
        #expect(try decode(padded).array == decode(whole).array)
        #expect(throws: ImageError.truncated(.jpeg)) { try decode(Array(padded.prefix(padded.count * 9 / 10))) }
    }

    @Test("a PNG cut off anywhere is truncated", arguments: [0.3, 0.7, 0.99])
    func truncatedPNG(share: Double) throws {
        let whole = TestPictures.png(picture)
        let cut = Array(whole.prefix(max(40, Int(Double(whole.count) * share))))
        #expect(throws: ImageError.truncated(.png)) { try decode(cut) }
    }

    @Test("a damaged PNG is corrupt, with libpng's reason")
    func damagedPNG() throws {
        var bytes = TestPictures.png(picture)
        bytes[bytes.count / 2] ^= 0xFF
        let error = #expect(throws: ImageError.self) { try decode(bytes) }
        guard case .corrupt(.png, let message) = error else {
            Issue.record("not called corrupt: \(String(describing: error))")
            return
        }
        #expect(!message.isEmpty)
    }

    @Test("upright pixels are those stored, for all eight orientations", arguments: ImageOrientation.allCases)
    func upright(orientation: ImageOrientation) {
        let stored = TestPictures.stored(picture, for: orientation)
        let again = stored.upright(orientation)
        #expect((again.width, again.height) == (96, 64))
        #expect(again.array == picture.array)
    }

    @Test("orientation 6 turns the stored picture clockwise: its lower left corner comes to the upper left")
    func clockwise() {
        let stored = PixelBuffer(width: 2, height: 1, rgb: [1, 1, 1, 2, 2, 2])
        let upright = stored.upright(.turnClockwise)
        #expect((upright.width, upright.height) == (1, 2))
        #expect(upright.array == [1, 1, 1, 2, 2, 2])
        let tall = PixelBuffer(width: 1, height: 2, rgb: [1, 1, 1, 2, 2, 2])
        #expect(tall.upright(.turnClockwise).array == [2, 2, 2, 1, 1, 1])
        #expect(tall.upright(.turnAnticlockwise).array == [1, 1, 1, 2, 2, 2])
    }

    @Test("making a picture smaller averages what it covers")
    func area() {
        let source = PixelBuffer(width: 4, height: 2, rgb: [0, 100, 200, 10, 60, 30, 50, 7, 9].flatMap { [$0, $0, $0] }.dropLast(3))
        let half = PixelBuffer(width: 2, height: 1)
        AreaResampler.shrink(source, into: half)
        // (0 + 100 + 60 + 30) / 4 = 47.5 → 48; (200 + 10 + 50 + 7) / 4 = 66.75 → 67
        #expect(half.array == [48, 48, 48, 67, 67, 67])
        let third = PixelBuffer(width: 3, height: 2)
        AreaResampler.shrink(source, into: third)
        // 4 to 3: the first covers one and a third pixels: (0 + 100 / 3) / (4/3) = 25.
        #expect(third.array[0] == 25)
    }
}
