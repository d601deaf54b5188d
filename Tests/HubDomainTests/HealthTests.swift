import HubDomain
import ServiceSupport
import TestKit
import Testing
import WireModel

@Suite("Health of devices over time")
struct HealthTests {
    private let fixture: IntakeFixture
    private let device: PlayedDevice

    init() async throws {
        fixture = try await IntakeFixture()
        device = try await fixture.device()
    }

    private var hub: Hub { fixture.hub }

    private func series(_ metric: HealthMetric, back: Duration, _ step: HealthStep) async throws -> [HealthSeries.Point] {
        try await hub.health(of: device.id, metrics: [metric], since: hub.now().advanced(by: .zero - back), step: step)[metric]
    }

    /// - Parameter matched: by number of the report.
    private func report(every interval: Duration, times: Int, rollingUp: Bool = true, _ record: (Int) -> HealthRecord) async throws {
        for number in 0..<times {
            fixture.clock.advance(by: interval)
            device.health = record(number)
            try await device.sync()
            if rollingUp { try await hub.rollUpHealth() }
        }
    }

    @Test("decisions are counted since the report before, and an agent that was started anew counts from nothing")
    func counts() async throws {
        var told: [HealthRecord] = [.told(matched: 5), .told(matched: 9), .told(matched: 9), .told(started: 2, matched: 3), .told(started: 2, matched: 4)]
        try await report(every: .seconds(60), times: 5) { _ in told.removeFirst() }
        #expect(try await series(.matched, back: .seconds(3_600), .minute).map(\.mean) == [5, 4, 0, 3, 1])
        // Twice in one minute: one point, and nothing of either is lost.
        device.health = .told(started: 2, matched: 6)
        try await device.sync()
        let points: [HealthSeries.Point] = try await series(.matched, back: .seconds(3_600), .minute)
        #expect(points.count == 5 && points.last?.count == 2)
        #expect(points.reduce(0) { $0 + $1.mean * Double($1.count) } == 15)
    }

    @Test("every step holds each report once: least, mean, greatest and count agree, whenever it is rolled up, and what is fresh is shown before it is")
    func steps() async throws {
        try await report(every: .seconds(600), times: 6 * 30) { .told(celsius: Double($0 % 60), matched: Int64($0)) }
        for (step, back) in [
            (HealthStep.minute, Duration.seconds(2 * 86_400)), (.fiveMinutes, .seconds(3 * 86_400)), (.hour, .seconds(3 * 86_400)),
            (.day, .seconds(3 * 86_400)),
        ] {
            let points: [HealthSeries.Point] = try await series(.temperature, back: back, step)
            #expect(points.reduce(0) { $0 + $1.count } == 180, "\(step)")
            #expect(points.map(\.min).min() == 0 && points.map(\.max).max() == 59, "\(step)")
            let mean: Double = points.reduce(0) { $0 + $1.mean * Double($1.count) } / 180
            #expect(abs(mean - 29.5) < 0.001, "\(step): \(mean)")
            #expect(try await series(.matched, back: back, step).reduce(0) { $0 + $1.mean * Double($1.count) }.rounded() == 179, "\(step)")
        }
    }

