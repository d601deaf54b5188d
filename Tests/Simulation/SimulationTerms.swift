import HubDomain
import WireModel

/// What a simulated hub sells, and for how much on which day.
package struct SimulationTerms: Sendable {
    package let leaseUnits: Int64
    package let leaseTerm: Duration
    package let policy: ExhaustionPolicy
    package let hardLimit: Int64
    /// Units of each API that the account may use in all.
    package let quota: Int64
    /// After the term, in which uses go on.
    package let grace: Duration

    /// Millionths of a unit, and from when, counted from the world's beginning: at no round hour, up and down.
    static let prices: [(after: Duration, millionths: Int64)] = [
        (.zero, 15_000), (.seconds(110_111), 12_345), (.seconds(250_007), 17_001), (.seconds(622_333), 9_999), (.seconds(1_300_000), 20_003),
        (.seconds(3_456_789), 11_111),
    ]

    static let currency: String = "CNY"

    package init(leaseUnits: Int64, leaseTerm: Duration, policy: ExhaustionPolicy = .refuse, hardLimit: Int64 = 0, quota: Int64, grace: Duration = .zero) {
        self.leaseUnits = leaseUnits
        self.leaseTerm = leaseTerm
        self.policy = policy
        self.hardLimit = hardLimit
        self.quota = quota
        self.grace = grace
    }

    /// What seeds choose among: small and large slices, short and long terms, quotas that end and that do not.
    package static let all: [SimulationTerms] = [
        SimulationTerms(leaseUnits: 10, leaseTerm: .seconds(2 * 86_400), quota: 100_000),
        SimulationTerms(leaseUnits: 4, leaseTerm: .seconds(6 * 3_600), quota: 40),
        SimulationTerms(leaseUnits: 100, leaseTerm: .seconds(30 * 86_400), quota: 1_000),
        SimulationTerms(leaseUnits: 8, leaseTerm: .seconds(86_400), policy: .continueAndFlag, hardLimit: 5, quota: 60),
        SimulationTerms(leaseUnits: 25, leaseTerm: .seconds(7 * 86_400), policy: .continueAndFlag, hardLimit: 3, quota: 100_000, grace: .seconds(40_000)),
    ]

    package var leaseTerms: LeaseTerms {
        LeaseTerms(
            units: leaseUnits, termMilliseconds: leaseTerm.wholeMilliseconds, whenExhausted: policy, hardLimit: hardLimit,
            graceMilliseconds: grace.wholeMilliseconds)
    }
}
