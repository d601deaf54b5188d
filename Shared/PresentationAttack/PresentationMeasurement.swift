import FacePipeline
import FoundationEssentials

/// Why a folder of labelled presentations cannot be measured.
package enum PresentationFolderError: Error, Equatable, Sendable {
    case missing(path: String)
    /// No sub-folder with pictures in it.
    case empty(path: String)
    case unreadable(path: String)
    case pipeline(FacePipelineError)
    case model(PresentationModelError)
}

/// Presentations of one folder: `bona-fide/`, and beside it a folder for each kind of attack. In each, a picture is a presentation, and so is
/// a folder of pictures, which are its frames by name.
package struct PresentationFolder: Sendable {
    package struct Presentation: Sendable, Hashable {
        /// `nil`: bona fide.
        package let species: String?
        package let name: String
        package let frames: [String]
    }

    package static let bonaFide: String = "bona-fide"
    package let presentations: [Presentation]

    package init(_ path: String) throws(PresentationFolderError) {
        var found: [Presentation] = []
        for species in try Self.names(in: path, orThrow: .missing(path: path)) where Self.isFolder(path + "/" + species) {
            let folder: String = path + "/" + species
            for name in try Self.names(in: folder, orThrow: .unreadable(path: folder)) {
                let item: String = folder + "/" + name
                var frames: [String] = Self.isPicture(name) ? [item] : []
                if Self.isFolder(item) { frames = try Self.names(in: item, orThrow: .unreadable(path: item)).filter(Self.isPicture).map { item + "/" + $0 } }
                if !frames.isEmpty { found.append(Presentation(species: species == Self.bonaFide ? nil : species, name: name, frames: frames)) }
            }
        }
        guard !found.isEmpty else { throw .empty(path: path) }
        presentations = found
    }

    /// Sorted; hidden ones left out.
    private static func names(in path: String, orThrow error: PresentationFolderError) throws(PresentationFolderError) -> [String] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else { throw error }
        return names.filter { !$0.hasPrefix(".") }.sorted()
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: Bool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder
    }

    private static func isPicture(_ name: String) -> Bool { [".jpg", ".jpeg", ".png"].contains { name.lowercased().hasSuffix($0) } }
}

/// Plays labelled presentations to the cues, and to an operator's network, as a live source would. One call at a time.
package final class PresentationMeasurement {
    /// The largest face of the frame that is looked at.
    private final class Largest: FaceChooser {
        var evidence = PresentationEvidence()
        var time: ContinuousClock.Instant = .now
        let network: PresentationModel?
        var fault: PresentationModelError?

        init(network: PresentationModel?) { self.network = network }

        func choose(_ faces: [DetectedFace], width: Int, height: Int) -> Set<Int> { faces.isEmpty ? [] : [0] }

        func wantsTemplate(of face: Int, _ quality: FaceQuality) -> Bool { false }

        func examine(_ view: FaceView, of face: Int) {
            guard face == 0 else { return }
            if let network, evidence.wantsScore {
                do throws(PresentationModelError) { evidence.add(attack: try network.attack(view)) } catch { fault = error }
            }
            evidence.add(view, at: time)
        }
    }

    private let pipeline: FacePipeline
    private let network: PresentationModel?
    private let rate: Double
    private var rule = PresentationRule()

    /// - Parameters:
    ///   - network: asked as well, where there is one.
    ///   - rate: frames a second of the sequences.
    package init(models: ModelDirectory, network: PresentationModel?, rate: Double) {
        pipeline = FacePipeline(models: models)
        (self.network, self.rate) = (network, rate)
        if let network { rule.modelThreshold = network.manifest.threshold }
    }

    /// - Returns: a single picture is judged by what one picture can show, the grid and the network; a sequence as a live source is.
    package func judge(_ presentation: PresentationFolder.Presentation) throws(PresentationFolderError) -> PresentationReport {
        let chooser = Largest(network: network)
        let start: ContinuousClock.Instant = .now
        for (number, path) in presentation.frames.enumerated() {
            guard let data = FileManager.default.contents(atPath: path) else { throw .unreadable(path: path) }
            chooser.time = start + .seconds(Double(number) / rate)
            do throws(FacePipelineError) {
                _ = try [UInt8](data).withUnsafeBufferPointer { (bytes) throws(FacePipelineError) in
                    try pipeline.analyse(UnsafeRawBufferPointer(bytes), chooser: chooser)
                }
            } catch {
                // A picture that is none is a frame without a face; models that do not work end the measurement.
                if case .image = error { continue }
                throw .pipeline(error)
            }
            if let fault = chooser.fault { throw .model(fault) }
        }
        var rule: PresentationRule = rule
        if presentation.frames.count == 1 { (rule.leastSights, rule.leastSpan, rule.leastScores) = (1, .zero, 1) }
        rule.leastScores = min(rule.leastScores, presentation.frames.count)
        let requirements: PresentationRequirements = network == nil ? .cues : [.cues, .model]
        return rule.report(requirements, chooser.evidence, nil, isOver: true)!
    }

    /// - Parameter each: told of every presentation.
    package func measure(
        _ folder: PresentationFolder, each: (PresentationFolder.Presentation, PresentationReport) -> Void
    ) throws(PresentationFolderError) -> PresentationErrorRates {
        var outcomes: [String?: [(outcome: PresentationReport.Outcome, score: Double)]] = [:]
        for presentation in folder.presentations {
            let report: PresentationReport = try judge(presentation)
            outcomes[presentation.species, default: []].append((report.outcome, report.score.value))
            each(presentation, report)
        }
        return PresentationErrorRates(threshold: rule.threshold, outcomes)
    }
}
