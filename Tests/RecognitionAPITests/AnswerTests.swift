import Biometrics
import FacePipeline
import Testing
import WireModel

@testable import RecognitionAPI

@Suite("Answers of the recognition API")
struct AnswerTests {
    private static let picture = FaceArea(x: 1.5, y: -2, width: 30, height: 40)
    private static let quality = QualityResult(eyeDistance: 40, sharpness: 0.1, yaw: -3, pitch: 0, roll: 1, brightness: 0.5)
    private static let now = Timestamp(milliseconds: 1_764_000_000_000)
    private static let person = PersonID(at: now)

    /// - Returns: what does not fit the named component.
    private func fault(_ value: some Encodable, _ name: String) throws -> String? {
        let components: [String: Schema] = RecognitionSchemas.components.merging(["Problem": RecognitionSchemas.problem]) { $1 }
        let json: JSONValue = try JSON.value(JSONValue.self, from: try JSON.bytes(value))
        return Schema.reference(name).resolved(by: components).fault(in: json)
    }

    @Test("every shape encodes to what its schema says, with all members and with as few as there may be")
    func shapes() throws {
        let faces: [FaceResult] = [
            FaceResult(
                box: Self.picture, outcome: .match, person: Self.person, score: 1, threshold: 0.472, falseMatchRate: 9.2e-6, model: "m", quality: Self.quality,
                refusals: [],
                candidates: [CandidateResult(person: Self.person, label: "Ada", score: 0.9), CandidateResult(person: Self.person, label: nil, score: -1)],
                entry: 7),
            FaceResult(
                box: Self.picture, outcome: .undecided, person: nil, score: nil, threshold: 0.472, falseMatchRate: 9.2e-6, model: "m", quality: Self.quality,
                refusals: [.faceBlurred]),
        ]
        #expect(try fault(IdentificationResult(width: 10, height: 20, faces: faces), "Search") == nil)
        let side = FaceComparisonResult.Side(box: Self.picture, quality: Self.quality)
        for (probe, entry) in [(side, 3), (nil, nil)] as [(FaceComparisonResult.Side?, Int64?)] {
            let comparison = FaceComparisonResult(
                outcome: .unknown, score: 0, threshold: 0.36, falseMatchRate: 9.9e-4, model: "m", probe: probe, reference: nil, entry: entry)
            #expect(try fault(comparison, "Comparison") == nil)
        }
        for days in [nil, 30] as [Int64?] {
            let gallery = GalleryResult(
                id: GalleryID(at: Self.now), name: "Staff", created: Self.now, persons: 1, templates: 2, model: "m", targetFalseMatchRate: 1e-5,
                threshold: 0.472,
                retentionDays: days)
            #expect(try fault(gallery, "Gallery") == nil)
        }
        for expires in [nil, Self.now] as [Timestamp?] {
            let consent = ConsentRecord(reference: "r", purpose: "p", given: Self.now, expires: expires, guardian: expires == nil ? nil : "g")
            let result = PersonResult(id: Self.person, label: "Ada", isMinor: false, consent: consent, templates: 0, created: Self.now)
            #expect(try fault(result, "Person") == nil)
        }
        #expect(try fault(TemplateResult(id: TemplateID(at: Self.now), model: "m", quality: nil, created: Self.now), "Template") == nil)
        #expect(try fault(TemplateData(id: TemplateID(at: Self.now), model: "m", values: [1, -0.5, 0]), "TemplateData") == nil)
        let state = ImportResult(id: ImportID(at: Self.now), state: .open, total: nil, accepted: 1, duplicate: 0, refused: 1, created: Self.now)
        let rows: [ImportRowResult] = [
            ImportRowResult(row: "1", outcome: .accepted, person: Self.person, template: TemplateID(at: Self.now), problem: nil),
            ImportRowResult(row: "2", outcome: .refused, person: nil, template: nil, problem: Problem(.noFace, "There is no face.", remedy: "Use another.")),
        ]
        #expect(try fault(ImportAnswer(import: state, items: rows, problem: nil), "ImportAnswer") == nil)
        let assessment = AssessmentResult(
            width: 1, height: 1, model: "m",
            faces: [
                AssessmentResult.Face(
                    box: Self.picture, detectionScore: 0.9, quality: Self.quality, search: AssessmentResult.Use(refusals: []),
                    enrolment: AssessmentResult.Use(refusals: [AssessmentResult.Refusal(code: .faceTooSmall, detail: "d", remedy: "r")]))
            ])
        #expect(try fault(assessment, "Assessment") == nil)
        let point = FacePoint(x: 1, y: 2)
        let landmarks = LandmarksResult(rightEye: point, leftEye: point, nose: point, rightMouth: point, leftMouth: point)
        let detection = DetectionResult(
            width: 1, height: 1, model: "m", faces: [DetectionResult.Face(box: Self.picture, landmarks: landmarks, detectionScore: 1, quality: Self.quality)])
        #expect(try fault(detection, "Detection") == nil)
        #expect(try fault(["width": 1], "Detection") != nil)
    }

    @Test("a minor needs a guardian's consent, and no consent ends before it begins")
    func consent() {
        let consent = ConsentRecord(reference: "r", purpose: "p", given: Self.now)
        #expect(throws: Problem.self) { try PersonDraft(label: "x", isMinor: true, consent: consent) }
        #expect(throws: Never.self) {
            try PersonDraft(label: "x", isMinor: true, consent: ConsentRecord(reference: "r", purpose: "p", given: Self.now, guardian: "g"))
        }
        #expect(throws: Problem.self) {
            try PersonDraft(label: "x", isMinor: false, consent: ConsentRecord(reference: "r", purpose: "p", given: Self.now, expires: Self.now))
        }
    }
}
