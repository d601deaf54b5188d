/// Why a template cannot be made or compared. Carries no template values.
package enum TemplateError: Error, Equatable, Sendable {
    /// There are no values.
    case empty
    /// A value is infinite or not a number.
    case notFinite(index: Int)
    /// All values are zero, so there is no direction to keep.
    case zeroLength
    /// The byte count is not a multiple of four.
    case wrongByteCount(Int)
    /// Stored values whose L2 norm is not 1 ± 1e-3: altered or not a template.
    case notUnitLength(norm: Float)
    /// The two templates come from different models; enrol again with the model in use.
    case modelMismatch(probe: ModelID, reference: ModelID)
    /// Same model id, different number of values.
    case dimensionMismatch(probe: Int, reference: Int)
}

/// One face as a point on the unit sphere of its model's space.
package struct Template: Equatable, Sendable {
    /// The model that made it; the only one whose templates it may be compared with.
    package let model: ModelID
    /// L2 norm 1 ± 1e-5.
    package let values: [Float]

    /// Scales an embedding to unit length.
    /// - Parameter embedding: what the model answered, of any length but zero.
    /// - Throws: `.empty`, `.notFinite`, `.zeroLength`.
    package init(model: ModelID, normalizing embedding: [Float]) throws(TemplateError) {
        guard !embedding.isEmpty else { throw .empty }
        // Summed in Double: the square of a large Float does not overflow, and the order of the sum hardly matters.
        var sum = 0.0
        for (index, value) in embedding.enumerated() {
            guard value.isFinite else { throw .notFinite(index: index) }
            sum += Double(value) * Double(value)
        }
        guard sum > 0 else { throw .zeroLength }
        let scale = 1 / sum.squareRoot()
        self.model = model
        self.values = embedding.map { Float(Double($0) * scale) }
    }

    /// Reads a stored template: `littleEndianBytes` of one made before, value for value.
    /// - Throws: `.wrongByteCount`, `.empty`, `.notFinite`, `.notUnitLength` when the bytes are not a template's.
    package init(model: ModelID, littleEndianBytes bytes: [UInt8]) throws(TemplateError) {
        guard bytes.count % 4 == 0 else { throw .wrongByteCount(bytes.count) }
        guard !bytes.isEmpty else { throw .empty }
        var values: [Float] = []
        values.reserveCapacity(bytes.count / 4)
        var sum = 0.0
        for start in stride(from: 0, to: bytes.count, by: 4) {
            let bits =
                UInt32(bytes[start]) | UInt32(bytes[start + 1]) << 8 | UInt32(bytes[start + 2]) << 16
                | UInt32(bytes[start + 3]) << 24
            let value = Float(bitPattern: bits)
            guard value.isFinite else { throw .notFinite(index: start / 4) }
            sum += Double(value) * Double(value)
            values.append(value)
        }
        let norm = Float(sum.squareRoot())
        guard abs(norm - 1) <= 1e-3 else { throw .notUnitLength(norm: norm) }
        self.model = model
        self.values = values
    }

    /// IEEE 754 binary32, least significant byte first, four bytes per value.
    package var littleEndianBytes: [UInt8] {
        values.flatMap { value in
            let bits = value.bitPattern
            return [
                UInt8(truncatingIfNeeded: bits), UInt8(truncatingIfNeeded: bits >> 8),
                UInt8(truncatingIfNeeded: bits >> 16), UInt8(truncatingIfNeeded: bits >> 24),
            ]
        }
    }

    /// Cosine similarity of two faces.
    /// - Returns: −1…1; the same template scores 1 ± 1e-6.
    /// - Throws: `.modelMismatch`, `.dimensionMismatch`.
    package func score(against reference: Template) throws(TemplateError) -> ComparisonScore {
        guard model == reference.model else { throw .modelMismatch(probe: model, reference: reference.model) }
        guard values.count == reference.values.count else {
            throw .dimensionMismatch(probe: values.count, reference: reference.values.count)
        }
        var sum: Float = 0
        for index in values.indices { sum += values[index] * reference.values[index] }
        return ComparisonScore(rawValue: min(1, max(-1, sum)))
    }
}

extension Template: CustomStringConvertible {
    /// The model and the size; never the values, so that a log line reveals no face.
    package var description: String { "Template(\(model), \(values.count) values)" }
}

extension Template: CustomDebugStringConvertible {
    package var debugDescription: String { description }
}

extension Template: CustomReflectable {
    package var customMirror: Mirror { Mirror(self, children: ["model": model.rawValue]) }
}
