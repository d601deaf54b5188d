/// What is kept of a device's health over time. The numbers are on disk: none is ever used for something else.
package enum HealthMetric: UInt8, Sendable, CaseIterable {
    /// Of the slowest camera that streams.
    case frameRate = 1
    case camerasDown = 2
    /// From a passage's first good frame to its decision, of the decisions since the report before.
    case latencyMedian = 3
    case latencyP99 = 4
    case matched = 5
    case unknown = 6
    case undecided = 7
    case diskFree = 8
    case storeSize = 9
    /// The device's clock less the hub's, as the hub saw it.
    case clockOffset = 10
    case temperature = 11
    case processor = 12
    case memory = 13
    case agentMemory = 14
    /// Journal entries that wait for the hub, and the age of the oldest.
    case unsent = 15
    case lag = 16
    /// Of the lease that has least left.
    case leaseLeft = 17
    /// 1 while the device is in a state that is not `fresh`.
    case troubled = 18

    package enum Unit: String, Sendable {
        case perSecond = "1/s"
        case count, bytes, seconds, milliseconds, celsius
        /// 0…1.
        case share
    }

    /// As programs name it.
    package var name: String {
        switch self {
        case .frameRate: "frame_rate"
        case .camerasDown: "cameras_down"
        case .latencyMedian: "latency_median"
        case .latencyP99: "latency_p99"
        case .matched: "matched"
        case .unknown: "unknown"
        case .undecided: "undecided"
        case .diskFree: "disk_free"
        case .storeSize: "store_size"
        case .clockOffset: "clock_offset"
        case .temperature: "temperature"
        case .processor: "processor"
        case .memory: "memory"
        case .agentMemory: "agent_memory"
        case .unsent: "unsent"
        case .lag: "lag"
        case .leaseLeft: "lease_left"
        case .troubled: "troubled"
        }
    }

    package init?(name: String) {
        guard let metric = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = metric
    }

    package var unit: Unit {
        switch self {
        case .frameRate: .perSecond
        case .camerasDown, .matched, .unknown, .undecided, .unsent, .troubled: .count
        case .latencyMedian, .latencyP99, .clockOffset: .milliseconds
        case .diskFree, .storeSize, .agentMemory: .bytes
        case .temperature: .celsius
        case .processor, .memory, .leaseLeft: .share
        case .lag: .seconds
        }
    }

    /// Counts of what happened between two reports: their sum over a time is what happened in it. Of everything else the mean says more.
    package var isSummed: Bool {
        switch self {
        case .matched, .unknown, .undecided: true
        default: false
        }
    }

    /// What each value of a coarser step is, for who reads it. The p99 of many decisions cannot be had from the p99 of their parts: it lies
    /// between the least and the greatest of them, and that is what is kept.
    package static let merging: String = """
        Each point has the least, the mean and the greatest of the reports in it, and their count. Of latencies, which are medians and p99 of \
        the decisions between two reports, the mean is that of the reports, not of the decisions; the p99 of all decisions of a point is no \
        greater than its `max`. Of decisions the sum is mean times count.
        """
}
