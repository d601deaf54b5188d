import Dispatch
import Synchronization

/// Hands pieces from one blocked thread to another, a few at a time. Not for Swift's own pool: both ends block.
final class RowConduit<Piece: Sendable>: Sendable {
    struct Cut: Error {}

    private let free = DispatchSemaphore(value: 0)
    private let filled = DispatchSemaphore(value: 0)
    private let state = Mutex<(pieces: [Piece], isCut: Bool)>(([], false))

    init(capacity: Int) {
        // A semaphore that is let go below the value it was made with ends the process.
        for _ in 0..<capacity { free.signal() }
    }

    /// Waits for room.
    /// - Throws: `Cut` when the other end has failed.
    func send(_ piece: Piece) throws(Cut) {
        free.wait()
        let isCut: Bool = state.withLock { state in
            if !state.isCut { state.pieces.append(piece) }
            return state.isCut
        }
        if isCut { try refuse(free) }
        filled.signal()
    }

    func receive() throws(Cut) -> Piece {
        filled.wait()
        let piece: Piece? = state.withLock { $0.pieces.isEmpty || $0.isCut ? nil : $0.pieces.removeFirst() }
        guard let piece else { try refuse(filled) }
        free.signal()
        return piece
    }

    /// One end has failed: the other must not wait for it.
    func cut() {
        state.withLock { $0.isCut = true }
        free.signal()
        filled.signal()
    }

    private func refuse(_ semaphore: DispatchSemaphore) throws(Cut) -> Never {
        semaphore.signal()  // for the next call
        throw Cut()
    }
}
