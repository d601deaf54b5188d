import HubClient
import HubDomain
import Synchronization
import WireModel

/// What the network does to one exchange.
package enum NetworkFault: Sendable, Hashable {
    /// The request never arrives.
    case lostRequest
    /// The hub does the work; its answer never arrives.
    case lostAnswer
    /// The request arrives so many times; the device hears the last answer.
    case repeated(Int)
    /// The request stays on the way, and the device gives up waiting.
    case parked
}

/// One arrival of a request at the hub.
struct Delivery: Sendable {
    let request: SyncRequest
    /// The hub's answer, or why there is none.
    let answer: Result<SyncResponse, any Error>
    /// Whether the device heard it.
    let isHeard: Bool
    let at: Timestamp
}

/// One device's way to the hub, in this process, which fails as it is told to.
final class SimulatedLink: HubLink {
    /// What a planted fault does to the hub before a request arrives once more.
    typealias Forgetting = @Sendable (Hub, SyncRequest, DeviceID) async throws -> Void

    private struct State {
        var acknowledgesLost: Bool = false
        var forgetting: Forgetting?
        var lastHeard: SyncResponse?
        var hub: Hub?
        var faults: [NetworkFault?] = []
        var parked: [SyncRequest] = []
        var known: [SyncRequest] = []
        var deliveries: [Delivery] = []
    }

    private let device: DeviceID
    private let state: Mutex<State>

    init(device: DeviceID, hub: Hub) {
        self.device = device
        state = Mutex(State(hub: hub))
    }

    /// Another hub, or one that has started anew: it meets what was on the way to the former one.
    func setHub(_ hub: Hub?) { state.withLock { $0.hub = hub } }

    func plant(_ fault: PlantedFault) { state.withLock { ($0.acknowledgesLost, $0.forgetting) = (fault.acknowledgesLost, fault.forgetting) } }

    /// - Parameter faults: of the exchanges to come, in order; those after them go well.
    func plan(_ faults: [NetworkFault?]) { state.withLock { $0.faults = faults } }

    /// What arrived since the last time.
    func takeDeliveries() -> [Delivery] {
        state.withLock { state in
            defer { state.deliveries = [] }
            return state.deliveries
        }
    }

    /// Requests that are still on the way, for however long.
    func takeParked() -> [SyncRequest] {
        state.withLock { state in
            defer { state.parked = [] }
            return state.parked
        }
    }

    /// Requests that arrived once.
    var known: [SyncRequest] { state.withLock(\.known) }

    func sync(_ request: SyncRequest) async throws(HubClientError) -> SyncResponse {
        let (hub, fault): (Hub?, NetworkFault?) = state.withLock { state in (state.hub, state.faults.isEmpty ? nil : state.faults.removeFirst()) }
        guard let hub else { throw .unreachable(hub: "simulated", reason: "the hub is away") }
        switch fault {
        case nil:
            return try await deliver(request, to: hub, isHeard: true).get()
        case .lostRequest:
            if let early = earlyAnswer(request, hub.now()) { return early }
            throw .unreachable(hub: "simulated", reason: "lost")
        case .lostAnswer:
            _ = await deliver(request, to: hub, isHeard: false)
            throw .timedOut(hub: "simulated")
        case .parked:
            state.withLock { $0.parked.append(request) }
            throw .timedOut(hub: "simulated")
        case .repeated(let times):
            for _ in 1..<times { _ = await deliver(request, to: hub, isHeard: false) }
            if let forgetting = state.withLock(\.forgetting) { try? await forgetting(hub, request, device) }
            return try await deliver(request, to: hub, isHeard: true).get()
        }
    }

    @discardableResult
    func deliver(_ request: SyncRequest, to hub: Hub, isHeard: Bool) async -> Result<SyncResponse, HubClientError> {
        let now: Timestamp = hub.now()
        do {
            let answer: SyncResponse = try await hub.receive(request, from: device)
            note(Delivery(request: request, answer: .success(answer), isHeard: isHeard, at: now))
            return .success(answer)
        } catch {
            note(Delivery(request: request, answer: .failure(error), isHeard: isHeard, at: now))
            if let problem = error as? Problem { return .failure(.declined(problem)) }
            return .failure(.misbehaved(hub: "simulated", status: 500, what: "\(error)"))
        }
    }

    private func note(_ delivery: Delivery) {
        state.withLock { $0.deliveries.append(delivery) }
        remember(delivery)
    }

    /// What arrived may arrive again.
    func remember(_ delivery: Delivery) {
        state.withLock { state in
            if delivery.isHeard, case .success(let answer) = delivery.answer { state.lastHeard = answer }
            // What was refused, or not looked at, is a new request when it comes again.
            if case .success(let answer) = delivery.answer, answer.acknowledgedThrough >= delivery.request.head.seq, answer.quarantine == nil {
                state.known.append(delivery.request)
            }
        }
    }

    /// As a hub would answer that advances the watermark first and applies later, if it is planted.
    private func earlyAnswer(_ request: SyncRequest, _ now: Timestamp) -> SyncResponse? {
        guard let last = state.withLock({ $0.acknowledgesLost ? $0.lastHeard : nil }) else { return nil }
        return SyncResponse(
            answers: request.entries.map { EntryAnswer(seq: $0.seq, outcome: .accepted) }, journalEpoch: request.head.epoch,
            acknowledgedThrough: request.head.seq, backedUpThrough: last.backedUpThrough, leases: [], refusals: [], hubEpoch: last.hubEpoch, time: now,
            clockSkewMilliseconds: 0)
    }
}
