import Biometrics

/// Why accuracy cannot be measured.
package enum AccuracyError: Error, Equatable, Sendable {
    case faces(LabelledFacesError)
    /// Models or engine; a single bad picture counts as a failure to acquire instead.
    case pipeline(FacePipelineError)
    case calibration(CalibrationError)
}

/// Templates of a set of labelled faces, and what can be measured of them.
package struct AccuracyMeasurement: Sendable {
    /// Templates of the pictures in which a face was found, in the set's order.
    package let templates: [(image: LabelledImage, template: Template)]
    /// Pictures in which none was found, or that could not be read as pictures.
    package let failuresToAcquire: [LabelledImage]
    /// Quality of the faces found, in the order of `templates`.
    package let qualities: [FaceQuality]

    /// Embeds the face nearest to the centre of every picture (30–60 ms each).
    /// - Parameter progress: called after each picture with how many are done and how many there are.
    package init(
        _ faces: LabelledFaces, pipeline: FacePipeline, progress: (Int, Int) -> Void = { _, _ in }
    ) throws(AccuracyError) {
        var templates: [(image: LabelledImage, template: Template)] = []
        var failures: [LabelledImage] = []
        var qualities: [FaceQuality] = []
        for (index, image) in faces.images.enumerated() {
            let bytes: [UInt8]
            do { bytes = try faces.bytes(of: image) } catch { throw .faces(error) }
            do {
                let face = try pipeline.analyse(bytes, embed: .nearestCentre).faceNearestCentre
                if let face, let template = face.template {
                    templates.append((image, template))
                    qualities.append(face.quality)
                } else {
                    failures.append(image)
                }
            } catch {
                guard case .image = error else { throw .pipeline(error) }
                failures.append(image)
            }
            progress(index + 1, faces.images.count)
        }
        self.templates = templates
        self.failuresToAcquire = failures
        self.qualities = qualities
    }

    /// The LFW verdict on some pairs, and true accepts over all pairs of the pictures.
    /// - Throws: `.faces(.missingImage)` when the pairs name a picture that the directory lacks.
    package func report(pairs: PairsFile) throws(AccuracyError) -> AccuracyReport {
        let byImage = Dictionary(uniqueKeysWithValues: templates.map { ($0.image, $0.template) })
        let failed = Set(failuresToAcquire)
        let scores: PairScores
        var trials: [VerificationProtocol.Trial] = []
        do {
            for pair in pairs.pairs {
                for image in [pair.first, pair.second] where byImage[image] == nil && !failed.contains(image) {
                    throw AccuracyError.faces(.missingImage(image.path))
                }
                // A pair with a face that was not found is refused, as it would be at a door.
                var score: Float = -1
                if let first = byImage[pair.first], let second = byImage[pair.second] {
                    score = try first.score(against: second).rawValue
                }
                trials.append(.init(score: score, isGenuine: pair.isGenuine, fold: pair.fold))
            }
            scores = try PairScores(
                allPairsOf: templates.map { LabelledTemplate(person: $0.image.name, template: $0.template) })
        } catch let error as AccuracyError {
            throw error
        } catch let error as TemplateError {
            throw .calibration(.template(error))
        } catch {
            throw .calibration(.tooFewPairs(genuine: 0, impostor: 0))
        }
        return AccuracyReport(
            VerificationProtocol(trials: trials), scores: scores, images: templates.count + failed.count,
            failuresToAcquire: failed.count, pairs: pairs.pairs.count)
    }

    /// Thresholds from all pairs of the pictures.
    /// - Parameter source: what the pictures are, in words.
    package func calibration(source: String) throws(AccuracyError) -> Calibration {
        do {
            return try Calibration.measure(
                templates.map { LabelledTemplate(person: $0.image.name, template: $0.template) },
                model: FaceEmbedder.modelID, source: source)
        } catch {
            throw .calibration(error)
        }
    }
}
