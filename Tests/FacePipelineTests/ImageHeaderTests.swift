import CTurboJPEG
import Testing

@testable import FacePipeline

@Suite struct ImageHeaderTests {
    private let grey = PixelBuffer(width: 40, height: 24, rgb: (0..<40 * 24 * 3).map { UInt8(($0 * 7) % 256) })

    @Test("size and format come from the header alone")
    func size() throws {
        let jpeg = try ImageHeader.read(TestPictures.jpeg(grey))
        #expect((jpeg.format, jpeg.width, jpeg.height, jpeg.orientation) == (.jpeg, 40, 24, .up))
        let png = try ImageHeader.read(TestPictures.png(grey))
        #expect((png.format, png.width, png.height, png.orientation) == (.png, 40, 24, .up))
    }

    @Test("EXIF orientation is read from JPEG and PNG, in both byte orders", arguments: 1...8)
    func orientation(value: Int) throws {
        for little in [true, false] {
            let jpeg = TestPictures.withExif(TestPictures.jpeg(grey), orientation: value, littleEndian: little)
            #expect(try ImageHeader.read(jpeg).orientation.rawValue == value)
        }
        let png = TestPictures.withExifChunk(TestPictures.png(grey), orientation: value)
        #expect(try ImageHeader.read(png).orientation.rawValue == value)
    }

    @Test("an orientation that is none of the eight is taken for upright", arguments: [0, 9, 200])
    func badOrientation(value: Int) throws {
        #expect(try ImageHeader.read(TestPictures.withExif(TestPictures.jpeg(grey), orientation: value)).orientation == .up)
    }

    @Test("what is no picture is refused, and said to be what it looks like")
    func notImages() {
        #expect(throws: ImageError.empty) { try ImageHeader.read([]) }
        #expect(throws: ImageError.notAnImage(looksLike: "text")) { try ImageHeader.read(Array("hello".utf8)) }
        #expect(throws: ImageError.notAnImage(looksLike: "zeros")) { try ImageHeader.read([0, 0, 0, 0]) }
        #expect(throws: ImageError.notAnImage(looksLike: "PDF")) { try ImageHeader.read(Array("%PDF-1.7".utf8)) }
        #expect(throws: ImageError.notAnImage(looksLike: nil)) { try ImageHeader.read([1, 2, 3]) }
    }

    @Test(
        "pictures of other formats are named, so that a person can convert them",
        arguments: [
            ("GIF", Array("GIF89a".utf8)), ("BMP", Array("BM1234".utf8)), ("WebP", Array("RIFF1234WEBPVP8 ".utf8)),
            ("HEIC", [0, 0, 0, 24] + Array("ftypheic".utf8)), ("TIFF", [0x49, 0x49, 42, 0]),
            ("AVIF", [0, 0, 0, 24] + Array("ftypavif".utf8)),
        ])
    func foreign(name: String, bytes: [UInt8]) {
        #expect(throws: ImageError.unsupported(name)) { try ImageHeader.read(bytes) }
    }

