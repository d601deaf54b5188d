import Synchronization
import WireModel

/// How many may look at once.
final class Seats: Sendable {
    private let most: Int
    private let taken = Mutex(0)

    init(_ most: Int) { self.most = most }

    /// - Throws: `overloaded`.
    func take() throws(Problem) -> Seat {
        let isFree: Bool = taken.withLock { count in
            guard count < most else { return false }
            count += 1
            return true
        }
        guard isFree else {
            throw Problem(.overloaded, "As many look on as may.", detail: "\(most)", remedy: "Close one of the pages that show the preview.")
        }
        return Seat(self)
    }

    fileprivate func leave() { taken.withLock { $0 -= 1 } }
}

/// One of them; free again when it is left, or dropped.
final class Seat: Sendable {
    private let seats: Seats
    private let isTaken = Mutex(true)

    fileprivate init(_ seats: Seats) { self.seats = seats }

    func leave() {
        let wasTaken: Bool = isTaken.withLock { taken in
            defer { taken = false }
            return taken
        }
        if wasTaken { seats.leave() }
    }

    deinit { leave() }
}
