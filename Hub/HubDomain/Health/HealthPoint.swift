/// A device's health over some time: of each metric that was told, the least, the mean, the greatest, and of how many reports.
package struct HealthPoint: Sendable, Hashable {
    package struct Value: Sendable, Hashable {
        package var least: Double
        package var mean: Double
        package var greatest: Double
        package var count: Int64

        package init(_ value: Double) { (least, mean, greatest, count) = (value, value, value, 1) }

        init(least: Double, mean: Double, greatest: Double, count: Int64) {
            (self.least, self.mean, self.greatest, self.count) = (least, mean, greatest, count)
        }

        package var sum: Double { mean * Double(count) }

        func merged(with other: Value) -> Value {
            Value(
                least: min(least, other.least), mean: (sum + other.sum) / Double(count + other.count), greatest: max(greatest, other.greatest),
                count: count + other.count)
        }
    }

    package var values: [HealthMetric: Value] = [:]

    package init() {}

    package init(_ values: [HealthMetric: Double]) { self.values = values.filter { $0.value.isFinite }.mapValues { Value($0) } }

    package subscript(_ metric: HealthMetric) -> Value? { values[metric] }

    mutating func merge(_ other: HealthPoint) { values.merge(other.values) { $0.merged(with: $1) } }
}

/// On disk: a version, then for each metric its number, its count if it is not 1, and 4-byte floats, little-endian. A report is about 80
/// bytes, a merged point about 300; what a later version adds, an earlier one passes over.
extension HealthPoint {
    private static let version: UInt8 = 1
    private static let merged: UInt8 = 0x80

    var packed: [UInt8] {
        var bytes: [UInt8] = [Self.version]
        func append(_ number: UInt32) { withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) } }
        for (metric, value) in values.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            bytes.append(metric.rawValue | (value.count == 1 ? 0 : Self.merged))
            append(Float(value.mean).bitPattern)
            guard value.count != 1 else { continue }
            append(UInt32(clamping: value.count))
            append(Float(value.least).bitPattern)
            append(Float(value.greatest).bitPattern)
        }
        return bytes
    }

    /// - Returns: `nil` for what is not a point.
    init?(packed bytes: [UInt8]) {
        guard bytes.first == Self.version else { return nil }
        var place: Int = 1
        func number() -> UInt32? {
            guard place + 4 <= bytes.count else { return nil }
            defer { place += 4 }
            return (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << (8 * UInt32($1)) }
        }
        func float() -> Double? { number().map { Double(Float(bitPattern: $0)) } }
        while place < bytes.count {
            let head: UInt8 = bytes[place]
            place += 1
            guard let mean = float() else { return nil }
            var value = Value(mean)
            if head & Self.merged != 0 {
                guard let count = number(), count > 0, let least = float(), let greatest = float() else { return nil }
                value = Value(least: least, mean: mean, greatest: greatest, count: Int64(count))
            }
            if let metric = HealthMetric(rawValue: head & ~Self.merged) { values[metric] = value }
        }
    }
}
