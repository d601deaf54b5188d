import EdgeAgent
import EdgeStore
import ServiceSupport
import WireModel

/// Shows decisions one picture at a time: a line a face for people, a JSON object a picture for programs.
struct DecisionPrinter: Sendable {
    private struct Line: Encodable {
        let source: String
        var result: IdentificationResult?
        var problem: Problem?
        var passage: PassageEvent?
    }

    let store: EdgeStore
    let json: Bool

    func show(_ source: String, _ result: IdentificationResult) {
        if json { return write(Line(source: source, result: result)) }
        guard !result.faces.isEmpty else { return CommandReport.line("\(source): no face") }
        for face in result.faces { CommandReport.line("\(source): \(describe(face))") }
    }

    func show(_ source: String, _ problem: Problem) {
        if json { return write(Line(source: source, problem: problem)) }
        CommandReport.line(
            "\(source): \(Terminal.styled("refused", .red)) – \(problem.title)\(problem.detail.isEmpty ? "" : " " + problem.detail) [\(problem.code.rawValue)]")
        Terminal.note("  next: \(problem.remedy)")
    }

    func show(_ source: String, _ passage: PassageEvent) {
        if json { return write(Line(source: source, passage: passage)) }
        let track: String = "\(source): track \(passage.track)"
        switch (passage.kind, passage.face) {
        case (.asked, _):
            if let challenge = passage.challenge { CommandReport.line("\(track): \(Self.words(challenge))") }
        case (.left, _), (_, nil): CommandReport.line("\(track) left\(passage.zone.map { " by \($0)" } ?? "")")
        case (.returned, let face?): CommandReport.line("\(track) again: \(describe(face)), not charged again")
        case (.decided, let face?):
            var line: String = "\(track): \(describe(face))"
            if let agreeing = passage.agreeing, let votes = passage.votes, votes > 0 { line += ", \(agreeing) of \(votes.counted("shot"))" }
            if let latency = passage.latencyMilliseconds { line += ", \(latency) ms after the first good frame" }
            CommandReport.line(line + (passage.isRepeat == true ? ", still there" : ""))
        }
    }

    private func describe(_ face: FaceResult) -> String {
        let journal: String = face.entry.map { ", journal entry \($0)" } ?? ""
        let against: String = "threshold \(Self.three(face.threshold)) at false-match rate \(Self.rate(face.falseMatchRate))\(journal)"
        switch face.outcome {
        case .match:
            let label: String = face.person.flatMap { store.label(of: $0, in: face.gallery) } ?? face.person?.rawValue ?? ""
            return "\(Terminal.styled("match", .green)) \(Terminal.styled(label, .bold)), score \(Self.three(face.score ?? 0)), \(against)"
        case .unknown:
            let score: String = face.score.map { "best score \(Self.three($0))" } ?? "the gallery is empty"
            return "\(Terminal.styled("unknown", .yellow)), \(score), \(against)"
        case .undecided:
            let pad: String = face.pad.map { ", PAD score \(Self.three(Float($0.score))) against \(Self.three(Float($0.threshold)))" } ?? ""
            return "\(Terminal.styled("undecided", .yellow)) (\(face.refusals.map(\.rawValue).joined(separator: ", "))\(pad)), not charged\(journal)"
        }
    }

    private static func words(_ challenge: ChallengeRequest) -> String {
        let asked: String =
            switch challenge.prompt {
            case .left: "turn your head to your left"
            case .right: "turn your head to your right"
            case .up: "look up"
            case .straight: "look at the camera"
            }
        return "\(Terminal.styled("asked", .yellow)) (\(challenge.step) of \(challenge.steps)): \(asked), within \(challenge.milliseconds) ms"
    }

    private func write(_ line: Line) {
        if let text = try? JSON.text(line) { CommandReport.line(text) }
    }

    static func three(_ value: Float) -> String {
        let thousandths: Int = Int((value * 1000).rounded())
        let digits: String = String(thousandths.magnitude % 1000)
        return "\(thousandths < 0 ? "-" : "")\(thousandths.magnitude / 1000).\(String(repeating: "0", count: 3 - digits.count))\(digits)"
    }

    /// Two figures and a power of ten: `9.6e-06`.
    static func rate(_ value: Double) -> String {
        guard value > 0 else { return "0" }
        var exponent: Int = 0
        var mantissa: Double = value
        while mantissa < 1 { mantissa *= 10; exponent -= 1 }
        return "\((mantissa * 10).rounded() / 10)e\(exponent)"
    }
}
