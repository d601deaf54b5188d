import WireModel

/// A refusal as clients of CompreFace read it: `{"message", "code"}`. The numbers are CompreFace's own
/// (`CommonExceptionCode` of its server, version 1).
struct CompreFaceError: ProblemConvertible, Hashable {
    let status: Int
    let code: Int
    let message: String
    /// What it is in this hub's own words, for log and metering.
    let problem: Problem

    private init(_ status: Int, _ code: Int, _ message: String, _ own: ProblemCode) {
        self.status = status
        self.code = code
        self.message = message
        problem = Problem(own, message, remedy: "")
    }

    static let noFace = CompreFaceError(400, 28, "No face is found in the given image", .noFace)
    static let severalFaces = CompreFaceError(400, 31, "More than one face in the source image", .severalFaces)
    static let subjectMissing = CompreFaceError(404, 42, "Subject not found", .notFound)
    static let subjectExists = CompreFaceError(400, 43, "Subject already exists", .conflict)
    static let imageMissing = CompreFaceError(404, 11, "Image not found", .notFound)
    static let imageNotKept = CompreFaceError(404, 11, "This service keeps no pictures, only what is needed to compare faces", .notFound)
    static let consentMissing = CompreFaceError(
        403, 32,
        "Nobody may be enrolled through this interface yet: a member of the account must first set the application's standing consent (PUT /v1/account/applications/{application}/consent)",
        .templatesWithheld)

    static func parameterMissing(_ name: String) -> CompreFaceError {
        CompreFaceError(400, 33, "Missing required parameter: \(name)", .invalidRequest)
    }

    static func parameterWrong(_ name: String, _ wanted: String) -> CompreFaceError {
        CompreFaceError(400, 26, "\(name) must be \(wanted)", .invalidRequest)
    }

    /// Any refusal of the hub's. Its status stays, and so does what is to be done about it.
    init(_ problem: Problem) {
        switch problem.code {
        case .noFace: self = .noFace
        case .severalFaces: self = .severalFaces
        default:
            self.problem = problem
            status = problem.code.status
            code =
                switch problem.code {
                case .keyMissing: 20
                case .keyUnknown, .keyMalformed, .keyFrozen, .keyExpired, .keyRefusesAPI, .keyRefusesAddress, .keyRefusesApplication: 10
                case .imageEmpty, .imageNotRecognised, .imageUnsupported, .imageTruncated, .imageCorrupt: 21
                case .modelsMissing, .modelsAltered, .engineUnavailable, .overloaded: 41
                case .methodNotAllowed: 32
                default: 0
                }
            message = [problem.title, problem.detail, problem.remedy].filter { !$0.isEmpty }.joined(separator: " ")
        }
    }

    var body: [UInt8] {
        get throws { try JSON.bytes(Body(message: message, code: code)) }
    }

    private struct Body: Encodable {
        let message: String
        let code: Int
    }
}
