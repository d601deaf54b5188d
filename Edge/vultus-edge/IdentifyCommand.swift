import ArgumentParser
import Biometrics
import EdgeAgent
import EdgeStore
import FacePipeline
import FrameCapture
import RecognitionAPI
import ServiceSupport
import WireModel

struct IdentifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "identify", abstract: "Say who is in pictures: a person of the gallery, or plainly unknown.",
        discussion: """
            Every decision is journaled and spends one unit of the lease for face.search before it is shown; a face too poor to decide on \
            costs nothing. The threshold is chosen by its measured false-match rate; 1e-5 unless you say otherwise, because a search compares \
            with everybody: against 1,000 persons that is about one stranger in a hundred taken for somebody.

            Examples:
              vultus-edge identify door.jpg visitors/
              camera-program | vultus-edge identify - --json
            """)

    @OptionGroup var options: EdgeOptions
    @OptionGroup var models: ModelOptions
    @OptionGroup var threshold: ThresholdOptions
    @Argument(help: "Pictures, folders, or `-` for a stream of JPEGs on standard input.") var pictures: [String]

    func run() async throws {
        try await options.run {
            let store: EdgeStore = try options.openStore()
            _ = try store.identity()
            let recogniser: Recogniser = try models.recogniser(store: store)
            let rule: DecisionRule = try threshold.rule(for: recogniser.model, standard: .identificationDefault)
            if !options.json {
                for gallery in try store.heldGalleries() where !gallery.isSearchable {
                    Terminal.note("Nobody of the hub's gallery \(gallery.name) is matched: it ended \(gallery.freshUntil); next: vultus-edge sync")
                }
            }
            let printer = DecisionPrinter(store: store, json: options.json)
            let failure: Problem? = await PictureLoop(paths: pictures, limit: recogniser.limits.bytes).run { frame throws(Problem) in
                printer.show(frame.name, try await recogniser.identify(frame, rule: rule, source: nil))
            } failed: { name, problem in
                printer.show(name, problem)
            }
            if let failure { throw ExitCode(failure.code.exitCode) }
        }
    }
}
