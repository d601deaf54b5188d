import FacePipeline
import Glibc

/// What `deploy/malformed` runs, compiled with the address sanitizer: malformed frames, pictures and streams by number, the same
/// ones for the same seed. A byte read or written where it may not be ends the program with the sanitizer's report.
@main
struct VultusMalformed {
    /// Bytes a pixel of the largest picture allowed: three of colour, twice three of coefficients while a JPEG of several scans is
    /// put together, and one to spare; beside the program itself, its models and what the sanitizer keeps.
    private static let bytesPerPixel: Int = 10
    private static let rest: Int = 256 << 20

    static func main() {
        let options = Options(CommandLine.arguments.dropFirst())
        let models: ModelDirectory
        do { models = try ModelDirectory.open(options.models, engine: .facenet) } catch { end("no models in \(options.models): \(error)", status: 5) }
        let inspection = Inspection(models: models, plant: options.plant)
        var kinds: [String: Int] = [:]
        var slowest: (number: Int, kind: String, time: Double) = (0, "", 0)
        for number in options.first..<options.first + options.count {
            let one: Malformed = Malformed.make(number, seed: options.seed)
            kinds[one.kind, default: 0] += 1
            if options.isTold { print("\(number) \(one.kind)") }
            let before: Double = processorSeconds()
            let guarded: GuardedBytes.Guard = number.isMultiple(of: 2) ? .heap : .page
            if let fault = inspection.inspect(one, guarded, isThorough: number % 20 == number / 20 % 20) {
                end("case \(number), \(one.kind): \(fault)\nAgain: --seed \(options.seed) --first \(number) --count 1", status: 1)
            }
            let took: Double = processorSeconds() - before
            if took > slowest.time { slowest = (number, one.kind, took) }
        }
        report(inspection, kinds, options, slowest)
        let peak: Int = peakBytes()
        let bound: Int = bytesPerPixel * ImageLimits().pixels + rest
        print("peak memory \(peak >> 20) MB, bound \(bound >> 20) MB")
        if peak > bound { end("more memory was used than pictures of the size allowed need", status: 1) }
    }

    private static func report(_ inspection: Inspection, _ kinds: [String: Int], _ options: Options, _ slowest: (number: Int, kind: String, time: Double)) {
        print("\(options.count) cases, seed \(options.seed): " + kinds.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", "))
        print(
            "taken for pictures \(inspection.accepted), cut out of streams \(inspection.pictures); refused: "
                + inspection.refused.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", "))
        print("most work: case \(slowest.number), \(slowest.kind), \(Int(slowest.time * 1_000)) ms of processor time")
    }

    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    private static func peakBytes() -> Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss << 10
    }
}
