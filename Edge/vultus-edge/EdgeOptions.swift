import ArgumentParser
import Biometrics
import EdgeAgent
import EdgeStore
import FacePipeline
import FoundationEssentials
import Glibc
import RecognitionAPI
import ServiceSupport
import WireModel

struct EdgeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The device's directory.", discussion: "Otherwise $VULTUS_EDGE_DATA, /var/lib/vultus-edge for root, or the user's state directory."))
    var data: String?

    @Flag(help: "Answer in JSON, errors too.")
    var json: Bool = false

    var directory: String { data ?? DataDirectory.standard(program: "vultus-edge", variable: "VULTUS_EDGE_DATA") }

    func openStore() throws -> EdgeStore { try EdgeStore(directory: directory) }

    /// Runs a command and turns what goes wrong into words and an exit code.
    func run(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let code as ExitCode {
            throw code
        } catch {
            throw ExitCode(CommandReport.failure(error, json: json))
        }
    }
}

struct ModelOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The models' directory.",
            discussion: "Otherwise $VULTUS_MODELS, ../share/vultus/models beside the program, /usr/share/vultus/models, or .models above it."))
    var models: String?

    func directory() throws(ModelError) -> String {
        try ModelDirectory.locate(explicit: models, environment: ProcessInfo.processInfo.environment, executablePath: Self.executable)
    }

    func openDirectory() throws(Problem) -> ModelDirectory {
        do { return try ModelDirectory.open(try directory()) } catch { throw Problem(error) }
    }

    func recogniser(store: EdgeStore) throws(Problem) -> Recogniser {
        let path: String
        do { path = try directory() } catch { throw Problem(error) }
        return try Recogniser(store: store, models: path)
    }

    /// The running program, as the kernel names it.
    private static var executable: String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count: Int = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        guard count > 0 else { return CommandLine.arguments[0] }
        return String(decoding: buffer[0..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Thresholds are chosen by how often they may be wrong, never by a number of this model.
struct ThresholdOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "False-match rate per comparison: 1e-3, 1e-4 or 1e-5.", discussion: "Against N persons a stranger is taken for one of them about N times as often.")
    )
    var fmr: String?

    func rule(for model: ModelID, standard: FalseMatchRate) throws(Problem) -> DecisionRule {
        guard let fmr else { return try DecisionRule(model: model, target: standard) }
        guard let value = Double(fmr), let target = FalseMatchRate.offered.first(where: { abs($0.rawValue / value - 1) < 1e-6 }) else {
            throw Problem(.invalidRequest, "That is not a false-match rate offered.", detail: fmr, remedy: "Choose 1e-3, 1e-4 or 1e-5.")
        }
        return try DecisionRule(model: model, target: target)
    }
}
