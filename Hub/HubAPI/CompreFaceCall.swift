import Biometrics
import FacePipeline
import HubDomain
import RecognitionAPI
import WireModel

/// An answer, and what it came to.
struct CompreFaceAnswer: Sendable {
    let json: JSONValue
    var units: Int64 = 0
}

/// One call of the CompreFace interface: what was sent, and for whom.
struct CompreFaceCall: Sendable {
    let hub: Hub
    let recogniser: Recogniser
    let call: Call
    let options: CompreFaceOptions
    /// The body of calls with pictures.
    let sent: BodyContent?
    let owner: GalleryOwner
    let actor: Actor
    let key: APIKeyID?

    // MARK: The gallery

    /// `nil` until somebody was added: then everything is empty.
    func gallery() async throws -> Gallery? { try await hub.gallery(named: CompreFaceRoutes.gallery, of: owner) }

    func madeGallery() async throws -> Gallery {
        if let found = try await gallery() { return found }
        do { return try await hub.makeGallery(CompreFaceRoutes.gallery, of: owner, by: actor) } catch let problem as Problem where problem.code == .conflict {
            // Somebody else's first call came between.
            guard let found = try await gallery() else { throw problem }
            return found
        }
    }

    /// A person as this interface adds them: under the application's standing consent, because its clients cannot say whose
    /// consent they have.
    func draft(_ subject: String) async throws -> NewPerson {
        guard let consent = try await hub.standingConsent(owner) else { throw CompreFaceError.consentMissing }
        return NewPerson(label: subject, consent: consent.record(at: hub.now()))
    }

    // MARK: What was sent

    /// The `subject` of query or body.
    func subject() throws -> String {
        let text: String? =
            if let query = call.query["subject"] { query } else if call.bytes.isEmpty { nil } else {
                (try? JSON.value(JSONValue.self, from: call.bytes))?["subject"]?.text
            }
        guard let text, !text.isEmpty else { throw CompreFaceError.parameterMissing("subject") }
        return text
    }

    /// An example's identifier as this interface writes it: that of the template as a UUID, which clients may insist on.
    static func image(_ id: TemplateID) -> String {
        let digits: String = String(id.rawValue.dropFirst(TemplateKind.prefix.count + 1))
        var (rest, parts): (Substring, [Substring]) = (digits[...], [])
        for length in [8, 4, 4, 4, 12] {
            parts.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return parts.joined(separator: "-")
    }

    static func template(_ image: String) -> TemplateID? {
        TemplateID(rawValue: TemplateKind.prefix + "_" + image.lowercased().replacing("-", with: ""))
    }

    func image() throws -> TemplateID {
        guard let id = Self.template(call.path["image"] ?? "") else { throw CompreFaceError.imageMissing }
        return id
    }

    // MARK: Pictures

    var pictures: PipelinePool {
        get throws {
            guard case .ready(let pool) = recogniser else { throw recogniser.problem ?? Problem(.modelsMissing, "No models.", remedy: "") }
            return pool
        }
    }

    /// - Throws: `noFace` when the picture holds none that is probable enough.
    func faces(_ member: String, embed: EmbeddingSelection) async throws -> (picture: AnalysedImage, faces: [AnalysedFace]) {
        guard let bytes = try sent?.picture(member) else { throw CompreFaceError.parameterMissing(member) }
        let picture: AnalysedImage = try await pictures.analyse(bytes, embed: embed)
        let faces: [AnalysedFace] = picture.faces.filter { $0.detectionScore >= options.probability }
        guard !faces.isEmpty else { throw CompreFaceError.noFace }
        return (picture, Array(faces.prefix(options.limit)))
    }

    /// Whether embeddings may be in the answer, asked only where they were asked for.
    func mayEmbed() async throws -> Bool {
        guard options.plugins.contains("calculator"), let key else { return false }
        return try await hub.mayReadTemplates(key, account: owner.account)
    }

    /// Faces that are too poor to decide on are told, and stay below the decision point.
    static func isDecidable(_ face: AnalysedFace) -> Bool { QualityPolicy.identification.refusals(of: face.quality).isEmpty }

    func result(_ items: [JSONValue]) throws -> JSONValue {
        var members: [String: JSONValue] = ["result": .array(items)]
        if options.status { members["plugins_versions"] = CompreFaceFace.versions(try pictures.models) }
        return .object(members)
    }
}
