import ArgumentParser
import EdgeAgent
import FrameCapture
import ServiceSupport
import WireModel

struct CamerasCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cameras", abstract: "The cameras of this machine: names, formats, sizes and rates.",
        discussion: """
            Every name shown can be given to `run --camera`. The exit code is 0 when there is a camera that can be used, otherwise that of what \
            is in the way.

            Examples:
              vultus-edge cameras
              vultus-edge cameras --json | jq '.cameras[].bus'
            """)

    @Flag(help: "Answer in JSON, errors too.") var json: Bool = false

    private struct Answer: Encodable {
        struct Entry: Encodable {
            let camera: CameraDevice
            /// How `run --camera` would watch it unless told otherwise.
            let chosen: CaptureMode?
        }

        let cameras: [Entry]
        let problems: [Problem]
    }

    func run() async throws {
        let (cameras, faults) = CameraList.survey()
        var problems: [Problem] = faults.map { Problem($0) }
        let entries: [Answer.Entry] = cameras.map { Answer.Entry(camera: $0, chosen: CapturePolicy().choose(from: $0)) }
        if cameras.isEmpty, faults.isEmpty { problems.append(Problem(CameraFault.noDevice)) }
        for entry in entries where entry.chosen == nil {
            problems.append(Problem(CameraFault.noUsableFormat(path: entry.camera.path, offered: entry.camera.formats.map(\.code), wanted: nil)))
        }
        if json { try CommandReport.json(Answer(cameras: entries, problems: problems)) } else { for entry in entries { show(entry) } }
        for problem in problems where !json { _ = CommandReport.failure(problem, json: false) }
        guard entries.contains(where: { $0.chosen != nil }) else { throw ExitCode(problems.first?.code.exitCode ?? 70) }
    }

    private func show(_ entry: Answer.Entry) {
        let camera: CameraDevice = entry.camera
        CommandReport.line("\(Terminal.styled(camera.path, .bold))  \(camera.card)")
        CommandReport.line("  bus     \(camera.bus)  (driver \(camera.driver))")
        if let serial = camera.serial { CommandReport.line("  serial  \(serial)") }
        for link in camera.links { CommandReport.line("  link    \(link)") }
        for format in camera.formats {
            let isRead: String = CaptureFormat(format.code) == nil ? ", not read here" : ""
            CommandReport.line("  \(format.code)    \(format.label)\(isRead)")
            for size in format.sizes { CommandReport.line("          \(Self.words(size))") }
        }
        if let chosen = entry.chosen { CommandReport.line("  chosen  \(chosen)") }
    }

    private static func words(_ size: OfferedSize) -> String {
        switch size {
        case .discrete(let size, let intervals): "\(size) at \(rates(intervals))"
        case .stepwise(let least, let most, let stepWidth, let stepHeight, let intervals):
            "\(least) to \(most) in steps of \(stepWidth) and \(stepHeight), at \(rates(intervals))"
        }
    }

    private static func rates(_ intervals: [FrameInterval]) -> String {
        intervals.isEmpty ? "the driver's own rate" : intervals.map { "\(($0.rate * 100).rounded() / 100)" }.joined(separator: ", ") + " frames a second"
    }
}
