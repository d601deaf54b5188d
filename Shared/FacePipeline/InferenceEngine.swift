/// Why an engine or a model does not run.
package enum InferenceError: Error, Equatable, Sendable {
    /// The engine's library cannot be loaded.
    case engineUnavailable(message: String)
    /// The engine cannot load this model.
    case modelRefused(file: String, message: String)
    /// One run failed.
    case runFailed(message: String)
    /// An output has another size than its model promises.
    case unexpectedOutput(name: String, count: Int, expected: Int)

    /// What the engine says, without what the caller knows.
    package var message: String {
        switch self {
        case .engineUnavailable(let message), .modelRefused(_, let message), .runFailed(let message): message
        case .unexpectedOutput(let name, let count, let expected): "\(name) has \(count) values, not \(expected)"
        }
    }
}

/// One contiguous float tensor going in.
package struct InputTensor {
    package let name: String
    /// Outermost dimension first.
    package let shape: [Int]
    /// As many floats as the product of `shape`; must outlive the run.
    package let values: UnsafeBufferPointer<Float>

    package init(name: String, shape: [Int], values: UnsafeBufferPointer<Float>) {
        self.name = name
        self.shape = shape
        self.values = values
    }
}

/// Runs neural networks. The detector and the embedder know engines only by this protocol, and hand over finished
/// float tensors, so an engine can be changed on evidence alone.
package protocol InferenceEngine: AnyObject {
    /// Name and version or processor, such as `onnxruntime 1.32.0` or `facenet avx2`.
    var description: String { get }

    /// Makes a model ready to run. Takes 10–300 ms.
    /// - Parameter model: path of a file in the engine's own format.
    func load(model: String) throws(InferenceError) -> any InferenceSession
}

/// One model, ready to run on one thread at a time. The same input gives the same output, bit for bit.
package protocol InferenceSession: AnyObject {
    /// Runs the model.
    /// - Parameters:
    ///   - outputs: names of the outputs wanted.
    ///   - body: receives them in that order; the floats are gone when it returns.
    func run<Result>(
        _ input: InputTensor, outputs: [String], _ body: ([UnsafeBufferPointer<Float>]) throws(InferenceError) -> Result
    ) throws(InferenceError) -> Result
}
