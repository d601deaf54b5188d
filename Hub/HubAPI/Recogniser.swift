import Biometrics
import FacePipeline
import RecognitionAPI
import WireModel

/// What a hub recognises with.
package enum Recogniser: Sendable {
    case ready(PipelinePool)
    /// And why.
    case missing(Problem)

    /// For a hub that was given none.
    package static let none: Recogniser = .missing(Problem(.modelsMissing, "No models were named.", remedy: "Name their directory: --models."))

    /// Opens the models; when there are none, everything else is served all the same.
    /// - Parameters:
    ///   - path: `nil`: where models usually are, see `ModelDirectory.locate`.
    ///   - pipelines: at least 1.
    package static func open(_ path: String?, environment: [String: String], executablePath: String, pipelines: Int) -> Recogniser {
        do {
            let directory: String = try ModelDirectory.locate(explicit: path, environment: environment, executablePath: executablePath)
            return .ready(PipelinePool(models: try ModelDirectory.open(directory), count: pipelines))
        } catch {
            return .missing(Problem(error))
        }
    }

    /// Whose templates are compared; the only model there is, where none is loaded.
    var model: ModelID {
        switch self {
        case .ready(let pool): pool.models.embedderModel
        case .missing: .sface2021dec
        }
    }

    /// What a call is told that needs pictures looked at, where none can be; where the models should lie is the operator's to know.
    var problem: Problem? {
        guard case .missing(let problem) = self else { return nil }
        return Problem(
            problem.code, "This hub looks at no pictures at the moment.", remedy: "Ask its operator: `vultus-hub serve --models` names the models.")
    }
}
