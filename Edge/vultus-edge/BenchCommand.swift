import ArgumentParser
import Biometrics
import EdgeAgent
import FacePipeline
import FrameCapture
import GallerySearch
import Glibc
import RecognitionAPI
import ServiceSupport
import WireModel

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure accuracy and speed on this machine.",
        subcommands: [Accuracy.self, Calibrate.self, Pipeline.self, Presentations.self, Search.self])

    struct Accuracy: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The LFW protocol: 10-fold accuracy on pairs, true accepts over all pairs, failures to acquire.",
            discussion: """
                Reads LFW's own formats: DIR/Name/Name_0001.jpg, in which the face nearest the centre counts, and a pairs file with or without \
                folds; one without is dealt into ten balanced ones. A picture without a face counts as a wrong refusal where the pair is genuine.
                """)
        @OptionGroup var options: EdgeOptions
        @OptionGroup var models: ModelOptions
        @Option(help: "LFW pairs file.") var pairs: String
        @Option(help: "Folder of pictures.") var images: String

        func run() async throws {
            try await options.run {
                let file: [UInt8]? = try PrivateFiles.read(pairs)
                guard let file else { throw Problem(.fileUnreadable, "There is no such file.", detail: pairs, remedy: "Check --pairs.") }
                let parsed: PairsFile
                do { parsed = try PairsFile(text: String(decoding: file, as: UTF8.self)) } catch {
                    throw Problem(
                        .invalidRequest, "That is not an LFW pairs file.", detail: "\(error)",
                        remedy: "Give a file in the format of pairs.txt or pairsDevTest.txt.")
                }
                do {
                    let report: AccuracyReport = try measure(images, models: models, json: options.json).report(pairs: parsed)
                    if options.json { return try CommandReport.json(report) }
                    CommandReport.line(
                        """
                        accuracy   \(percent(report.accuracy)) ± \(percent(report.accuracyStandardDeviation)) over \(report.folds) folds, \(report.pairs) pairs
                        TAR        \(report.trueAcceptRateAt1e3.map(percent) ?? "–") at FMR 1e-3, \(report.trueAcceptRateAt1e4.map(percent) ?? "–") at 1e-4 \
                        (\(report.genuinePairs) genuine, \(report.impostorPairs) impostor pairs)
                        images     \(report.images), failures to acquire \(report.failuresToAcquire)
                        """)
                } catch let error as AccuracyError {
                    throw Problem(error)
                }
            }
        }
    }

    struct Calibrate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Thresholds by false-match rate, from all pairs of a folder of labelled faces.",
            discussion: "The published table (Shared/Biometrics) is what this prints for LFW's development view.")
        @OptionGroup var options: EdgeOptions
        @OptionGroup var models: ModelOptions
        @Option(help: "Folder of pictures, DIR/Name/Name_0001.jpg.") var images: String
        @Option(help: "What the pictures are, in words.") var source: String = "LFW development view, 1,549 pictures, YuNet 2023mar and SFace 2021dec"

        func run() async throws {
            try await options.run {
                do {
                    let calibration: Calibration = try measure(images, models: models, json: options.json).calibration(source: source)
                    if options.json { return try CommandReport.json(calibration) }
                    CommandReport.line(
                        "\(calibration.model): \(calibration.images) pictures of \(calibration.people) persons, \(calibration.impostorPairs) impostor and \(calibration.genuinePairs) genuine pairs"
                    )
                    var table = TextTable(["TARGET FMR", "THRESHOLD", "MEASURED FMR", "FNMR"], alignedRight: [0, 1, 2, 3])
                    for row in calibration.rows {
                        table.append([
                            DecisionPrinter.rate(row.target.rawValue), DecisionPrinter.three(row.threshold.rawValue),
                            DecisionPrinter.rate(row.measured.rawValue),
                            percent(row.falseNonMatchRate),
                        ])
                    }
                    CommandReport.line(table.text)
                } catch let error as AccuracyError {
                    throw Problem(error)
                }
            }
        }
    }

    struct Pipeline: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Milliseconds per stage on one picture, over and over, on one thread.", discussion: "No store and no journal: the pipeline alone.")
        @OptionGroup var options: EdgeOptions
        @OptionGroup var models: ModelOptions
        @Option(help: "How often.") var rounds: Int = 60
        @Argument(help: "A picture.") var picture: String

        private struct Answer: Encodable {
            /// Such as `facenet avx2`.
            let engine: String
            let width: Int
            let height: Int
            let faces: Int
            let rounds: Int
            let firstMilliseconds: Double
            /// Medians without the first five rounds.
            let decode: Double
            let detect: Double
            let align: Double
            let embed: Double
            let all: Double
            let peakMegabytes: Int
        }

        func run() async throws {
            try await options.run {
                guard (6...10_000).contains(rounds) else {
                    throw Problem(.invalidRequest, "Too few or too many rounds.", remedy: "Give --rounds from 6 to 10000.")
                }
                let pipeline = FacePipeline(models: try models.openDirectory())
                let frame: Frame
                do throws(SourceFault) { frame = try PictureFile(limit: pipeline.options.limits.bytes).read(picture) } catch {
                    throw Problem(error, name: picture)
                }
                var all: [StageTimings] = []
                var last: AnalysedImage?
                for _ in 0..<rounds {
                    do throws(FacePipelineError) { last = try pipeline.analyse(frame.bytes) } catch { throw Problem(error) }
                    all.append(pipeline.lastTimings)
                }
                let settled: ArraySlice<StageTimings> = all.dropFirst(5)
                func median(_ part: (StageTimings) -> Duration) -> Double {
                    let sorted: [Double] = settled.map { part($0) / .milliseconds(1) }.sorted()
                    return (sorted[sorted.count / 2] * 100).rounded() / 100
                }
                let answer = Answer(
                    engine: pipeline.engineDescription ?? "", width: last!.width, height: last!.height, faces: last!.faces.count, rounds: rounds,
                    firstMilliseconds: ((all[0].total / .milliseconds(1)) * 10).rounded() / 10, decode: median(\.decode), detect: median(\.detect),
                    align: median(\.align), embed: median(\.embed), all: median(\.total), peakMegabytes: peakMegabytes())
                if options.json { return try CommandReport.json(answer) }
                CommandReport.line(
                    "\(answer.engine), \(answer.width) × \(answer.height), \(answer.faces) faces: decode \(answer.decode), detect \(answer.detect), align \(answer.align), embed \(answer.embed), all \(answer.all) ms (median of \(settled.count)); first \(answer.firstMilliseconds) ms; peak \(answer.peakMegabytes) MB"
                )
            }
        }
    }

    struct Search: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Exact search against how fast the same memory can be read at all.")
        @OptionGroup var options: EdgeOptions
        @Option(help: "Templates in the gallery.") var templates: Int = 100_000
        @Option(help: "How often.") var rounds: Int = 50

        func run() async throws {
            try await options.run {
                guard (1...5_000_000).contains(templates), (1...10_000).contains(rounds) else {
                    throw Problem(
                        .invalidRequest, "That gallery cannot be made here.", remedy: "Give --templates from 1 to 5000000 and --rounds from 1 to 10000.")
                }
                let result: GalleryBenchmark
                do { result = try GalleryBenchmark.run(templates: templates, rounds: rounds) } catch { throw Problem(describing: error) }
                if options.json { return try CommandReport.json(result) }
                CommandReport.line(
                    "\(result.templates) × \(result.dimensions): search \(result.searchMedian) ms, pure read \(result.readMedian) ms, \(percent(result.share)) of read bandwidth (\((result.readBandwidth * 10).rounded() / 10) GB/s)"
                )
            }
        }
    }
}

