import Glibc
import Synchronization

/// Whether this process was asked to end. A signal handler may do no more than note it.
enum StopRequest {
    private static let made = Atomic<Bool>(false)

    static var isMade: Bool { made.load(ordering: .relaxed) }

    static func listen() {
        // Made before a handler can need it.
        made.store(false, ordering: .relaxed)
        for number in [SIGTERM, SIGINT] { signal(number) { _ in StopRequest.made.store(true, ordering: .relaxed) } }
    }
}