    @Test("what a device that was without a network wrote down comes into every step, though its hours were rolled up long ago")
    func late() async throws {
        try await report(every: .seconds(3_600), times: 30) { _ in .told(celsius: 40) }
        let early: Timestamp = hub.now().advanced(by: .seconds(-20 * 3_600))
        try device.note(.told(celsius: 90), time: early)
        // And again: taken in once.
        try await device.sync()
        try await device.sync()
        for step in [HealthStep.minute, .fiveMinutes, .hour, .day] {
            let points: [HealthSeries.Point] = try await series(.temperature, back: .seconds(2 * 86_400 - 60), step)
            #expect(points.map(\.max).max() == 90, "\(step)")
            #expect(
                points.filter { $0.max == 90 }.map(\.time.milliseconds) == [early.milliseconds / (step.rawValue * 1_000) * step.rawValue * 1_000], "\(step)")
            // Two live syncs at the end, and what was noted.
            #expect(points.reduce(0) { $0 + $1.count } == 33, "\(step)")
        }
        // It is not how the device is now.
        #expect(try await hub.fleetDevice(device.id).health?.vitals?.celsius == 40)
    }

    @Test("each step is kept for its term and no longer, so that a device takes no more than 9,803 points however long it reports")
    func terms() async throws {
        #expect(HealthStep.allCases.map { $0.term.wholeMilliseconds / ($0.rawValue * 1_000) }.reduce(0, +) == 9_803)
        try await report(every: .seconds(4 * 3_600), times: 6 * 100) { _ in .told() }
        let counts: [HealthStep: Int64] = try await hub.pointCounts()
        #expect((12...13).contains(counts[.minute] ?? 0), "\(counts)")
        #expect((83...85).contains(counts[.fiveMinutes] ?? 0), "\(counts)")
        #expect((539...541).contains(counts[.hour] ?? 0), "\(counts)")
        #expect((100...101).contains(counts[.day] ?? 0), "\(counts)")
        // A device that has fallen silent is thinned all the same.
        fixture.clock.advance(by: .seconds(30 * 86_400))
        try await hub.rollUpHealth()
        #expect(try await Set(hub.pointCounts().keys) == [.hour, .day])
    }

    @Test("a report of a hub that rolls up late, or twice at once, counts once")
    func twice() async throws {
        try await report(every: .seconds(1_200), times: 12, rollingUp: false) { _ in .told() }
        fixture.clock.advance(by: .seconds(7_200))
        let hub: Hub = hub
        async let first = hub.rollUpHealth()
        async let second = hub.rollUpHealth()
        _ = try await (first, second)
        #expect(try await series(.temperature, back: .seconds(86_400), .day).reduce(0) { $0 + $1.count } == 12)
        #expect(try await series(.temperature, back: .seconds(86_400), .hour).reduce(0) { $0 + $1.count } == 12)
    }

    @Test("what is told is what is asked for: the finest step kept for so long; a metric nobody told has no points; a device of others is not there")
    func asking() async throws {
        try await report(every: .seconds(60), times: 3) { _ in .told(celsius: nil, p99: 80) }
        let now: Timestamp = hub.now()
        for (back, step) in [(3_600, 60), (12 * 3_600, 60), (36 * 3_600, 300), (20 * 86_400, 3_600), (300 * 86_400, 86_400)] as [(Int64, Int64)] {
            #expect(try await hub.health(of: device.id, since: now.advanced(by: .seconds(-back))).stepSeconds == step, "\(back)")
        }
        let series: HealthSeries = try await hub.health(of: device.id)
        #expect(series[.temperature].isEmpty && series[.latencyP99].map(\.max) == [80, 80, 80] && series[.latencyMedian].map(\.mean) == [40, 40, 40])
        #expect(series[.clockOffset].map(\.mean) == [0, 0, 0])
        let other: Account = try await hub.openTestAccount("Other", email: "owner@other.example")
        await #expect(throws: Problem.self) { try await hub.health(of: device.id, account: other.id) }
        _ = try await hub.health(of: device.id, account: fixture.account.id)
        await #expect(throws: Problem.self) { try await hub.health(of: device.id, since: now.advanced(by: .seconds(60))) }
    }

    @Test("a device that says nonsense fills nothing: long names are cut, infinities are no values")
    func nonsense() async throws {
        let long = String(repeating: "x", count: 10_000)
        var record: HealthRecord = .told(celsius: 45, cameras: (0..<100).map { CameraVitals(name: "\(long)\($0)", rate: 15, lost: 0, problem: long) })
        record = HealthRecord(
            states: (0..<500).map { "\(long)\($0)" }, freeBytes: .max, storeBytes: 0, clockSetBackMilliseconds: 0, vitals: record.vitals)
        try await report(every: .seconds(60), times: 1) { _ in record }
        #expect((try await hub.deviceHealth(device.id)?.body.utf8.count ?? 0) < 4_000)
        #expect(try await hub.health(of: device.id)[.camerasDown].map(\.mean) == [8])
    }
}
