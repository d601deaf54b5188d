import Testing

@testable import FacePipeline

@Suite(.enabled(if: TestPictures.mayRunModels, "VULTUS_TESTS_WITHOUT_MODELS is set"), .serialized)
struct FaceQualityTests {
    private func quality(_ picture: PixelBuffer) throws -> FaceQuality {
        try #require(try TestPictures.pipeline().analyse(TestPictures.jpeg(picture)).faces.first).quality
    }

    private func portrait() throws -> PixelBuffer { try TestPictures.pixels(TestPictures.demo("obama.jpg"), reduction: 2) }

    @Test("the demo portraits may be enrolled", arguments: ["obama.jpg", "obama2.jpg", "obama3.jpg", "biden.jpg"])
    func portraits(name: String) throws {
        let face = try #require(try TestPictures.pipeline().analyse(TestPictures.demo(name)).faces.first)
        #expect(QualityPolicy.enrolment.refusals(of: face.quality).isEmpty)
        #expect(QualityPolicy.identification.refusals(of: face.quality).isEmpty)
    }

    @Test("a small face is refused as too small, with its measure and the limit")
    func small() throws {
        let quality = try quality(TestPictures.shrunk(portrait(), by: 0.24))
        #expect(
            QualityPolicy.identification.refusals(of: quality).contains(
                .tooSmall(interEyeDistance: quality.interEyeDistance, least: 18)))
        #expect(abs(quality.interEyeDistance - 0.12 * 115) < 3)
        let middling = try self.quality(TestPictures.shrunk(portrait(), by: 0.44))
        #expect(QualityPolicy.identification.refusals(of: middling).isEmpty)
        #expect(!QualityPolicy.enrolment.refusals(of: middling).isEmpty)
    }

    @Test("a blurred face is refused as blurred")
    func blurred() throws {
        let quality = try quality(TestPictures.blurred(portrait(), radius: 5))
        let refusals = QualityPolicy.identification.refusals(of: quality)
        #expect(refusals == [.blurred(sharpness: quality.sharpness, least: QualityPolicy.identification.leastSharpness)])
    }

    @Test("dark and glaring faces are refused for their light")
    func light() throws {
        let dark = try quality(TestPictures.scaled(portrait(), brightness: 0.07))
        #expect(
            QualityPolicy.identification.refusals(of: dark).contains(.tooDark(brightness: dark.brightness, least: 0.06)))
        let bright = try quality(TestPictures.scaled(portrait(), brightness: 2))
        #expect(
            QualityPolicy.identification.refusals(of: bright).contains(.tooBright(brightness: bright.brightness, most: 0.9)))
    }

    @Test("a face that the picture's edge cuts is not enrolled", arguments: ["obama_partial_face.jpg", "obama_partial_face2.jpg"])
    func cutOff(name: String) throws {
        let face = try #require(try TestPictures.pipeline().analyse(TestPictures.demo(name)).faces.first)
        #expect(
            QualityPolicy.enrolment.refusals(of: face.quality).contains(
                .cutOff(share: face.quality.outsideShare, most: 0.1)))
    }

    @Test("every limit refuses what is beyond it, and nothing on it")
    func limits() {
        let policy = QualityPolicy.enrolment
        let fine = FaceQuality(
            interEyeDistance: policy.leastInterEyeDistance, boxSide: 80, detectionScore: policy.leastDetectionScore,
            sharpness: policy.leastSharpness, yaw: policy.mostYaw, pitch: -policy.mostPitch, roll: policy.mostRoll,
            brightness: policy.leastBrightness, blackShare: 0, whiteShare: 0, outsideShare: policy.mostOutsideShare)
        #expect(policy.refusals(of: fine).isEmpty)
        var turned = fine
        turned.yaw = -policy.mostYaw - 1
        #expect(policy.refusals(of: turned) == [.turned(axis: .yaw, degrees: turned.yaw, most: policy.mostYaw)])
        var unsure = fine
        unsure.detectionScore = 0.7
        #expect(policy.refusals(of: unsure) == [.lowDetection(score: 0.7, least: 0.8)])
        var everything = fine
        everything.interEyeDistance = 1
        everything.outsideShare = 1
        everything.sharpness = 0
        everything.brightness = 1
        everything.roll = 90
        #expect(policy.refusals(of: everything).count == 5)
    }
}
