import ArgumentParser
import Biometrics
import EdgeAgent
import EdgeStore
import FacePipeline
import FrameCapture
import RecognitionAPI
import ServiceSupport
import WireModel

struct CompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "Say whether two pictures show the same person.",
        discussion: "Spends one unit of the lease for face.compare. Exit code 0: the same; 1: not the same.")

    @OptionGroup var options: EdgeOptions
    @OptionGroup var models: ModelOptions
    @OptionGroup var threshold: ThresholdOptions
    @Flag(help: "Of several faces take the largest, instead of refusing the picture.") var largest: Bool = false
    @Argument(help: "One picture.") var probe: String
    @Argument(help: "The other picture.") var reference: String

    func run() async throws {
        try await options.run {
            let store: EdgeStore = try options.openStore()
            _ = try store.identity()
            let recogniser: Recogniser = try models.recogniser(store: store)
            let rule: DecisionRule = try threshold.rule(for: recogniser.model, standard: .verificationDefault)
            let files = PictureFile(limit: recogniser.limits.bytes)
            let record: DecisionRecord = try await recogniser.compare(try read(probe, files), try read(reference, files), rule: rule, largest: largest)
            if options.json {
                try CommandReport.json(record)
            } else {
                let verdict: String = record.outcome == .match ? Terminal.styled("same person", .green) : Terminal.styled("not the same person", .yellow)
                let score: String = DecisionPrinter.three(record.score ?? 0)
                CommandReport.line(
                    "\(verdict), score \(score), threshold \(DecisionPrinter.three(record.threshold)) at false-match rate \(DecisionPrinter.rate(record.falseMatchRate))"
                )
            }
            if record.outcome != .match { throw ExitCode(1) }
        }
    }

    private func read(_ path: String, _ files: PictureFile) throws(Problem) -> [UInt8] {
        do { return try files.read(path).bytes } catch { throw Problem(error, name: path) }
    }
}
