import FacePipeline
import WireModel

extension QualityResult {
    package init(_ quality: FaceQuality) {
        self.init(
            eyeDistance: Float(quality.interEyeDistance), sharpness: Float(quality.sharpness), yaw: Float(quality.yaw), pitch: Float(quality.pitch),
            roll: Float(quality.roll), brightness: Float(quality.brightness))
    }
}

extension FaceArea {
    package init(_ box: FaceBox) {
        self.init(x: Float(box.x), y: Float(box.y), width: Float(box.width), height: Float(box.height))
    }
}

extension FacePoint {
    init(_ point: ImagePoint) { self.init(x: Float(point.x), y: Float(point.y)) }
}

extension LandmarksResult {
    init(_ landmarks: FaceLandmarks) {
        self.init(
            rightEye: FacePoint(landmarks.rightEye), leftEye: FacePoint(landmarks.leftEye), nose: FacePoint(landmarks.nose),
            rightMouth: FacePoint(landmarks.rightMouth), leftMouth: FacePoint(landmarks.leftMouth))
    }
}

extension DetectionResult {
    init(_ picture: AnalysedImage, _ faces: [AnalysedFace], model: String) {
        self.init(
            width: picture.width, height: picture.height, model: model,
            faces: faces.map {
                Face(
                    box: FaceArea($0.box), landmarks: LandmarksResult($0.landmarks), detectionScore: Float($0.detectionScore),
                    quality: QualityResult($0.quality))
            })
    }
}

extension AssessmentResult {
    init(_ picture: AnalysedImage, _ faces: [AnalysedFace], model: String) {
        self.init(
            width: picture.width, height: picture.height, model: model,
            faces: faces.map {
                Face(
                    box: FaceArea($0.box), detectionScore: Float($0.detectionScore), quality: QualityResult($0.quality),
                    search: Use(.identification, $0.quality), enrolment: Use(.enrolment, $0.quality))
            })
    }
}

extension AssessmentResult.Use {
    init(_ policy: QualityPolicy, _ quality: FaceQuality) {
        self.init(
            refusals: policy.refusals(of: quality).map { refusal in
                let problem = Problem(refusal)
                return AssessmentResult.Refusal(code: problem.code, detail: problem.detail, remedy: problem.remedy)
            })
    }
}
