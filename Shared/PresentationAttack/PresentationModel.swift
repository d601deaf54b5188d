import FacePipeline

/// A network that an operator supplies, run by ONNX Runtime. One call at a time.
package final class PresentationModel {
    package let manifest: PresentationModelManifest
    private let session: any InferenceSession

    /// Loads the network and tries it once, so that one that does not fit is found at the start.
    /// - Parameters:
    ///   - path: of the manifest.
    ///   - models: whose ONNX Runtime is used.
    package convenience init(manifest path: String, models: ModelDirectory) throws(PresentationModelError) {
        let engine: any InferenceEngine
        do throws(ModelError) { engine = try models.onnxRuntime() } catch { throw .noEngine(message: "\(error)") }
        try self.init(manifest: path, engine: engine)
    }

    package init(manifest path: String, engine: any InferenceEngine) throws(PresentationModelError) {
        manifest = try .read(path)
        let file: String = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let model: String = file.isEmpty && !path.hasPrefix("/") ? manifest.file : file + "/" + manifest.file
        let digest: FileDigest
        do throws(ModelError) { digest = try FileDigest.read(model, name: model) } catch { throw .unreadable(file: model, message: "\(error)") }
        guard digest.sha256 == manifest.sha256.lowercased() else {
            throw .altered(file: model, expected: manifest.sha256.lowercased(), found: digest.sha256)
        }
        do throws(InferenceError) { session = try engine.load(model: model) } catch { throw .refused(file: model, message: error.message) }
        do throws(PresentationModelError) {
            _ = try run([Float](repeating: 0, count: 3 * manifest.width * manifest.height))
        } catch {
            guard case .failed(let message) = error else { throw error }
            throw .doesNotFit(file: model, message: message)
        }
    }

    /// - Returns: 0 bona fide … 1 an attack.
    /// - Throws: `.failed`.
    package func attack(_ view: FaceView) throws(PresentationModelError) -> Double {
        let (width, height) = (manifest.width, manifest.height)
        var input = [Float](repeating: 0, count: 3 * width * height)
        let (mean, factor) = (manifest.mean, manifest.factor)
        let isBGR: Bool = manifest.channels == .bgr
        view.crop(scale: manifest.cropScale, width: width, height: height) { x, y, pixel in
            for channel in 0..<3 {
                input[(channel * height + y) * width + x] = (pixel[isBGR ? 2 - channel : channel] - mean[channel]) * factor[channel]
            }
        }
        return try run(input)
    }

    private func run(_ input: [Float]) throws(PresentationModelError) -> Double {
        let outputs: [Float]
        do throws(InferenceError) {
            outputs = try input.withUnsafeBufferPointer { (values) throws(InferenceError) in
                try session.run(
                    InputTensor(name: manifest.input, shape: [1, 3, manifest.height, manifest.width], values: values), outputs: [manifest.output]
                ) { (found) throws(InferenceError) in
                    guard found[0].count == manifest.classes else {
                        throw .unexpectedOutput(name: manifest.output, count: found[0].count, expected: manifest.classes)
                    }
                    return Array(found[0])
                }
            }
        } catch {
            throw .failed(message: error.message)
        }
        let share: Double = manifest.activation == .softmax ? Self.softmax(outputs, manifest.bonaFide) : Double(outputs[manifest.bonaFide])
        guard share.isFinite, (-1e-3...1 + 1e-3).contains(share) else {
            throw .failed(message: "\(manifest.output)[\(manifest.bonaFide)] is \(share), no probability: is `activation` right?")
        }
        return max(0, min(1, 1 - share))
    }

    private static func softmax(_ logits: [Float], _ wanted: Int) -> Double {
        let top: Double = logits.map(Double.init).max() ?? 0
        let all: Double = logits.reduce(0) { $0 + exponential(Double($1) - top) }
        return exponential(Double(logits[wanted]) - top) / all
    }
}
