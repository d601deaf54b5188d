import Biometrics
import FacePipeline
import HubDomain
import RecognitionAPI
import WireModel

extension CompreFaceCall {
    func detect() async throws -> CompreFaceAnswer {
        let mayEmbed: Bool = try await mayEmbed()
        let (picture, faces): (AnalysedImage, [AnalysedFace]) = try await self.faces("file", embed: mayEmbed ? .leading(options.limit) : .measured)
        let items: [JSONValue] = faces.map { .object(CompreFaceFace.members($0, of: picture, options, embedding: mayEmbed)) }
        return CompreFaceAnswer(json: try result(items), units: 1)
    }

    /// At least one subject for each face, as long as there is any; whether it is the same person, the similarity says.
    func recognize() async throws -> CompreFaceAnswer {
        let mayEmbed: Bool = try await mayEmbed()
        let gallery: Gallery? = try await gallery()
        let (picture, faces): (AnalysedImage, [AnalysedFace]) = try await self.faces("file", embed: .leading(options.limit))
        let probes: [Template] = faces.compactMap(\.template)
        guard probes.count == faces.count else { throw Problem(.internalFault, "The pipeline made no template.", remedy: "Run `doctor`.") }
        var found: [[GalleryCandidate]] = probes.map { _ in [] }
        var persons: [PersonID: Person] = [:]
        if let gallery {
            found = try await hub.search(probes, limit: options.predictions, of: recogniser.model, in: gallery.id, of: owner).candidates
            persons = try await hub.persons(Array(Set(found.joined().map(\.person))), in: gallery.id, of: owner)
        }
        let rule = try DecisionRule(model: recogniser.model, target: gallery?.target ?? .identificationDefault)
        let items: [JSONValue] = zip(faces, found).map { face, candidates in
            var members: [String: JSONValue] = CompreFaceFace.members(face, of: picture, options, embedding: mayEmbed)
            members["subjects"] = .array(
                candidates.compactMap { candidate in
                    guard let person = persons[candidate.person] else { return nil }
                    return ["subject": .string(person.label), "similarity": similarity(candidate.score, face, rule)]
                })
            return .object(members)
        }
        // As natively: where nothing could be decided, nothing is charged.
        return CompreFaceAnswer(json: try result(items), units: faces.contains(where: Self.isDecidable) ? 1 : 0)
    }

    /// The one face of the source with each of the target's.
    func verify() async throws -> CompreFaceAnswer {
        let mayEmbed: Bool = try await mayEmbed()
        let (picture, source): (AnalysedImage, AnalysedFace) = try await oneFace("source_image")
        let (target, faces): (AnalysedImage, [AnalysedFace]) = try await self.faces("target_image", embed: .leading(options.limit))
        let rule = try DecisionRule(model: recogniser.model, target: .verificationDefault)
        let matches: [JSONValue] = try faces.map { face in
            var members: [String: JSONValue] = CompreFaceFace.members(face, of: target, options, embedding: mayEmbed)
            members["similarity"] = similarity(try score(face, source.template.map { [$0] } ?? []), face, rule)
            return .object(members)
        }
        var result: [String: JSONValue] = [
            "source_image_face": .object(CompreFaceFace.members(source, of: picture, options, embedding: mayEmbed)), "face_matches": .array(matches),
        ]
        if options.status { result["plugins_versions"] = CompreFaceFace.versions(try pictures.models) }
        return CompreFaceAnswer(json: ["result": .array([.object(result)])], units: 1)
    }

    /// Each face of the picture with an example that is kept.
    func verifyExample() async throws -> CompreFaceAnswer {
        let id: TemplateID = try image()
        guard let gallery = try await gallery() else { throw CompreFaceError.imageMissing }
        let kept: [Template]
        do { kept = try await hub.openedTemplates([.template(id, gallery.id)], of: recogniser.model, owner: owner)[0] } catch let problem as Problem
            where problem.code == .notFound
        { throw CompreFaceError.imageMissing }
        let mayEmbed: Bool = try await mayEmbed()
        let (picture, faces): (AnalysedImage, [AnalysedFace]) = try await self.faces("file", embed: .leading(options.limit))
        let rule = try DecisionRule(model: recogniser.model, target: .verificationDefault)
        let items: [JSONValue] = try faces.map { face in
            var members: [String: JSONValue] = CompreFaceFace.members(face, of: picture, options, embedding: mayEmbed)
            members["similarity"] = similarity(try score(face, kept), face, rule)
            return .object(members)
        }
        return CompreFaceAnswer(json: try result(items), units: 1)
    }

    /// - Throws: `noFace`, `severalFaces`.
    func oneFace(_ member: String) async throws -> (picture: AnalysedImage, face: AnalysedFace) {
        let (picture, faces): (AnalysedImage, [AnalysedFace]) = try await self.faces(member, embed: .largest)
        guard picture.faces.count(where: { $0.detectionScore >= options.probability }) == 1 else { throw CompreFaceError.severalFaces }
        return (picture, faces[0])
    }

    private func score(_ face: AnalysedFace, _ references: [Template]) throws -> ComparisonScore {
        guard let probe = face.template, let best = try references.map({ try probe.score(against: $0) }).max() else {
            throw Problem(.conflict, "The two were made by different models and cannot be compared.", remedy: "Add the example again.")
        }
        return best
    }

    private func similarity(_ score: ComparisonScore, _ face: AnalysedFace, _ rule: DecisionRule) -> JSONValue {
        .number(CompreFaceFace.similarity(score, threshold: rule.row.threshold, isDecidable: Self.isDecidable(face)))
    }
}
