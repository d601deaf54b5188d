import Foundation

/// Numbers that repeat when the same seed is given (SplitMix64, Steele et al. 2014).
package struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value: UInt64 = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

extension SeededGenerator {
    /// `VULTUS_SEED`; otherwise always the same, so that a change that goes red is to blame, and in a full run one that nobody has seen yet.
    package static var wantedSeed: UInt64 {
        let environment: [String: String] = ProcessInfo.processInfo.environment
        if let wanted = environment["VULTUS_SEED"].flatMap(UInt64.init) { return wanted }
        return FullTests.isOn ? UInt64.random(in: 0..<1_000_000) : 20_261
    }
}
