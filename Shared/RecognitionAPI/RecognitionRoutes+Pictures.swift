import Biometrics
import FacePipeline
import WireModel

/// Routes that look at pictures and keep nothing.
extension RecognitionRoutes {
    static var pictures: [Route] {
        [
            Route(
                .post, "/v1/detect", api: .detect, permission: [.detect], "Find the faces of a picture.", query: [facesFound], body: onePicture,
                success: (200, .reference("Detection"))
            ) { request, backend, _ in
                let picture: AnalysedImage = try await backend.pictures.analyse(try request.wantedPicture("image"), embed: .measured)
                let faces: [AnalysedFace] = Array(picture.faces.prefix(request.integer("faces", otherwise: .max)))
                return try .json(DetectionResult(picture, faces, model: backend.pictures.models.detector.model ?? ""), units: 1)
            },
            Route(
                .post, "/v1/quality", api: .quality, permission: [.quality],
                "Say what each face of a picture may be used for, and what to do where it may not.",
                query: [facesFound], body: onePicture, success: (200, .reference("Assessment"))
            ) { request, backend, _ in
                let picture: AnalysedImage = try await backend.pictures.analyse(try request.wantedPicture("image"), embed: .measured)
                let faces: [AnalysedFace] = Array(picture.faces.prefix(request.integer("faces", otherwise: .max)))
                return try .json(AssessmentResult(picture, faces, model: backend.pictures.models.detector.model ?? ""), units: 1)
            },
            Route(
                .post, "/v1/compare", api: .compare, permission: [.compare],
                "Say whether two faces are one person's: pictures, or what a gallery holds.",
                query: [RecognitionSchemas.falseMatchRate, RecognitionSchemas.largest],
                body: .pictures(RecognitionSchemas.comparison, members: ["image", "referenceImage"], raw: nil), success: (200, .reference("Comparison"))
            ) { request, backend, caller in
                try .json(try await FaceComparison(request).result(backend, caller), units: 1)
            },
            Route(
                .post, "/v1/galleries/{gallery}/search", api: .search, permission: [.search],
                "Say who of a gallery is in a picture, face by face: a person, or plainly unknown.",
                query: [
                    RecognitionSchemas.falseMatchRate,
                    RecognitionParameter("faces", .integer(1...20), "at most so many faces, the largest; 5 unless you say otherwise"),
                    RecognitionParameter("limit", .integer(1...50), "tell also so many of the persons most like each face, with their labels"),
                ], body: onePicture, success: (200, .reference("Search"))
            ) { request, backend, caller in
                let result: IdentificationResult = try await FaceSearch(request).result(backend, caller)
                return try .json(result, units: result.faces.contains { $0.outcome != .undecided } ? 1 : 0)
            },
        ]
    }

    private static var onePicture: RecognitionBody { .pictures(RecognitionSchemas.onePicture, members: ["image"], raw: "image") }
    private static var facesFound: RecognitionParameter { RecognitionParameter("faces", .integer(1...256), "at most so many, the largest") }
}

extension RecognitionRequest {
    func wantedPicture(_ member: String) throws(Problem) -> [UInt8] {
        guard let bytes = try picture(member) else {
            throw Problem(.invalidRequest, "There is no picture in the request.", detail: "/\(member): is missing", remedy: "Send a JPEG or PNG.")
        }
        return bytes
    }

    /// The rate that the call asks its threshold by.
    func falseMatchRate() -> FalseMatchRate? { query["falseMatchRate"].flatMap(FalseMatchRate.init(offered:)) }
}

extension FalseMatchRate {
    /// The rate offered that a number means.
    init?(offered value: JSONValue) {
        guard case .number(let number) = value, let rate = Self.offered.first(where: { abs($0.rawValue - number) <= $0.rawValue * 1e-6 }) else { return nil }
        self = rate
    }
}
