import Crypto
import Foundation
import PresentationAttack

/// A network of three operators, written as ONNX's protobuf by hand: the mean of each channel is the score of a class.
struct TinyNetwork {
    let folder: URL
    var manifest: String { folder.appending(path: "tiny.json").path }

    /// - Parameters:
    ///   - side: pixels of the input, as the file says.
    ///   - bytes: of the model, in place of the network's.
    ///   - change: members of the manifest that are other than they should be.
    init(side: Int = 32, bytes: [UInt8]? = nil, _ change: [String: Any] = [:]) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "tiny-network-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let model: [UInt8] = bytes ?? Self.model(side)
        try Data(model).write(to: folder.appending(path: "tiny.onnx"))
        var members: [String: Any] = [
            "model": "tiny-1", "file": "tiny.onnx", "sha256": SHA256.hash(data: model).map { String(format: "%02x", $0) }.joined(), "input": "face",
            "output": "scores", "width": side, "height": side, "cropScale": 0.6, "channels": "rgb", "mean": [0, 0, 0], "factor": [0.05, 0.05, 0.05],
            "activation": "softmax", "classes": 3, "bonaFide": 1, "threshold": 0.5,
        ]
        for (name, value) in change { members[name] = value is NSNull ? nil : value }
        try JSONSerialization.data(withJSONObject: members).write(to: URL(filePath: manifest))
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    private static func model(_ side: Int) -> [UInt8] {
        let graph: [UInt8] =
            field(1, node("GlobalAveragePool", "face", "means")) + field(1, node("Flatten", "means", "scores")) + field(2, text("tiny"))
            + field(11, value("face", [1, 3, side, side])) + field(12, value("scores", [1, 3]))
        return number(1, 8) + field(7, graph) + field(8, number(2, 13))
    }

    private static func node(_ kind: String, _ input: String, _ output: String) -> [UInt8] {
        field(1, text(input)) + field(2, text(output)) + field(4, text(kind))
    }

    /// A float32 tensor's name and shape.
    private static func value(_ name: String, _ shape: [Int]) -> [UInt8] {
        let dimensions: [UInt8] = shape.flatMap { field(1, number(1, $0)) }
        return field(1, text(name)) + field(2, field(1, number(1, 1) + field(2, dimensions)))
    }

    private static func text(_ value: String) -> [UInt8] { Array(value.utf8) }

    private static func field(_ tag: Int, _ bytes: [UInt8]) -> [UInt8] { varint(tag << 3 | 2) + varint(bytes.count) + bytes }

    private static func number(_ tag: Int, _ value: Int) -> [UInt8] { varint(tag << 3) + varint(value) }

    private static func varint(_ value: Int) -> [UInt8] { value < 128 ? [UInt8(value)] : [UInt8(value & 127) | 128] + varint(value >> 7) }
}
