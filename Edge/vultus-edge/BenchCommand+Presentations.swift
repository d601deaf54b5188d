import ArgumentParser
import EdgeAgent
import FacePipeline
import PresentationAttack
import RecognitionAPI
import ServiceSupport
import WireModel

extension BenchCommand {
    struct Presentations: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "pad", abstract: "Presentation attack detection on a folder of labelled presentations: APCER by species, BPCER.",
            discussion: """
                DIR/bona-fide/ holds presentations of living people, and each other folder of DIR one species of attack instrument (print, \
                phone-replay, …). In them a picture is a presentation, and so is a folder of pictures, which are its frames in order of name.

                The terms are those of ISO/IEC 30107-3. APCER: share of a species' presentations taken for bona fide; the largest over species is \
                what counts. BPCER: share of bona fide presentations taken for attacks. Presentations without an answer (no face, too few frames) \
                are counted apart (APNRR, BPNRR). All at the threshold that `run --pad` uses. A single picture shows a grid at most, and what the \
                network says; sequences should be as the camera gives them, a second or more. Challenges are not played.

                Figures hold for the instruments, cameras and people of the folder, and for no others. Sequences that were made by a program \
                measure the program.

                Example:
                  vultus-edge bench pad recordings/ --rate 15
                  vultus-edge bench pad recordings/ --pad-model minifasnet.json --json
                """)
        @OptionGroup var options: EdgeOptions
        @OptionGroup var models: ModelOptions
        @Option(help: "Frames a second of the sequences: 1 to 120.") var rate: Double = 10
        @Option(help: ArgumentHelp("Manifest of a network of your own, asked as well.", valueName: "file")) var padModel: String?
        @Flag(help: "Show every presentation with its cues.") var each: Bool = false
        @Argument(help: "The folder.") var folder: String

        private struct Answer: Encodable {
            struct Presentation: Encodable {
                /// `bona-fide` or the species.
                let kind: String
                let name: String
                let pad: PADRecord
            }

            let threshold: Double
            let model: String?
            let bonaFide: PresentationErrorRates.Species?
            let bpcer: Double?
            let attacks: [PresentationErrorRates.Species]
            /// Of the species that deceives best.
            let apcer: Double?
            var presentations: [Presentation]?
        }

        func run() async throws {
            try await options.run {
                guard (1...120).contains(rate) else {
                    throw Problem(.invalidRequest, "That is no frame rate.", detail: "\(rate)", remedy: "Give --rate from 1 to 120.")
                }
                let directory: ModelDirectory = try models.openDirectory()
                let network: PresentationModel?
                do throws(PresentationModelError) {
                    network = if let padModel { try PresentationModel(manifest: padModel, models: directory) } else { nil }
                } catch {
                    throw Problem(error)
                }
                var shown: [Answer.Presentation] = []
                let rates: PresentationErrorRates
                do throws(PresentationFolderError) {
                    let presentations = try PresentationFolder(folder)
                    rates = try PresentationMeasurement(models: directory, network: network, rate: rate).measure(presentations) { presentation, report in
                        guard each else { return }
                        shown.append(
                            Answer.Presentation(
                                kind: presentation.species ?? PresentationFolder.bonaFide, name: presentation.name,
                                pad: PADRecord(report, model: network?.manifest.model)))
                    }
                } catch {
                    throw Problem(error)
                }
                let answer = Answer(
                    threshold: rates.threshold, model: network?.manifest.model, bonaFide: rates.bonaFide, bpcer: rates.bonaFide?.errorRate,
                    attacks: rates.attacks, apcer: rates.worstAttackErrorRate, presentations: each ? shown : nil)
                if options.json { return try CommandReport.json(answer) }
                if each { CommandReport.line(Self.table(shown)) }
                CommandReport.line(Self.table(rates))
            }
        }

        private static func table(_ shown: [Answer.Presentation]) -> String {
            var table = TextTable(["KIND", "PRESENTATION", "OUTCOME", "SCORE", "CUES"], alignedRight: [3])
            for one in shown {
                let cues: String = one.pad.cues.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
                table.append([one.kind, one.name, one.pad.outcome.rawValue, "\(one.pad.score)", cues])
            }
            return table.text
        }

        private static func table(_ rates: PresentationErrorRates) -> String {
            var table = TextTable(["KIND", "PRESENTATIONS", "AS ATTACK", "AS BONA FIDE", "NO ANSWER", "ERROR"], alignedRight: [1, 2, 3, 4])
            func append(_ one: PresentationErrorRates.Species, _ term: String) {
                table.append([
                    one.name, "\(one.presentations)", "\(one.attack)", "\(one.bonaFide)", "\(one.noResponse)", "\(term) \(percent(one.errorRate))",
                ])
            }
            if let bonaFide = rates.bonaFide { append(bonaFide, "BPCER") }
            for attack in rates.attacks { append(attack, "APCER") }
            let bpcer: String = rates.bonaFide.map { percent($0.errorRate) } ?? "– (no bona-fide/)"
            let apcer: String = rates.worstAttackErrorRate.map(percent) ?? "– (no attacks)"
            return table.text + "\nmax APCER \(apcer), BPCER \(bpcer), at threshold \(rates.threshold); for this folder, and no other"
        }
    }
}

extension Problem {
    fileprivate init(_ error: PresentationFolderError) {
        switch error {
        case .missing(let path): self.init(.notFound, "There is no such folder.", detail: path, remedy: "Check the path.")
        case .empty(let path):
            self.init(
                .notFound, "The folder holds no labelled presentations.", detail: path,
                remedy: "They must lie as DIR/bona-fide/NAME.jpg or DIR/SPECIES/NAME/0001.jpg.")
        case .unreadable(let path): self.init(.fileUnreadable, "A presentation cannot be read.", detail: path, remedy: "Check its permissions.")
        case .pipeline(let error): self = Problem(error)
        case .model(let error): self = Problem(error)
        }
    }
}
