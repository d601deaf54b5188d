import EdgeAgent
import EdgePreview
import EdgeStore
import FoundationEssentials
import FrameCapture
import Glibc
import Logging
import RecognitionAPI
import ServiceLifecycle
import ServiceSupport
import WireModel

/// Everybody who looks on while `run` works: page, terminal, API and program.
struct Onlookers: Sendable {
    let store: EdgeStore
    let directory: String
    let json: Bool
    let hook: DecisionHook?
    let view: TerminalView?
    /// `nil` where nobody can look.
    let feed: LiveFeed?
    let decisions = DecisionFeed()
    private let preview: PreviewAddress?
    private let listen: LocalServer.Address?

    /// - Parameter sources: as they are shown.
    init(_ options: OnlookOptions, store: EdgeStore, directory: String, json: Bool, sources: [String]) throws(Problem) {
        try options.check(json: json)
        (self.store, self.directory, self.json) = (store, directory, json)
        hook = try options.hook()
        var (address, place): (PreviewAddress?, LocalServer.Address?)
        if let text = options.preview { address = try PreviewAddress(text, isOpen: options.previewUnencrypted) }
        if let text = options.listen { place = try LocalServer.Address(listen: text) }
        (preview, listen) = (address, place)
        feed = preview != nil || options.view ? LiveFeed(sources: sources) : nil
        view = if options.view, let feed { try TerminalView(feed: feed) { (try? store.announcements()) ?? [] } } else { nil }
    }

    /// Tells everybody but the terminal's lines, which are another's.
    func tell(_ event: RecognitionEvent) async {
        for notice in notices(event) {
            decisions.publish(notice)
            hook?.tell(notice)
            await view?.say(notice)
        }
        if case .failed(let name, let problem) = event { await view?.say("\(name): \(problem.title) [\(problem.code.rawValue)]") }
    }

    private func notices(_ event: RecognitionEvent) -> [DecisionNotice] {
        func label(_ face: FaceResult?) -> String? { face?.person.flatMap { store.label(of: $0, in: face?.gallery) } }
        let time: Timestamp = store.clock.now().wall
        return switch event {
        case .decided(let name, let result): result.faces.map { DecisionNotice($0, source: name, label: label($0), at: time) }
        case .passage(let name, let passage): [DecisionNotice(passage, source: name, label: label(passage.face), at: time)]
        case .failed: []
        }
    }

    /// - Parameter models: for pictures that programs send.
    func services(cameras: [Camera], models: ModelOptions, logger: Logger) throws(Problem) -> [ServiceGroupConfiguration.ServiceConfiguration] {
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = []
        if let view { services.append(.init(service: view, successTerminationBehavior: .ignore, failureTerminationBehavior: .cancelGroup)) }
        if let hook { services.append(.init(service: HookReportService(hook: hook, directory: directory), successTerminationBehavior: .ignore)) }
        if let preview, let feed {
            let standing = AgentStanding(store: store, cameras: cameras, hook: hook)
            let server = PreviewServer(address: preview, feed: feed, decisions: decisions, standing: standing, logger: logger)
            services.append(.init(service: server.service(directory: directory) { [self] in await announcePreview($0, $1) }))
        }
        if let listen {
            let pool = PipelinePool(models: try models.openDirectory(), count: 1)
            let backend = try LocalBackend(store: store, pictures: pool, events: decisions)
            services.append(.init(service: try LocalListener(address: listen, directory: directory, json: json, logger: logger).service(backend, decisions)))
        }
        return services
    }

    /// What was there only while the agent ran.
    func end() async {
        await hook?.end()
        if preview != nil { PrivateFiles.remove(PreviewToken.path(in: directory)) }
        if case .socket(let path)? = listen { PrivateFiles.remove(path) }
    }

    private struct Announcement: Encodable {
        let preview: String
        /// The file that has the address with the token.
        let address: String
    }

    private func announcePreview(_ url: String, _ whole: String) async {
        let file: String = PreviewToken.path(in: directory)
        if json {
            if let text = try? JSON.text(Announcement(preview: url, address: file)) { CommandReport.line(text) }
        } else if let view {
            await view.say("Preview: \(whole)")
        } else {
            // A log outlives the run, and others may read it: only a terminal is told the token.
            CommandReport.line("preview on \(isatty(STDOUT_FILENO) == 1 ? whole : "\(url), with the token in \(file)")")
        }
    }
}
