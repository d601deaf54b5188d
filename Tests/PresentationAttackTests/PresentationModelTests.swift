import FacePipeline
import Foundation
import PresentationAttack
import Testing

@Suite("A network that an operator supplies")
struct PresentationModelTests {
    private static let models = Result {
        let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return try ModelDirectory.open(ProcessInfo.processInfo.environment["VULTUS_MODELS"] ?? repository.appending(path: ".models").path)
    }

    private static func load(_ change: [String: Any] = [:], side: Int = 32) throws -> PresentationModel {
        let network = try TinyNetwork(side: side, change)
        defer { network.remove() }
        return try PresentationModel(manifest: network.manifest, models: try models.get())
    }

    @Test("is given the face in the channels, range and place that its manifest says, and its bona fide class is read")
    func runs() throws {
        let (green, blue): (FaceView, FaceView) = (PaintedFace([20, 200, 20]).view(), PaintedFace([20, 20, 200]).view())
        let model: PresentationModel = try Self.load()
        #expect(try model.attack(green) < 0.01 && model.attack(blue) > 0.99)
        let second: PresentationModel = try Self.load(["bonaFide": 0, "channels": "bgr"])
        #expect(try second.attack(blue) < 0.01 && second.attack(green) > 0.99)
        // Means taken off and factors, channel by channel: 0.005 × (200 − 20) = 0.9.
        let plain: PresentationModel = try Self.load(["activation": "none", "mean": [20, 20, 20], "factor": [0.001, 0.005, 0.001]])
        #expect(try abs(plain.attack(green) - 0.1) < 0.01 && plain.attack(blue) == 1)
    }

    @Test("is cut out at the scale its manifest says")
    func crop() throws {
        let dark = FaceBox(x: 190, y: 30, width: 100, height: 130)
        var random = Numbers(seed: 3)
        let view: FaceView = PaintedFace(random: &random) { x, y in
            (190..<290).contains(x) && (30..<160).contains(y) ? 40 : 240
        }.view(box: dark)
        func mean(_ scale: Double) throws -> Double {
            1 - (try Self.load(["cropScale": scale, "activation": "none", "factor": [0.004, 0.004, 0.004]]).attack(view))
        }
        // Inside the box it is dark; at twice its size mostly bright.
        #expect(try abs(mean(0.7) - 0.16) < 0.02)
        #expect(try mean(1.3) > 0.35)
    }

    @Test(
        "that is not what its manifest says is refused at the start, with what is wrong",
        arguments: [
            ("sha256", String(repeating: "0", count: 64), "altered"), ("file", "none.onnx", "unreadable"), ("classes", "2", "doesNotFit"),
            ("width", "48", "doesNotFit"), ("output", "nothing", "doesNotFit"), ("input", "picture", "doesNotFit"), ("bonaFide", "3", "badManifest"),
            ("threshold", "1", "badManifest"), ("channels", "grey", "badManifest"), ("file", "../tiny.onnx", "badManifest"), ("mean", "-", "badManifest"),
        ])
    func refused(member: String, value: String, kind: String) throws {
        let given: Any = value == "-" ? NSNull() : Int(value).flatMap { ["sha256", "file"].contains(member) ? nil : $0 } ?? value
        do {
            _ = try Self.load([member: given])
            Issue.record("it was taken")
        } catch let error as PresentationModelError {
            #expect("\(error)".hasPrefix(kind))
        }
    }

    @Test("that is no network is refused as such")
    func noNetwork() throws {
        let network = try TinyNetwork(bytes: Array("not a network".utf8))
        defer { network.remove() }
        do {
            _ = try PresentationModel(manifest: network.manifest, models: try Self.models.get())
            Issue.record("it was taken")
        } catch let error as PresentationModelError {
            #expect("\(error)".hasPrefix("refused"))
        }
    }
}
