import Synchronization
import WireModel

/// Things that one user at a time may have: lent first come, first served, to a bounded queue.
final class Lending<Item: Sendable>: Sendable {
    private struct State {
        var idle: [Item]
        var waiting: [(ticket: UInt64, continuation: CheckedContinuation<Turn, Never>)] = []
        var tickets: UInt64 = 0
    }

    private enum Turn: Sendable {
        case item(Item)
        case full
        case cancelled
    }

    private let waitingLimit: Int
    private let state: Mutex<State>

    /// - Parameter waiting: at most so many wait; the next is turned away at once, rather than after its caller has given up.
    init(_ items: [Item], waiting: Int) {
        waitingLimit = waiting
        state = Mutex(State(idle: items))
    }

    /// How many wait now.
    var waiting: Int { state.withLock { $0.waiting.count } }

    /// Lends an item for the time of `body`.
    /// - Throws: `overloaded` when the queue is full, `interrupted` when the task is cancelled while it waits, and what `body` throws.
    func with<Value: Sendable>(_ body: (Item) async throws(Problem) -> Value) async throws(Problem) -> Value {
        let item: Item = try await borrow()
        defer { giveBack(item) }
        return try await body(item)
    }

    private func borrow() async throws(Problem) -> Item {
        let ticket: UInt64 = state.withLock { state in
            state.tickets += 1
            return state.tickets
        }
        let turn: Turn = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let turn: Turn? = state.withLock { state in
                    // Asked under the lock, so that a cancellation finds the ticket or is seen here.
                    if Task.isCancelled { return .cancelled }
                    // The one used last still has its data in the caches.
                    if let item = state.idle.popLast() { return .item(item) }
                    if state.waiting.count >= waitingLimit { return .full }
                    state.waiting.append((ticket, continuation))
                    return nil
                }
                if let turn { continuation.resume(returning: turn) }
            }
        } onCancel: {
            let waiter: CheckedContinuation<Turn, Never>? = state.withLock { state in
                guard let index = state.waiting.firstIndex(where: { $0.ticket == ticket }) else { return nil }
                return state.waiting.remove(at: index).continuation
            }
            waiter?.resume(returning: .cancelled)
        }
        switch turn {
        case .item(let item): return item
        case .full:
            throw Problem(
                .overloaded, "More pictures are waiting than can be looked at in time.",
                remedy: "Send it again in a second; send fewer at a time if it stays.")
        case .cancelled: throw Problem(.interrupted, "The call ended before its picture was looked at.", remedy: "Send it again.")
        }
    }

    private func giveBack(_ item: Item) {
        let waiter: CheckedContinuation<Turn, Never>? = state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.idle.append(item)
                return nil
            }
            return state.waiting.removeFirst().continuation
        }
        waiter?.resume(returning: .item(item))
    }
}
