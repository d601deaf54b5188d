import ArgumentParser
import EdgeAgent
import FacePipeline
import FaceTracking
import WireModel

extension PADPolicy: ExpressibleByArgument {}

/// How `run` watches a live source.
struct WatchOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Smallest face decided on, pixels of its box's shorter side: 20 to 2000.", discussion: "When left out: as the group's configuration says, or 40.",
            valueName: "pixels"))
    var minFace: Int64?
    @Option(
        help: ArgumentHelp(
            "Who was unseen for so long has left, and coming back is decided on again: 2 to 3600.",
            discussion: "When left out: as the group's configuration says, or 30.", valueName: "seconds"))
    var passageGap: Double?
    @Option(
        help: ArgumentHelp(
            "Who stays is decided on, and charged, again after so long: 10 to 86400; 0 for never.",
            discussion: "When left out: as the group's configuration says, or 600. Somebody unknown is reported once a passage.", valueName: "seconds"))
    var redecideAfter: Double?
    @Option(
        help: ArgumentHelp(
            "Share of one core that looking may take: 0.02 to 1.", discussion: "When left out: as the group's configuration says, or 0.5.", valueName: "share"))
    var processorShare: Double?
    @Option(
        help: ArgumentHelp(
            "For so long a match can be marked as `not this person`; its templates are kept sealed meanwhile. 0 to 168; 0 keeps nothing.",
            discussion: "When left out: as the group's configuration says, or 24.", valueName: "hours"))
    var markHours: Double?
    @Option(
        help: ArgumentHelp(
            "What somebody must show before a match is one: off, passive, active or model.",
            discussion: """
                passive: watched for what betrays prints, screens and fed-in films; active: also turns the head as asked (an `asked` event says how); \
                model: also judged by --pad-model. For the device's own gallery, and beside what each gallery of the hub's asks for itself, which a run \
                cannot lower. What fails is undecided, with its score, and not charged. No level of ISO/IEC 30107-3 is claimed. When left out: as the \
                group's configuration says, or off.
                """, valueName: "policy"))
    var pad: PADPolicy?
    @Option(
        help: ArgumentHelp(
            "Manifest of a presentation-attack network of your own (MiniFASNet and the like, ONNX).",
            discussion: "A JSON file beside the model: see \"A network of your own\" in Shared/README.md. It is tried once at the start.", valueName: "file"))
    var padModel: String?
    @Option(
        help: ArgumentHelp(
            "A zone of the picture, NAME:entry:X,Y:X,Y:X,Y… or NAME:exit:…; may be repeated.",
            discussion: """
                Corners in shares of the picture's width and height from its top left. With entry zones, only who was in one is decided on; who is \
                lost in an exit zone has left at once. Example: door:exit:0,0:0.2,0:0.2,1:0,1
                """, valueName: "zone"))
    var zone: [String] = []

    func settings() throws(Problem) -> WatchSettings {
        func milliseconds(_ seconds: Double) -> Int64 { Int64(max(-1, min(1e9, seconds)) * 1_000) }
        let configuration = WatchConfiguration(
            minimumFacePixels: minFace, passageGapMilliseconds: passageGap.map(milliseconds), redecideMilliseconds: redecideAfter.map(milliseconds),
            processorShare: processorShare, markingMilliseconds: markHours.map { milliseconds($0 * 3_600) }, pad: pad)
        try configuration.check()
        guard zone.count <= 32 else { throw Problem(.invalidRequest, "A picture has at most 32 zones.", remedy: "Join some of them.") }
        var zones: [Zone] = []
        for text in zone { zones.append(try Self.zone(text)) }
        return WatchSettings(configuration: configuration, zones: zones)
    }

    private static func zone(_ text: String) throws(Problem) -> Zone {
        let parts: [Substring] = text.split(separator: ":", omittingEmptySubsequences: false)
        let corners: [ImagePoint] = parts.dropFirst(2).compactMap { part in
            let numbers: [Double] = part.split(separator: ",", omittingEmptySubsequences: false).compactMap { Double($0) }
            guard numbers.count == 2, numbers.allSatisfy((0...1).contains) else { return nil }
            return ImagePoint(x: numbers[0], y: numbers[1])
        }
        guard parts.count >= 5, parts.count <= 66, (1...40).contains(parts[0].count), let kind = Zone.Kind(rawValue: String(parts[1])),
            corners.count == parts.count - 2
        else {
            throw Problem(
                .invalidRequest, "That is no zone.", detail: text,
                remedy: "Give NAME:entry:X,Y:X,Y:X,Y or NAME:exit:…, with 3 to 64 corners from 0,0 (top left) to 1,1.")
        }
        return Zone(name: String(parts[0]), kind: kind, corners: corners)
    }
}
