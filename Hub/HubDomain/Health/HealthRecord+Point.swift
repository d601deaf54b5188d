import WireModel

extension HealthRecord {
    /// - Parameters:
    ///   - before: the report before, from which decisions are counted.
    ///   - skew: device clock less hub clock, milliseconds; `nil` where it is not known for that time.
    func point(after before: HealthRecord?, skew: Int64?) -> HealthPoint {
        var values: [HealthMetric: Double] = [
            .diskFree: Double(freeBytes), .storeSize: Double(storeBytes), .troubled: states == ["fresh"] || states.isEmpty ? 0 : 1,
        ]
        if let skew { values[.clockOffset] = Double(skew) }
        if let decisions {
            values[.latencyMedian] = Double(decisions.medianMilliseconds)
            values[.latencyP99] = Double(decisions.p99Milliseconds)
        }
        guard let vitals else { return HealthPoint(values) }
        if let cameras = vitals.cameras, !cameras.isEmpty {
            values[.camerasDown] = Double(cameras.filter { $0.rate == nil || $0.problem != nil }.count)
            values[.frameRate] = cameras.compactMap(\.rate).min()
        }
        values[.temperature] = vitals.celsius
        values[.processor] = vitals.processorShare
        values[.memory] = vitals.memoryShare
        values[.agentMemory] = vitals.residentBytes.map(Double.init)
        values[.unsent] = vitals.unsentEntries.map(Double.init)
        values[.lag] = vitals.lagMilliseconds.map { Double($0) / 1_000 }
        values[.leaseLeft] = vitals.leaseShare
        if let decided = vitals.decided.map({ $0.since(before?.vitals, started: vitals.started) }) {
            values[.matched] = Double(decided.matched)
            values[.unknown] = Double(decided.unknown)
            values[.undecided] = Double(decided.undecided)
        }
        return HealthPoint(values)
    }

    /// As far as it can be meant: what a device says is not to fill the hub.
    var bounded: HealthRecord {
        var vitals: DeviceVitals? = vitals
        if let cameras = vitals?.cameras {
            vitals?.cameras = cameras.prefix(DeviceVitals.mostCameras).map {
                CameraVitals(name: String($0.name.prefix(80)), rate: $0.rate, lost: $0.lost, problem: $0.problem.map { String($0.prefix(60)) })
            }
        }
        if let model = vitals?.model { vitals?.model = String(model.prefix(80)) }
        return HealthRecord(
            states: states.prefix(20).map { String($0.prefix(60)) }, freeBytes: freeBytes, storeBytes: storeBytes,
            clockSetBackMilliseconds: clockSetBackMilliseconds, decisions: decisions, vitals: vitals)
    }
}

extension DecisionCounts {
    /// An agent that was started anew counts from 0 again.
    fileprivate func since(_ before: DeviceVitals?, started: Timestamp?) -> DecisionCounts {
        guard let counts = before?.decided, before?.started == started else { return self }
        return DecisionCounts(
            matched: max(0, matched - counts.matched), unknown: max(0, unknown - counts.unknown), undecided: max(0, undecided - counts.undecided))
    }
}
