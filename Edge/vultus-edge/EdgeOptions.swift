import ArgumentParser
import Biometrics
import EdgeAgent
import EdgeStore
import EdgeSync
import FacePipeline
import FoundationEssentials
import Glibc
import Logging
import RecognitionAPI
import ServiceLifecycle
import ServiceSupport
import WireModel

struct EdgeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The device's directory.", discussion: "Otherwise $VULTUS_EDGE_DATA, /var/lib/vultus-edge for root, or the user's state directory."))
    var data: String?

    @Flag(help: "Answer in JSON, errors too.")
    var json: Bool = false

    var directory: String { data ?? DataDirectory.standard(program: "vultus-edge", variable: "VULTUS_EDGE_DATA") }

    /// - Parameter joinsAnew: whether a device that was wiped may begin again.
    func openStore(joinsAnew: Bool = false) throws -> EdgeStore {
        // A program that is tried leaves a way back.
        let isTried: Bool = LaunchSituation(environment: ProcessInfo.processInfo.environment).trial != nil
        return try EdgeStore(directory: directory, joinsAnew: joinsAnew, keepsReadable: isTried)
    }

    /// Runs a command and turns what goes wrong into words and an exit code.
    func run(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let code as ExitCode {
            throw code
        } catch {
            LaunchSituation(environment: ProcessInfo.processInfo.environment).tell(error)
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

    /// The directory, or why it was not found.
    var found: Result<String, ModelError> {
        do throws(ModelError) { return .success(try directory()) } catch { return .failure(error) }
    }

    /// Carries out what the hub's operators ask.
    func commands(store: EdgeStore, isAgent: Bool) -> RemoteCommandExecutor { RemoteCommandExecutor(store: store, models: found, isAgent: isAgent) }

    /// Where a launcher has started this program: says whether it works, and brings updates.
    /// - Parameter recogniser: whose decisions new models are compared with, before they decide.
    func launched(
        _ store: EdgeStore, _ sync: SyncOptions, _ policy: SyncPolicy, _ recogniser: Recogniser, _ logger: Logger
    ) -> [ServiceGroupConfiguration.ServiceConfiguration] {
        LaunchedServices.make(
            LaunchSituation(environment: ProcessInfo.processInfo.environment), store: store, policy: sync.isOn ? policy : nil, models: found,
            recogniser: recogniser, restart: { kill(getpid(), SIGTERM) }, logger: logger)
    }

    /// The running program, as the kernel names it.
    static var executable: String {
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
