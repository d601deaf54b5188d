/// What happened, counted.
package struct SimulationTally: Sendable, Codable {
    package var seeds: Int = 0
    /// Entries of use that were recorded.
    package var uses: Int = 0
    package var clockFaults: Int = 0
    /// Disks that were copied to another machine or put back.
    package var copies: Int = 0
    /// Devices that were found out.
    package var forks: Int = 0
    package var restores: Int = 0

    package static func += (left: inout Self, right: Self) {
        left.seeds += right.seeds
        left.uses += right.uses
        left.clockFaults += right.clockFaults
        left.copies += right.copies
        left.forks += right.forks
        left.restores += right.restores
    }
}
