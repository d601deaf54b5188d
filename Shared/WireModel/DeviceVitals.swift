/// How an agent and its machine are: part of a health report. What a machine cannot tell is absent, never 0.
package struct DeviceVitals: Sendable, Codable, Hashable {
    /// When the agent started: its counts begin there. `nil` where no agent runs, as in a sync by hand.
    package var started: Timestamp?
    /// Since `started`.
    package var decided: DecisionCounts?
    /// Those the agent watches, at most ``mostCameras``.
    package var cameras: [CameraVitals]?
    /// Of the hottest thermal zone, °C.
    package var celsius: Double?
    /// Of all processors' time since the report before, 0…1.
    package var processorShare: Double?
    /// Of the machine's memory in use, 0…1.
    package var memoryShare: Double?
    /// Memory the agent itself takes.
    package var residentBytes: Int64?
    /// Journal entries the hub has not acknowledged.
    package var unsentEntries: Int64?
    /// The age of the oldest of them.
    package var lagMilliseconds: Int64?
    /// What is left of the lease that has least left, 0…1.
    package var leaseShare: Double?
    /// When the first lease ends.
    package var leaseEnds: Timestamp?
    /// That makes the templates.
    package var model: String?

    package static let mostCameras: Int = 8

    package init() {}
}

/// Decisions by what they came to.
package struct DecisionCounts: Sendable, Codable, Hashable {
    package var matched: Int64
    package var unknown: Int64
    package var undecided: Int64

    package init(matched: Int64 = 0, unknown: Int64 = 0, undecided: Int64 = 0) {
        self.matched = matched
        self.unknown = unknown
        self.undecided = undecided
    }
}

/// One camera of an agent.
package struct CameraVitals: Sendable, Codable, Hashable {
    /// As `--camera` names it.
    package let name: String
    /// Frames a second that come; `nil` while it does not stream.
    package let rate: Double?
    /// Frames lost or damaged since the agent started.
    package let lost: Int64
    /// Why it does not stream, while it does not.
    package let problem: String?

    package init(name: String, rate: Double?, lost: Int64, problem: String?) {
        self.name = name
        self.rate = rate
        self.lost = lost
        self.problem = problem
    }
}
