import ArgumentParser
import EdgeAgent
import EdgeStore
import FacePipeline
import FrameCapture
import ServiceSupport
import WireModel

struct EnrolCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enrol", abstract: "Add a person to this device's gallery, or more pictures to a person.",
        discussion: """
            Each picture must show one face, large, sharp and turned to the camera. The template is sealed under a key of that person and \
            stays on this device; the picture is not kept. Giving a picture again changes nothing.

            Example: vultus-edge enrol "Ada" ada-front.jpg ada-glasses.jpg
            """)

    @OptionGroup var options: EdgeOptions
    @OptionGroup var models: ModelOptions
    @Flag(help: "Of several faces take the largest, instead of refusing the picture.") var largest: Bool = false
    @Argument(help: "What you call the person.") var person: String
    @Argument(help: "Pictures (JPEG or PNG), or folders of them.") var pictures: [String]

    private struct Answer: Encodable {
        let picture: String
        var person: PersonID?
        var outcome: String
        var problem: Problem?
    }

    func run() async throws {
        try await options.run {
            guard (1...100).contains(person.count), !person.contains(where: \.isNewline) else {
                throw Problem(.invalidRequest, "A person's name has 1 to 100 characters on one line.", remedy: "Choose a shorter one.")
            }
            let recogniser: Recogniser = try models.recogniser(store: try options.openStore())
            let failure: Problem? = await PictureLoop(paths: pictures, limit: recogniser.limits.bytes).run { frame throws(Problem) in
                let (id, outcome) = try await recogniser.enrol(frame.bytes, label: person, largest: largest)
                show(Answer(picture: frame.name, person: id, outcome: outcome == .added ? "added" : "already there"))
            } failed: { name, problem in
                show(Answer(picture: name, outcome: "refused", problem: problem))
            }
            if let failure { throw ExitCode(failure.code.exitCode) }
        }
    }

    private func show(_ answer: Answer) {
        if options.json {
            try? CommandReport.json(answer)
        } else if let problem = answer.problem {
            CommandReport.line("\(answer.picture): \(Terminal.styled("refused", .red)) – \(problem.title) \(problem.detail)")
            Terminal.note("  next: \(problem.remedy)")
        } else {
            CommandReport.line("\(answer.picture): \(Terminal.styled(answer.outcome, .green)) – \(person), \(answer.person!)")
        }
    }
}
