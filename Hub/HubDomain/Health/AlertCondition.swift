import WireModel

/// What an alert rule looks at. Levels are whole numbers in the condition's own unit.
package enum AlertCondition: String, Sendable, Codable, CaseIterable {
    /// No contact for so many minutes while the hub was there to be reached.
    case silent
    case camerasDown = "cameras_down"
    case frameRateBelow = "frame_rate_below"
    case diskBelow = "disk_below"
    case temperatureAbove = "temperature_above"
    case clockOff = "clock_off"
    case lagAbove = "lag_above"
    case leaseBelow = "lease_below"
    case latencyAbove = "latency_above"
    case processorAbove = "processor_above"
    case memoryAbove = "memory_above"
    /// It is in a state that is not `fresh`.
    case troubled
    /// It does not work by what is wanted of it.
    case drifting
    /// A release did not come to run on it, and nothing has settled that since.
    case updateFailed = "update_failed"

    /// Of a level, as it is written after it.
    package var unit: String {
        switch self {
        case .silent: "min"
        case .camerasDown, .troubled, .drifting, .updateFailed: ""
        case .frameRateBelow: "/s"
        case .diskBelow: "MiB"
        case .temperatureAbove: "°C"
        case .clockOff, .lagAbove: "s"
        case .leaseBelow, .processorAbove, .memoryAbove: "%"
        case .latencyAbove: "ms"
        }
    }

    package var levels: ClosedRange<Int64> {
        switch self {
        case .silent: 5...43_200
        case .camerasDown: 1...8
        case .frameRateBelow: 1...240
        case .diskBelow: 1...100_000_000
        case .temperatureAbove: 1...200
        case .clockOff: 1...86_400
        case .lagAbove: 60...8_640_000
        case .leaseBelow, .processorAbove, .memoryAbove: 1...100
        case .latencyAbove: 1...600_000
        case .troubled, .drifting, .updateFailed: 1...1
        }
    }

    /// Whether it holds from the level down, and not up.
    var isBelow: Bool {
        switch self {
        case .frameRateBelow, .diskBelow, .leaseBelow: true
        default: false
        }
    }

    /// Which of a report's metrics it looks at, and how many of the level's unit one of the metric's is.
    var metric: (metric: HealthMetric, factor: Double)? {
        switch self {
        case .silent, .drifting, .updateFailed: nil
        case .camerasDown: (.camerasDown, 1)
        case .frameRateBelow: (.frameRate, 1)
        case .diskBelow: (.diskFree, 1 / 1_048_576)
        case .temperatureAbove: (.temperature, 1)
        case .clockOff: (.clockOffset, 1 / 1_000)
        case .lagAbove: (.lag, 1)
        case .leaseBelow: (.leaseLeft, 100)
        case .latencyAbove: (.latencyP99, 1)
        case .processorAbove: (.processor, 100)
        case .memoryAbove: (.memory, 100)
        case .troubled: (.troubled, 1)
        }
    }

    /// How far back past the level a value must come before the alert is over, where a rule does not say: a tenth.
    func standardMargin(_ level: Int64) -> Int64 {
        switch self {
        case .silent, .camerasDown, .troubled, .drifting, .updateFailed: 0
        default: max(1, level / 10)
        }
    }
}
