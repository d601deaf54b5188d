import Biometrics
import WireModel

/// What the recognition routes take and answer, by name: the hub's and a device's documents carry the same.
package enum RecognitionSchemas {
    private static let pixels: Schema = .anyNumber
    private static let score: Schema = .number(-1...1)
    private static let share: Schema = .number(0...1)
    private static let rate: Schema = .numbers(FalseMatchRate.offered.map(\.rawValue))
    private static let refusals: Schema = .list(.choices(ProblemCode.self))

    /// RFC 9457, as every route here declines.
    package static let problem: Schema = .object([
        .required("type", .text(1...200)), .required("code", .text(1...80), "stable"), .required("title", .text(1...500)),
        .required("status", .integer(400...599)), .optional("detail", .text(0...2_000)), .optional("remedy", .text(0...2_000), "the next step"),
        .optional("link", .text(1...300)),
    ])

    static func items(_ name: String) -> Schema {
        .object([.required("items", .list(.reference(name))), .optional("next", .text(1...500), "the cursor of what follows; absent at the end")])
    }

    package static let components: [String: Schema] = [
        "FaceArea": .object([
            .required("x", pixels, "pixels from the left of the upright picture"), .required("y", pixels, "pixels from its top"), .required("width", pixels),
            .required("height", pixels),
        ]),
        "FacePoint": .object([.required("x", pixels), .required("y", pixels)]),
        "Landmarks": .object(
            ["rightEye", "leftEye", "nose", "rightMouth", "leftMouth"].map { .required($0, .reference("FacePoint"), "right and left are the person's own") }),
        "Quality": .object([
            .required("eyeDistance", .anyNumber, "pixels between the eyes"), .required("sharpness", .anyNumber), .required("yaw", .anyNumber, "degrees"),
            .required("pitch", .anyNumber, "degrees"), .required("roll", .anyNumber, "degrees"), .required("brightness", .anyNumber, "mean, 0 to 1"),
        ]),
        "Detection": .object([
            .required("width", .count), .required("height", .count), .required("model", .text(1...100)),
            .required(
                "faces",
                .list(
                    .object([
                        .required("box", .reference("FaceArea")), .required("landmarks", .reference("Landmarks")), .required("detectionScore", share),
                        .required("quality", .reference("Quality")),
                    ])), "largest first"),
        ]),
        "Use": .object([
            .required("accepted", .boolean),
            .required(
                "refusals",
                .list(
                    .object([
                        .required("code", .choices(ProblemCode.self)), .required("detail", .text(0...300)), .required("remedy", .text(0...300), "what to do"),
                    ])), "gravest first"),
        ]),
        "Assessment": .object([
            .required("width", .count), .required("height", .count), .required("model", .text(1...100)),
            .required(
                "faces",
                .list(
                    .object([
                        .required("box", .reference("FaceArea")), .required("detectionScore", share), .required("quality", .reference("Quality")),
                        .required("search", .reference("Use"), "as the probe of a search or comparison"),
                        .required("enrolment", .reference("Use"), "as a reference that is kept"),
                    ])), "largest first"),
        ]),
        "ComparisonSide": .object([.required("box", .reference("FaceArea")), .required("quality", .reference("Quality"))]),
        "Comparison": .object([
            .required("outcome", .choice(["match", "unknown"]), "match: the score reaches the threshold"), .required("score", score, "how alike the two are"),
            .required("threshold", score), .required("falseMatchRate", share, "measured at that threshold, per comparison"),
            .required("model", .text(1...100), "that made the templates"), .optional("probe", .reference("ComparisonSide"), "where it came as a picture"),
            .optional("reference", .reference("ComparisonSide"), "where it came as a picture"),
            .optional("entry", .count, "the device's journal entry"),
        ]),
        "Candidate": .object([.required("person", .identifier), .optional("label", .text(1...200)), .required("score", score)]),
        "SearchFace": .object([
            .required("box", .reference("FaceArea")), .required("outcome", .choices(DecisionOutcome.self), "unknown: a usable face that is nobody here"),
            .optional("person", .identifier, "only for match"), .optional("score", score, "the best of the gallery"), .required("threshold", score),
            .required("falseMatchRate", share, "measured at that threshold, per comparison"), .required("model", .text(1...100)),
            .required("quality", .reference("Quality")), .required("refusals", refusals, "why undecided"),
            .optional("candidates", .list(.reference("Candidate")), "best first, where `limit` was given; below the threshold they are no answer"),
            .optional("entry", .count, "the device's journal entry"),
        ]),
        "Search": .object([.required("width", .count), .required("height", .count), .required("faces", .list(.reference("SearchFace")), "largest first")]),
        "Gallery": .object([
            .required("id", .identifier), .required("name", .text(1...100)), .required("created", .time), .required("persons", .count),
            .required("templates", .count), .required("model", .text(1...100)), .required("targetFalseMatchRate", rate), .required("threshold", score),
            .optional("retentionDays", .integer(1...36_500), "a person is erased so many days after being added"),
            .optional("pad", .choices(PADPolicy.self), "what a live presentation at a device must show before a match is one; absent: nothing"),
        ]),
        "Consent": consent,
        "Person": .object([
            .required("id", .identifier), .required("label", .text(1...200)), .required("isMinor", .boolean),
            .optional("consent", .reference("Consent"), "absent only for persons enrolled at a device's command line"), .required("templates", .count),
            .required("created", .time),
        ]),
        "Template": .object([
            .required("id", .identifier), .required("model", .text(1...100)), .optional("quality", .reference("Quality")), .required("created", .time),
        ]),
        "TemplateData": .object([
            .required("id", .identifier), .required("model", .text(1...100)), .required("values", .array(.number(-1...1), most: 4_096), "of unit length"),
        ]),
        "Import": .object([
            .required("id", .identifier), .required("state", .choices(ImportState.self)), .optional("total", .count), .required("accepted", .count),
            .required("duplicate", .count), .required("refused", .count), .required("created", .time),
        ]),
        "ImportRow": .object([
            .required("row", .text(1...200), "your key of it"), .required("outcome", .choices(ImportRowOutcome.self)), .optional("person", .identifier),
            .optional("template", .identifier), .optional("problem", .reference("Problem"), "for refused"),
        ]),
        "ImportAnswer": .object([
            .required("import", .reference("Import")), .required("items", .list(.reference("ImportRow"))),
            .optional("problem", .reference("Problem"), "why the rows after these were not looked at: send them again"),
        ]),
    ]

    // MARK: What is sent

    static let label: Schema = .text(1...200)
    static let consent: Schema = .object([
        .required("reference", .text(1...200), "where you keep the person's consent"), .required("purpose", .text(1...200), "what it was given for"),
        .required("given", .time), .optional("expires", .time, "the person is erased then; a hub wants it, at most ten years ahead"),
        .optional("guardian", .text(1...200), "where the guardian's consent is kept; needed for a minor"),
        .optional("onDevices", .boolean, "the person agreed that templates are kept on terminals; false where it is missing"),
    ])
    static let galleryDraft: Schema = .object([
        .required("name", .text(1...100)), .optional("targetFalseMatchRate", rate, "1e-5 unless you say otherwise"),
        .optional("retentionDays", .integer(1...36_500)), .optional("pad", .choices(PADPolicy.self), padNote),
    ])
    private static let padNote: String = "presentation attack detection at devices, on live sources; off unless you say otherwise"
    static let galleryChange: Schema = .object([
        .optional("name", .text(1...100)), .optional("targetFalseMatchRate", rate), .optional("retentionDays", .integer(0...36_500), "0: without a limit"),
        .optional("pad", .choices(PADPolicy.self)),
    ])
    static let personDraft: Schema = .object([
        .required("label", label, "your own reference of the person, unique in the gallery"), .optional("isMinor", .boolean),
        .required("consent", consent),
    ])
    static let personChange: Schema = .object([.optional("label", label), .optional("consent", consent)])
    static let onePicture: Schema = .object([.required("image", .picture, "JPEG or PNG")])
    static let comparison: Schema = .object([
        .optional("image", .picture, "the probe: a picture"), .optional("template", .identifier, "the probe: a template of the gallery"),
        .optional("referenceImage", .picture, "what it is compared with: a picture"),
        .optional("referencePerson", .identifier, "what it is compared with: a person of the gallery"),
        .optional("referenceTemplate", .identifier, "what it is compared with: a template of the gallery"),
        .optional("gallery", .identifier, "needed where a person or template is named"),
    ])
    static let importDraft: Schema = .object([.optional("total", .integer(1...10_000_000), "rows you mean to send")])
    /// At most so many in one request.
    static let rowsAtOnce: Int = 100
    static let importRows: Schema = .object([
        .required(
            "rows",
            .array(
                .object([
                    .required("row", .text(1...200), "your own key of the row"), .optional("person", .identifier, "a person there is"),
                    .optional("label", label, "a person there is, or one to be made with the consent"), .optional("isMinor", .boolean),
                    .optional("consent", consent), .required("image", .picture),
                ]), most: rowsAtOnce))
    ])

    // MARK: Queries

    static let falseMatchRate = RecognitionParameter("falseMatchRate", rate, "the rate that the threshold is chosen by")
    static let largest = RecognitionParameter("largest", .boolean, "of several faces take the largest, instead of refusing the picture")
    static let cursor = RecognitionParameter("cursor", .text(1...500), "`next` of the page before")
    static let pageSize = RecognitionParameter("limit", .integer(1...200), "items, 50 unless you say otherwise")
}
