import Biometrics
import FrameCapture
import RecognitionAPI
import Testing

@testable import EdgeAgent
@testable import FacePipeline

@Suite("What models that look on are given")
struct ShadowInboxTests {
    private func picture(_ templates: [Template?]) -> AnalysedImage {
        let point = ImagePoint(x: 0, y: 0)
        let quality = FaceQuality(
            interEyeDistance: 60, boxSide: 100, detectionScore: 0.9, sharpness: 0.1, yaw: 0, pitch: 0, roll: 0, brightness: 0.5, blackShare: 0,
            whiteShare: 0, outsideShare: 0)
        let faces: [AnalysedFace] = templates.map {
            AnalysedFace(
                box: FaceBox(x: 0, y: 0, width: 100, height: 100),
                landmarks: FaceLandmarks(rightEye: point, leftEye: point, nose: point, rightMouth: point, leftMouth: point), detectionScore: 0.9,
                quality: quality, template: $0)
        }
        return AnalysedImage(width: 200, height: 200, faces: faces, timings: StageTimings())
    }

    @Test("nothing is kept while nobody waits; one picture, once, while somebody does; none of faces that nothing was asked of")
    func one() throws {
        let inbox = ShadowInbox()
        let rule = try DecisionRule(model: .sface2021dec, target: .identificationDefault)
        let template = try Template(model: .sface2021dec, normalizing: [1, 2])
        func offer(_ name: String, _ templates: [Template?]) {
            inbox.offer(Frame(bytes: [1], name: name, fingerprint: nil), picture(templates), quality: .identification, rule: rule)
        }
        offer("before", [template])
        #expect(inbox.take() == nil)
        offer("not asked", [nil, nil])
        #expect(inbox.take() == nil)
        offer("first", [nil, template])
        offer("second", [template])
        #expect(inbox.take()?.frame.name == "first")
        offer("while it works", [template])
        #expect(inbox.take() == nil)
        offer("nobody", [])
        #expect(inbox.take()?.frame.name == "nobody")
        #expect(inbox.take() == nil)
        inbox.close()
        offer("closed", [template])
        #expect(inbox.take() == nil)
    }

    @Test("faces that overlap most are one; each is of one pair, and what is left was found by one alone")
    func pairs() {
        func box(_ x: Double, _ width: Double = 100) -> FaceBox { FaceBox(x: x, y: 0, width: width, height: 100) }
        let pairs = FacePairs([box(0), box(300), box(600)], [box(40), box(5), box(290, 120), box(680)])
        #expect(Set(pairs.both.map { [$0.0, $0.1] }) == [[0, 1], [1, 2]])
        #expect(pairs.first == [2] && pairs.second == [0, 3])
        #expect(FacePairs([], [box(0)]).second == [0] && FacePairs([box(0)], []).first == [0])
    }
}