/// Embeds every picture of a folder, with progress on a terminal.
private func measure(_ images: String, models: ModelOptions, json: Bool) throws -> AccuracyMeasurement {
    let pipeline = FacePipeline(models: try models.openDirectory())
    let faces: LabelledFaces
    do { faces = try LabelledFaces(directory: images) } catch { throw Problem(AccuracyError.faces(error)) }
    return try AccuracyMeasurement(faces, pipeline: pipeline) { done, all in
        if !json, done.isMultiple(of: 200) || done == all { Terminal.note("… \(done) of \(all) pictures") }
    }
}

/// Peak resident memory of this process.
private func peakMegabytes() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss / 1024
}

func percent(_ share: Double) -> String { "\((share * 10_000).rounded() / 100) %" }

extension Problem {
    fileprivate init(_ error: AccuracyError) {
        switch error {
        case .faces(.missingDirectory(let path)): self.init(.fileUnreadable, "There is no such folder.", detail: path, remedy: "Check --images.")
        case .faces(.noImages(let path)):
            self.init(.notFound, "The folder holds no labelled pictures.", detail: path, remedy: "They must lie as DIR/Name/Name_0001.jpg.")
        case .faces(.missingImage(let path)):
            self.init(.notFound, "A picture that the pairs name is not there.", detail: path, remedy: "Check that pairs and pictures belong together.")
        case .faces(.unreadableImage(let path)): self.init(.fileUnreadable, "A picture cannot be read.", detail: path, remedy: "Check its permissions.")
        case .pipeline(let error): self = Problem(error)
        case .calibration(let error):
            self.init(
                .invalidRequest, "The pictures do not make a calibration.", detail: "\(error)", remedy: "Give several persons with several pictures each.")
        }
    }
}
