import ArgumentParser
import EdgeAgent
import FacePipeline
import ServiceSupport
import WireModel

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look at models, cameras, store, journal, gallery, clock, hub, certificate and leases; name each fault with its remedy.",
        discussion:
            "Takes a dozen frames from every camera that no agent watches. Changes nothing. The exit code is 0 when nothing is at fault (warnings are not faults), otherwise that of the first fault."
    )

    @OptionGroup var options: EdgeOptions
    @OptionGroup var models: ModelOptions

    func run() async throws {
        try await options.run {
            let path: Result<String, ModelError>
            do throws(ModelError) { path = .success(try models.directory()) } catch { path = .failure(error) }
            let findings: [Finding] = await Examination(directory: options.directory, models: path).run()
            if options.json {
                try CommandReport.json(findings)
            } else {
                for finding in findings { print(finding) }
            }
            if let fault = findings.first(where: { $0.verdict == .fault }) { throw ExitCode(fault.code?.exitCode ?? 70) }
        }
    }

    private func print(_ finding: Finding) {
        let mark: String =
            switch finding.verdict {
            case .ok: Terminal.styled("ok     ", .green)
            case .warning: Terminal.styled("warning", .yellow)
            case .fault: Terminal.styled("fault  ", .red)
            }
        CommandReport.line("\(mark)  \(finding.subject): \(finding.detail)")
        if !finding.remedy.isEmpty { CommandReport.line("         next: \(finding.remedy)") }
    }
}
