import Synchronization

/// What was last made, by name, and of what: work that is done again only when its input is another. There are few names.
final class Remembered<Input: Equatable & Sendable, Made: Sendable>: Sendable {
    private let last = Mutex<[String: (input: Input, made: Made)]>([:])

    func value(_ name: String, of input: Input, _ make: () throws -> Made) rethrows -> Made {
        if let last = last.withLock({ $0[name] }), last.input == input { return last.made }
        let made: Made = try make()
        last.withLock { $0[name] = (input, made) }
        return made
    }
}
