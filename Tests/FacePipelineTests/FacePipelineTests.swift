import Biometrics
import FoundationEssentials
import Testing

@testable import FacePipeline

@Suite(.enabled(if: TestPictures.mayRunModels, "VULTUS_TESTS_WITHOUT_MODELS is set"), .serialized)
struct FacePipelineTests {
    @Test("the same picture gives the same template, bit for bit, in one pipeline and in another")
    func deterministic() throws {
        let bytes = try TestPictures.demo("obama.jpg")
        let first = try TestPictures.pipeline()
        let templates = [
            try first.analyse(bytes), try first.analyse(TestPictures.demo("biden.jpg")), try first.analyse(bytes),
            try TestPictures.pipeline().analyse(bytes),
        ].map { $0.faces.first?.template }
        #expect(templates[0] != nil)
        #expect(templates[2] == templates[0] && templates[3] == templates[0])
        #expect(templates[1] != templates[0])
    }

    @Test("a template has unit length and the embedder's model")
    func template() throws {
        let face = try #require(try TestPictures.pipeline().analyse(TestPictures.demo("obama.jpg")).faces.first)
        let template = try #require(face.template)
        #expect(template.model == .sface2021dec && template.values.count == 128)
        let norm = template.values.reduce(0) { $0 + Double($1) * Double($1) }
        #expect(abs(norm - 1) < 1e-5)
    }

    @Test("pictures of one person match at 1e-5 and another person does not")
    func recognition() throws {
        let pipeline = try TestPictures.pipeline()
        func template(_ name: String) throws -> Template {
            try #require(try pipeline.analyse(TestPictures.demo(name), embed: .largest).faces.first?.template)
        }
        let threshold = try #require(Calibration.published(for: .sface2021dec)?.threshold(for: .identificationDefault))
        let enrolled = try template("obama.jpg")
        for name in ["obama2.jpg", "obama3.jpg"] { #expect(try enrolled.score(against: template(name)) >= threshold) }
        #expect(try enrolled.score(against: template("biden.jpg")) < threshold)
    }

    @Test("the same face is found in the same upright place for all eight orientations", arguments: ImageOrientation.allCases)
    func orientations(orientation: ImageOrientation) throws {
        let upright = try TestPictures.pixels(TestPictures.demo("obama.jpg"), reduction: 2)
        let pipeline = try TestPictures.pipeline()
        let expected = try #require(try pipeline.analyse(TestPictures.jpeg(upright)).faces.first)
        let stored = TestPictures.stored(upright, for: orientation)
        for bytes in [
            TestPictures.withExif(TestPictures.jpeg(stored), orientation: orientation.rawValue),
            TestPictures.withExifChunk(TestPictures.png(stored), orientation: orientation.rawValue),
        ] {
            let picture = try pipeline.analyse(bytes)
            #expect((picture.width, picture.height) == (upright.width, upright.height))
            let face = try #require(picture.faces.first)
            #expect(face.box.intersectionOverUnion(expected.box) > 0.95)
            for (point, other) in zip(face.landmarks.points, expected.landmarks.points) {
                #expect(point.distance(to: other) < 0.03 * expected.box.width)
            }
            let (one, two) = (try #require(face.template), try #require(expected.template))
            #expect(try one.score(against: two).rawValue > 0.97)
        }
    }

    @Test("several faces are all found, largest first")
    func several() throws {
        let large = try TestPictures.pixels(TestPictures.demo("obama.jpg"), reduction: 2)
        let small = TestPictures.shrunk(try TestPictures.pixels(TestPictures.demo("biden.jpg"), reduction: 4), by: 0.7)
        let both = PixelBuffer(width: small.width + large.width, height: max(large.height, small.height))
        both.bytes.update(repeating: 128)
        for (part, offset) in [(small, 0), (large, small.width)] {
            for y in 0..<part.height {
                for index in 0..<3 * part.width {
                    both.bytes[3 * (y * both.width + offset) + index] = part.bytes[3 * y * part.width + index]
                }
            }
        }
        let picture = try TestPictures.pipeline().analyse(TestPictures.jpeg(both))
        #expect(picture.faces.count == 2)
        #expect(picture.faces[0].box.area > picture.faces[1].box.area)
        #expect(picture.faces[0].box.x > Double(small.width))
        let largest = try TestPictures.pipeline().analyse(TestPictures.jpeg(both), embed: .largest)
        #expect(largest.faces.map { $0.template != nil } == [true, false])
    }

    @Test("a picture without a face has none")
    func noFace() throws {
        let grey = PixelBuffer(width: 300, height: 200, rgb: [UInt8](repeating: 120, count: 180_000))
        #expect(try TestPictures.pipeline().analyse(TestPictures.png(grey)).faces.isEmpty)
    }

    @Test("a picture of one pixel is analysed and has no face")
    func onePixel() throws {
        let pixel = PixelBuffer(width: 1, height: 1, rgb: [1, 2, 3])
        #expect(try TestPictures.pipeline().analyse(TestPictures.png(pixel)).faces.isEmpty)
        #expect(try TestPictures.pipeline().analyse(TestPictures.jpeg(pixel)).faces.isEmpty)
    }

    @Test("refused pictures leave the pipeline working")
    func refusals() throws {
        let bytes = try TestPictures.demo("obama.jpg")
        let pipeline = try TestPictures.pipeline(FacePipelineOptions(limits: ImageLimits(bytes: bytes.count)))
        #expect(throws: FacePipelineError.image(.truncated(.jpeg))) {
            try pipeline.analyse(Array(bytes.prefix(bytes.count / 2)))
        }
        #expect(throws: FacePipelineError.image(.tooManyBytes(count: bytes.count + 1, limit: bytes.count))) {
            try pipeline.analyse(bytes + [0])
        }
        #expect(throws: FacePipelineError.image(.empty)) { try pipeline.analyse([]) }
        #expect(try pipeline.analyse(bytes).faces.count == 1)
    }

    @Test("a larger decode is cut from when the face is small at the detector's scale")
    func crop() throws {
        let portrait = TestPictures.shrunk(try TestPictures.pixels(TestPictures.demo("obama.jpg"), reduction: 1), by: 0.4)
        let wide = PixelBuffer(width: 1920, height: 1080)
        wide.bytes.update(repeating: 90)
        for y in 0..<portrait.height {
            for index in 0..<3 * portrait.width { wide.bytes[3 * (y * 1920 + 700) + index] = portrait.bytes[3 * y * portrait.width + index] }
        }
        let jpeg = TestPictures.jpeg(wide)
        let pipeline = try TestPictures.pipeline()
        let sharp = try #require(try pipeline.analyse(jpeg).faces.first)
        let quick = try #require(try pipeline.analyse(jpeg, embed: .none).faces.first)
        #expect(sharp.quality.sharpness > quick.quality.sharpness)
        #expect(quick.template == nil)
        let original = try #require(try pipeline.analyse(TestPictures.demo("obama.jpg")).faces.first?.template)
        #expect(try #require(sharp.template).score(against: original).rawValue > 0.9)
    }
}
