/// The share of comparisons between different persons that pass a threshold (ISO/IEC 19795-1 FMR), 0…1.
package struct FalseMatchRate: RawRepresentable, Hashable, Comparable, Sendable, Codable {
    package let rawValue: Double

    package init(rawValue: Double) {
        self.rawValue = rawValue
    }

    package init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(Double.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }

    package static func < (left: FalseMatchRate, right: FalseMatchRate) -> Bool {
        left.rawValue < right.rawValue
    }

    /// 1e-3
    package static let oneInAThousand = FalseMatchRate(rawValue: 1e-3)
    /// 1e-4
    package static let oneInTenThousand = FalseMatchRate(rawValue: 1e-4)
    /// 1e-5
    package static let oneInAHundredThousand = FalseMatchRate(rawValue: 1e-5)

    /// The rates a threshold can be chosen by, laxest first.
    package static let offered: [FalseMatchRate] = [.oneInAThousand, .oneInTenThousand, .oneInAHundredThousand]

    /// The default for one-to-one comparison: 1e-3.
    ///
    /// One attempt is one comparison, and the person claims to be the one compared with; 1e-3 is the operating point
    /// border-control guidelines (Frontex, FMR 1e-3) use for a claimed identity.
    package static let verificationDefault = oneInAThousand

    /// The default for one-to-many identification: 1e-5.
    ///
    /// An identification compares with every person of the gallery, so with N persons a stranger is taken for one of
    /// them in about N·FMR of the attempts (1 − (1 − FMR)^N). At 1e-3 a gallery of 100 persons would name one stranger in
    /// ten; at 1e-5 a gallery of 1,000 persons names one in a hundred and one of 100 persons one in a thousand. A false
    /// name costs more than a second try, and several frames of a track give that second try for nothing.
    package static let identificationDefault = oneInAHundredThousand

    /// How often a stranger is taken for one of `persons` persons (FPIR), when comparisons err independently.
    package func falsePositiveIdentificationRate(persons: Int) -> Double {
        var product = 1.0
        var base = 1 - rawValue
        var exponent = max(0, persons)
        while exponent > 0 {
            if exponent & 1 == 1 { product *= base }
            base *= base
            exponent >>= 1
        }
        return 1 - product
    }
}
