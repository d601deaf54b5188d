import COnnxRuntime

/// ONNX Runtime, loaded from a shared library at run time. One thread, no spinning; sessions share one arena.
package final class OnnxRuntimeEngine: InferenceEngine {
    private let runtime: OpaquePointer

    /// - Parameter library: path of `libonnxruntime.so…`, 1.14 or newer.
    /// - Throws: `.engineUnavailable`.
    package init(library: String) throws(InferenceError) {
        var message = vultus_ort_message()
        guard let runtime = vultus_ort_open(library, &message) else {
            throw .engineUnavailable(message: message.string)
        }
        // Never freed: the library cannot be unloaded, and there is one engine a process.
        self.runtime = runtime
    }

    package var description: String { "onnxruntime \(String(cString: vultus_ort_version(runtime)))" }

    package func load(model: String) throws(InferenceError) -> any InferenceSession {
        var message = vultus_ort_message()
        guard let session = vultus_ort_session_create(runtime, model, &message) else {
            throw .modelRefused(file: model, message: message.string)
        }
        return OnnxRuntimeSession(session)
    }
}

final class OnnxRuntimeSession: InferenceSession {
    private let session: OpaquePointer

    init(_ session: OpaquePointer) {
        self.session = session
    }

    deinit {
        vultus_ort_session_free(session)
    }

    func run<Result>(
        _ input: InputTensor, outputs: [String], _ body: ([UnsafeBufferPointer<Float>]) throws(InferenceError) -> Result
    ) throws(InferenceError) -> Result {
        precondition(input.values.count == input.shape.reduce(1, *))
        var message = vultus_ort_message()
        var pointers = [UnsafePointer<Float>?](repeating: nil, count: outputs.count)
        var counts = [Int](repeating: 0, count: outputs.count)
        let shape = input.shape.map(Int64.init)
        let status = withCStrings(outputs) { names in
            vultus_ort_session_run(
                session, input.name, input.values.baseAddress, shape, shape.count, names, outputs.count, &pointers,
                &counts, &message)
        }
        guard status == 0 else { throw .runFailed(message: message.string) }
        return try body(zip(pointers, counts).map { UnsafeBufferPointer(start: $0, count: $1) })
    }
}

/// Lends strings to C, all at once.
private func withCStrings(_ strings: [String], _ body: ([UnsafePointer<CChar>?]) -> CInt) -> CInt {
    var bytes: [CChar] = []
    var starts: [Int] = []
    for string in strings {
        starts.append(bytes.count)
        bytes.append(contentsOf: string.utf8CString)
    }
    return bytes.withUnsafeBufferPointer { buffer in
        body(starts.map { start in buffer.baseAddress.map { $0 + start } })
    }
}

extension vultus_ort_message {
    var string: String {
        withUnsafeBytes(of: text) { cString($0) }
    }
}
