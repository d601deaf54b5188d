import EdgeAgent
import FrameCapture
import ServiceSupport
import WireModel

/// Shows what happens to cameras while they are watched.
struct CameraPrinter: Sendable {
    private struct Line: Encodable {
        let camera: String
        /// `streaming`, `paced`, `waiting`, `stalled` or `lossy`.
        let event: String
        var path: String?
        var card: String?
        var mode: CaptureMode?
        var counters: CameraCounters?
        var problem: Problem?
    }

    let json: Bool

    func show(_ name: String, _ event: CameraEvent) {
        switch event {
        case .streaming(let path, let card, let mode):
            say(Line(camera: name, event: "streaming", path: path, card: card, mode: mode), "\(Terminal.styled("streams", .green)): \(path) (\(card)), \(mode)")
        case .paced(let path, let mode):
            say(Line(camera: name, event: "paced", path: path, mode: mode), "follows what can be looked at: \(path), \(mode)")
        case .waiting(let fault): tell(name, "waiting", fault)
        case .stalled(let fault): tell(name, "stalled", fault)
        case .lossy(let path, let counters):
            say(
                Line(camera: name, event: "lossy", path: path, counters: counters),
                "\(Terminal.styled("loses frames", .yellow)): \(path), \(counters.lost) lost and \(counters.damaged) damaged beside \(counters.frames) good")
        }
    }

    private func tell(_ name: String, _ event: String, _ fault: CameraFault) {
        let problem = Problem(fault)
        say(
            Line(camera: name, event: event, problem: problem),
            "\(Terminal.styled(event, .yellow)): \(problem.title) \(problem.detail) [\(problem.code.rawValue)]")
        if !json { Terminal.note("  next: \(problem.remedy)") }
    }

    private func say(_ line: Line, _ words: String) {
        if json {
            if let text = try? JSON.text(line) { CommandReport.line(text) }
        } else {
            CommandReport.line("camera \(line.camera) \(words)")
        }
    }

    /// How a camera is, in one line.
    static func words(_ line: CameraReport.Line) -> String {
        let counters: CameraCounters = line.counters
        let state: String =
            if let problem = line.problem {
                Terminal.styled(problem.title, .red)
            } else if let path = line.path, let mode = line.mode {
                "\(path) (\(line.card ?? "?")), \(mode)\(line.rate.map { ", \($0) came" } ?? "")"
            } else {
                "not open yet"
            }
        return """
            \(line.name): \(state); \(counters.frames.counted("frame")), \(counters.superseded) superseded, \(counters.lost) lost, \(counters.damaged) damaged; \
            \(counters.timeouts.counted("time-out")), \(counters.restarts.counted("restart")), unplugged \(counters.disconnections.counted("time"))
            """
    }
}
