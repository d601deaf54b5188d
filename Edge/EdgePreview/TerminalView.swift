import EdgeAgent
import FacePipeline
import FoundationEssentials
import FrameCapture
import ServiceLifecycle
import ServiceSupport
import WireModel

/// What the agent sees, drawn in the terminal it runs in.
package actor TerminalView: Service {
    private static let interval: Duration = .milliseconds(100)
    /// Below the picture.
    private static let messages: Int = 5

    private let executor = BlockingExecutor(label: "vultus.terminal")
    private let feed: LiveFeed
    private let reducer = PictureForEyes()
    private let depth: TerminalCanvas.Depth
    private let announcements: @Sendable () -> [DeviceAnnouncement]
    private let language: String
    private var announced: (lines: [String], time: ContinuousClock.Instant)?
    private var said: [String] = []
    private var screen: TerminalScreen?

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Parameter announcements: what the hub's operator says here now; asked for every two seconds.
    /// - Throws: `invalid_request` where standard output is no terminal that can be drawn on.
    package init(feed: LiveFeed, announcements: @escaping @Sendable () -> [DeviceAnnouncement] = { [] }) throws(Problem) {
        try TerminalScreen.check()
        self.feed = feed
        self.announcements = announcements
        let environment: [String: String] = ProcessInfo.processInfo.environment
        depth = TerminalCanvas.Depth(environment)
        let locale: String = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        language = locale.hasPrefix("zh") ? "zh" : "en"
    }

    package func run() async throws {
        screen = try TerminalScreen()
        // Dropped however this ends: then the terminal is as it was.
        defer { screen = nil }
        try await feed.news().forEach(atLeastEvery: .seconds(1)) {
            draw()
            try? await Task.sleep(for: Self.interval)
        }
    }

    /// A decision, or something that went wrong, in one line.
    package func say(_ text: String) {
        said.append(Self.printable(text))
        if said.count > Self.messages { said.removeFirst() }
    }

    package func say(_ notice: DecisionNotice) {
        guard let outcome = notice.outcome else { return }
        let time = String("\(notice.time)".dropFirst(11).prefix(8))
        let score: String = notice.score.map { " \(Self.three($0))" } ?? ""
        say("\(time)  \(Self.name(outcome, notice.label))\(score)\(notice.kind == .returned ? ", again" : "")\(Self.words(notice.refusals ?? []))")
    }

    private func draw() {
        guard let screen else { return }
        screen.measure()
        let source: String? = feed.sources.first { feed.scene(of: $0)?.view.faces.isEmpty == false } ?? feed.sources.first { feed.scene(of: $0) != nil }
        let scene: Scene? = source.flatMap { feed.scene(of: $0) }
        let news: [String] = announcementLines()
        let rows: Int = max(1, screen.rows - Self.messages - 2 - news.count)
        var canvas = TerminalCanvas(columns: screen.columns, rows: rows, depth: depth)
        if let scene, let picture = try? scene.frame.picture(reducer, within: screen.columns, rows * 2) {
            canvas.draw(picture)
            for face in scene.view.faces { canvas.draw(face, of: scene.view) }
        }
        let (status, faces): (String, String) = (Self.status(source, scene), Self.faces(scene))
        let below: [String] = news + [status, faces] + said + Array(repeating: "", count: Self.messages - said.count)
        screen.show(canvas.lines + below.map { Self.cut($0, to: screen.columns) })
    }

    /// At most three, a line each.
    private func announcementLines() -> [String] {
        if let announced, .now - announced.time < .seconds(2) { return announced.lines }
        let lines: [String] = announcements().prefix(3).map { one in
            let text: DeviceAnnouncement.Text = one.text(in: language)
            return Self.printable("* \(text.title): \(text.body.split(whereSeparator: \.isNewline).joined(separator: " "))")
        }
        announced = (lines, .now)
        return lines
    }

    private static func status(_ source: String?, _ scene: Scene?) -> String {
        guard let source, let scene else { return "Waiting for the first picture. Ctrl-C ends." }
        let timings: SceneView.Timings? = scene.view.timings
        let figures: [String?] = [
            printable(source), scene.rate > 0 ? "\((scene.rate * 10).rounded() / 10) frames/s" : nil, timings.map { "frame to answer \($0.answer) ms" },
            timings?.decision.map { "first good frame to decision \($0) ms" }, "Ctrl-C ends",
        ]
        return figures.compactMap { $0 }.joined(separator: " | ")
    }

    private static func faces(_ scene: Scene?) -> String {
        guard let scene, !scene.view.faces.isEmpty else { return "Nobody is in the picture." }
        return scene.view.faces.map { name($0) + words($0.refusals) }.joined(separator: "; ")
    }

    /// Why a face is not decided on, behind its name.
    private static func words(_ refusals: [ProblemCode]) -> String {
        refusals.isEmpty ? "" : " (" + refusals.map { PreviewWords.english.reasons[$0.rawValue] ?? $0.rawValue }.joined(separator: ", ") + ")"
    }

    static func name(_ face: SceneView.Face) -> String {
        guard let outcome = face.outcome else { return "looking" }
        return name(outcome, face.label) + (face.score.map { " \(three($0))" } ?? "")
    }

    private static func name(_ outcome: DecisionOutcome, _ label: String?) -> String { outcome == .match ? printable(label ?? "?") : outcome.rawValue }

    /// Without what could steer the terminal: a label is what somebody typed.
    static func printable(_ text: String) -> String {
        var kept = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse: continue
            default: kept.append(scalar)
            }
        }
        return String(kept)
    }

    private static func cut(_ text: String, to columns: Int) -> String {
        var (line, width): (String, Int) = ("", 0)
        for character in text {
            width += String(character).displayWidth
            if width > columns { break }
            line.append(character)
        }
        return line
    }

    private static func three(_ value: Float) -> String {
        let text = String("\((Double(value) * 1_000).rounded() / 1_000)")
        return text + String(repeating: "0", count: max(0, (value < 0 ? 6 : 5) - text.count))
    }
}
