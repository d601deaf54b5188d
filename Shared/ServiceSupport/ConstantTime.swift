package enum ConstantTime {
    /// Compares in a time that does not tell where the two differ; their lengths are no secret.
    package static func isEqual(_ one: some Collection<UInt8>, _ other: some Collection<UInt8>) -> Bool {
        one.count == other.count && zip(one, other).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
