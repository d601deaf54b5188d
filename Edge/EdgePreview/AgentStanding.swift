import EdgeAgent
import EdgeStore
import EdgeSync
import FrameCapture
import ServiceSupport
import WireModel

/// How sources, sync and the program at decisions are, for the page. Reads the store, so it has a queue of its own.
package actor AgentStanding {
    struct State: Sendable, Encodable {
        let sources: [Source]
        /// `fresh` alone when nothing is in the way.
        let states: [Line]
        /// Whether no face may be searched for now.
        let isPaused: Bool
        /// At the hub; `nil` before the first contact.
        let contact: Timestamp?
        /// Journal entries the hub has not acknowledged.
        let waiting: Int64
        let hook: DecisionHook.Counters?
        /// What the hub's operator says here, newest first.
        let announcements: [DeviceAnnouncement]
    }

    struct Line: Sendable, Encodable {
        /// A code of `DeviceState`.
        let state: String
        /// Whose lease it is about; empty where it is about more.
        let apis: [String]
        /// What the page says where it has no words of its own.
        let meaning: String
        let remedy: String
    }

    struct Source: Sendable, Encodable {
        let name: String
        /// Milliseconds since the newest frame; `nil` before there was one.
        let age: Int64?
        /// `nil` where the source is no camera.
        let camera: CameraReport.Line?
    }

    private let executor = BlockingExecutor(label: "vultus.standing")
    private let store: EdgeStore
    private let cameras: [Camera]
    private let hook: DecisionHook?
    private var known: (state: State, time: ContinuousClock.Instant)?

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    package init(store: EdgeStore, cameras: [Camera], hook: DecisionHook?) {
        self.store = store
        self.cameras = cameras
        self.hook = hook
    }

    /// For all who look, once a second at most.
    func state(of feed: LiveFeed) -> State {
        if let known, .now - known.time < .seconds(1) { return known.state }
        let certificateEnd: Timestamp? = (try? store.identity())?.certificateEnd
        let standings: [DeviceStanding] = (try? store.standings(certificateEnd: certificateEnd)) ?? []
        let sync: SyncState? = try? store.syncState()
        let last: Int64 = (try? store.journalHead().seq) ?? 0
        let conditions: [String: CameraReport.Line] = Dictionary(
            cameras.map { ($0.condition.name, CameraReport.Line($0.condition)) }, uniquingKeysWith: { first, _ in first })
        let state = State(
            sources: feed.sources.map { name in
                Source(name: name, age: feed.age(of: name).map(\.wholeMilliseconds), camera: conditions[name])
            },
            states: standings.map {
                Line(state: $0.state.rawValue, apis: $0.apis.map(\.rawValue), meaning: $0.state.meaning, remedy: $0.state.remedy)
            },
            isPaused: standings.contains { $0.refuses.contains(.searchLocal) }, contact: sync?.contact,
            waiting: max(0, last - (sync?.acknowledgedThrough ?? 0)), hook: hook?.counters,
            announcements: (try? store.announcements()) ?? [])
        known = (state, .now)
        return state
    }
}
