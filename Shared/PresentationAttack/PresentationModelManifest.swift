import FoundationEssentials

/// What an operator says of a network of the MiniFASNet kind: one crop of a face in, one number a class out. A JSON file beside it.
package struct PresentationModelManifest: Sendable, Hashable, Codable {
    package enum Channels: String, Sendable, Codable { case rgb, bgr }

    package enum Activation: String, Sendable, Codable {
        /// The outputs are logits.
        case softmax
        /// The outputs are probabilities.
        case none
    }

    /// Goes on record with each decision.
    package let model: String
    /// The ONNX file, beside the manifest.
    package let file: String
    /// 64 hex digits.
    package let sha256: String
    package let input: String
    package let output: String
    /// Pixels.
    package let width: Int
    package let height: Int
    /// The face's box is grown by so much before it is cut out.
    package let cropScale: Double
    package let channels: Channels
    /// Taken from each channel's 0…255, in the order of ``channels``; then multiplied by ``factor``.
    package let mean: [Float]
    package let factor: [Float]
    package let activation: Activation
    package let classes: Int
    /// The output of a bona fide presentation, from 0.
    package let bonaFide: Int
    /// 1 − the bona fide class, from which on it is an attack.
    package let threshold: Double

    package static func read(_ path: String) throws(PresentationModelError) -> PresentationModelManifest {
        let data: Data
        do { data = try Data(contentsOf: URL(filePath: path)) } catch { throw .unreadable(file: path, message: "\(error)") }
        let manifest: PresentationModelManifest
        do { manifest = try JSONDecoder().decode(PresentationModelManifest.self, from: data) } catch {
            throw .badManifest(file: path, message: Self.words(error))
        }
        try manifest.check(path)
        return manifest
    }

    private func check(_ path: String) throws(PresentationModelError) {
        func require(_ holds: Bool, _ message: String) throws(PresentationModelError) {
            guard holds else { throw .badManifest(file: path, message: message) }
        }
        try require(!model.isEmpty && model.utf8.count <= 100, "`model` must be a name of 1 to 100 bytes")
        try require(!file.isEmpty && !file.contains("/"), "`file` must be the name of a file beside the manifest")
        try require(sha256.utf8.count == 64 && sha256.allSatisfy(\.isHexDigit), "`sha256` must be 64 hex digits")
        try require((16...512).contains(width) && (16...512).contains(height), "`width` and `height` must be 16 to 512")
        try require((0.5...8).contains(cropScale), "`cropScale` must be 0.5 to 8")
        try require(mean.count == 3 && factor.count == 3 && (mean + factor).allSatisfy(\.isFinite), "`mean` and `factor` must be three numbers each")
        try require((1...1_000).contains(classes) && (0..<classes).contains(bonaFide), "`bonaFide` must be one of the `classes`, from 0")
        try require(threshold > 0 && threshold < 1, "`threshold` must lie between 0 and 1")
    }

    private static func words(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "`\(key.stringValue)` is missing"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            "`\(context.codingPath.map(\.stringValue).joined(separator: "."))` is of another type"
        case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
            "`\(context.codingPath.map(\.stringValue).joined(separator: "."))` has a value that is not known"
        default: "it is not JSON"
        }
    }
}

/// Why an operator's network cannot be used.
package enum PresentationModelError: Error, Equatable, Sendable {
    case unreadable(file: String, message: String)
    case badManifest(file: String, message: String)
    /// Size or digest of the file are not the manifest's.
    case altered(file: String, expected: String, found: String)
    /// ONNX Runtime is not installed with the models.
    case noEngine(message: String)
    /// The engine does not load it.
    case refused(file: String, message: String)
    /// It does not take, or give, what the manifest says.
    case doesNotFit(file: String, message: String)
    /// One run failed.
    case failed(message: String)
}