    @Test("a CMYK JPEG is named")
    func cmyk() {
        // Four bytes a pixel of any values, compressed as CMYK.
        let inks = PixelBuffer(width: 64, height: 64, rgb: [UInt8](repeating: 90, count: 64 * 64 * 3))
        let jpeg = TestPictures.jpegCMYK(inks)
        #expect(throws: ImageError.unsupported("CMYK JPEG")) { try ImageHeader.read(jpeg) }
        #expect(throws: ImageError.unsupported("CMYK JPEG")) {
            // A 4-component frame header is all it takes.
            try ImageHeader.read([0xFF, 0xD8, 0xFF, 0xC0, 0, 20, 8, 0, 16, 0, 16, 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0])
        }
    }

    @Test("a header that ends early is truncated, at every length", arguments: 2..<30)
    func truncated(length: Int) {
        let png = TestPictures.png(grey)
        if length >= 8 && length < 29 {
            #expect(throws: ImageError.truncated(.png)) { try ImageHeader.read(Array(png.prefix(length))) }
        }
        #expect(throws: ImageError.truncated(.jpeg)) {
            try ImageHeader.read(Array(TestPictures.jpeg(grey).prefix(length)))
        }
    }

    @Test("65,500 × 65,500 is refused from the header, and so is a side too long")
    func huge() throws {
        let side: [UInt8] = [0xFF, 0xDC]
        let jpeg: [UInt8] = [0xFF, 0xD8, 0xFF, 0xC0, 0, 17, 8] + side + side + [3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1]
        #expect(throws: ImageError.tooManyPixels(width: 65_500, height: 65_500, limit: 50_000_000)) {
            try ImageHeader.read(jpeg).check(ImageLimits())
        }
        var png = TestPictures.png(grey)
        png.replaceSubrange(16..<24, with: TestPictures.bigEndian(65_500) + TestPictures.bigEndian(65_500))
        #expect(throws: ImageError.tooManyPixels(width: 65_500, height: 65_500, limit: 50_000_000)) {
            try ImageHeader.read(png).check(ImageLimits())
        }
        #expect(throws: ImageError.tooManyPixels(width: 40, height: 24, limit: 50_000_000)) {
            try ImageHeader.read(TestPictures.png(grey)).check(ImageLimits(side: 39))
        }
        try ImageHeader.read(TestPictures.png(grey)).check(ImageLimits(pixels: 960, side: 40))
    }

    @Test("a JPEG of more scans than are allowed for its size is refused from the header; one that an encoder writes is not")
    func scans() throws {
        let progressive: [UInt8] = TestPictures.jpeg(grey, flags: CInt(TJFLAG_PROGRESSIVE))
        let header: ImageHeader = try ImageHeader.read(progressive)
        #expect((6...12).contains(header.scans))
        try header.check(ImageLimits())
        #expect(try ImageHeader.read(TestPictures.jpeg(grey)).scans == 1)
        // Scans that say nothing: a header, a byte, and a stuffed one that is no marker.
        let scan: [UInt8] = [0xFF, 0xDA, 0, 8, 1, 1, 0, 1, 1, 0, 0x55, 0xFF, 0, 0xFF, 0xD0, 0x55]
        func bomb(_ count: Int) -> [UInt8] { progressive.dropLast(2) + (0..<count - header.scans).flatMap { _ in scan } + [0xFF, 0xD9] + scan }
        #expect(try ImageHeader.read(bomb(100)).scans == 100)
        try ImageHeader.read(bomb(100)).check(ImageLimits())
        #expect(throws: ImageError.tooManyScans(count: 101, limit: 100)) { try ImageHeader.read(bomb(101)).check(ImageLimits()) }
        let pixels: Int = header.width * header.height
        #expect(throws: ImageError.tooManyScans(count: 21, limit: 20)) { try ImageHeader.read(bomb(21)).check(ImageLimits(work: 20 * pixels)) }
        // Raw pixels without a size are refused later, by their layout.
        try ImageHeader(RawLayout(format: .grey, width: 0, height: 0)).check(ImageLimits())
    }

    @Test("random bytes after a magic number are refused and never read out of bounds")
    func fuzz() {
        #expect(ImageOrientation.read(tiff: UnsafeRawBufferPointer(start: nil, count: 0)) == nil)
        var state: UInt64 = 99
        for round in 0..<4000 {
            var bytes: [UInt8] = round % 2 == 0 ? TestPictures.withExif([0xFF, 0xD8, 0xFF, 0xDA], orientation: 6) : []
            if bytes.isEmpty { bytes = Array(TestPictures.png(PixelBuffer(width: 2, height: 2, rgb: .init(repeating: 0, count: 12)))) }
            for _ in 0..<3 {
                state = state &* 6_364_136_223_846_793_005 &+ 1
                bytes[Int(state >> 33) % bytes.count] = UInt8(truncatingIfNeeded: state >> 24)
            }
            _ = try? ImageHeader.read(bytes)
        }
    }
}
