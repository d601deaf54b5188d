import Testing

@testable import FacePipeline

/// The figures that `doctor`'s limits stand between (EdgeAgent/CameraExamination): real portraits as a camera would show them,
/// and the same through a lens out of focus, in the dark, and behind a cover.
@Suite("What is said of a picture as a whole")
struct PictureSurveyTests {
    private static let names: [String] = ["obama.jpg", "obama2.jpg", "obama3.jpg", "biden.jpg", "obama_partial_face.jpg"]

    private static let side: Int = 160

    private func survey(_ name: String, blur radius: Int = 0, light: Double = 1) throws -> PictureSurvey {
        let whole: PixelBuffer = try TestPictures.pixels(TestPictures.demo(name), reduction: 1)
        let scale: Double = 640 / Double(max(whole.width, whole.height))
        let small = PixelBuffer(width: Int(Double(whole.width) * scale), height: Int(Double(whole.height) * scale))
        AreaResampler.shrink(whole, into: small)
        // The face alone: blurring all of it takes a minute in a build for debugging.
        let (left, top): (Int, Int) = ((small.width - Self.side) / 2, (small.height - Self.side) / 4)
        let all: [UInt8] = small.array
        var pixels: [UInt8] = (0..<Self.side).flatMap { row in
            let start: Int = 3 * ((top + row) * small.width + left)
            return all[start..<start + 3 * Self.side].map { UInt8(Double($0) * light) }
        }
        // Three means over a square are near a Gaussian.
        for _ in 0..<(radius == 0 ? 0 : 3) {
            for step in [3, 3 * Self.side] { pixels = Self.mean(pixels, Self.side, Self.side, radius, step) }
        }
        return PictureSurvey(PixelBuffer(width: Self.side, height: Self.side, rgb: pixels))
    }

    /// The mean over `2 × radius + 1` neighbours, `step` bytes apart.
    private static func mean(_ pixels: [UInt8], _ width: Int, _ height: Int, _ radius: Int, _ step: Int) -> [UInt8] {
        let line: Int = step == 3 ? width : height
        return pixels.indices.map { index in
            let place: Int = step == 3 ? index / 3 % width : index / (3 * width)
            let (first, last): (Int, Int) = (max(0, place - radius), min(line - 1, place + radius))
            var sum: Int = 0
            for other in first...last { sum += Int(pixels[index + (other - place) * step]) }
            return UInt8(sum / (last - first + 1))
        }
    }

    @Test("a portrait in focus has ten times the detail that is asked for, one out of focus less", arguments: names)
    func focus(name: String) throws {
        #expect(try survey(name).detail > 0.04)
        #expect(try survey(name, blur: 2).detail < 0.004)
    }

    @Test("a portrait at a fiftieth of its light is dark, at a third it is not", arguments: names)
    func light(name: String) throws {
        #expect(try survey(name, light: 0.02).brightness < 0.04)
        #expect(try survey(name, light: 0.33).brightness > 0.04)
    }

    @Test("a picture that is even all over has no contrast, a portrait has", arguments: names)
    func contrast(name: String) throws {
        let even = PictureSurvey(PixelBuffer(width: 64, height: 48, rgb: [UInt8](repeating: 120, count: 64 * 48 * 3)))
        #expect(even.contrast == 0 && even.detail == 0)
        #expect(try survey(name).contrast > 0.1)
    }

    @Test("is the same of a JPEG as of its pixels, and no picture is refused as always")
    func forms() throws {
        let jpeg: [UInt8] = try TestPictures.demo("obama.jpg")
        let survey: PictureSurvey = try jpeg.withUnsafeBytes { try PictureSurvey.of($0, layout: nil) }
        #expect(survey.brightness > 0.1 && survey.contrast > 0.1 && survey.detail > 0.02)
        #expect(throws: ImageError.empty) { try [UInt8]().withUnsafeBytes { try PictureSurvey.of($0, layout: nil) } }
        let layout = RawLayout(format: .yuyv, width: 64, height: 64)
        #expect(throws: ImageError.shortOfPixels(count: 5, needed: layout.byteCount)) {
            try [UInt8](repeating: 0, count: 5).withUnsafeBytes { try PictureSurvey.of($0, layout: layout) }
        }
    }
}
