import Hummingbird
import NIOCore
import ServiceLifecycle
import Synchronization
import WireModel

/// Server-sent events (WHATWG HTML §9.2): what is looked at is told whenever it has changed. A stream ends by itself after a minute and the browser
/// comes again: so the route's rule is asked anew, and a session that ended sees no more than that minute.
package struct EventFeed: Sendable {
    /// One event's data, the same text where nothing has changed.
    let look: @Sendable () async throws -> String

    private static let (pause, life, heartbeat): (Duration, Duration, Duration) = (.seconds(2), .seconds(60), .seconds(15))
    private static let most: Int = 100
    private static let followers = Mutex(0)

    package init(look: @escaping @Sendable () async throws -> String) { self.look = look }

    /// - Throws: `overloaded` where as many follow as this process serves.
    package static func reply(_ look: @escaping @Sendable () async throws -> String) throws(Problem) -> Reply {
        guard followers.withLock({ $0 < most }) else {
            throw Problem(.overloaded, "As many pages are followed live as the hub serves at once.", remedy: "Reload the page to see what is new.")
        }
        var reply = Reply(status: 200, body: [], type: "text/event-stream")
        // A reverse proxy is not to collect it (nginx).
        reply.headers[.init("X-Accel-Buffering")!] = "no"
        reply.events = EventFeed(look: look)
        return reply
    }

    var body: ResponseBody {
        let look: @Sendable () async throws -> String = look
        return ResponseBody { writer in
            Self.followers.withLock { $0 += 1 }
            defer { Self.followers.withLock { $0 -= 1 } }
            try await writer.write(ByteBuffer(string: "retry: 1000\n\n"))
            let end: ContinuousClock.Instant = .now + Self.life
            var (told, last): (String?, ContinuousClock.Instant) = (nil, .now)
            while .now < end, !Task.isCancelled, !Task.isShuttingDownGracefully {
                // What went wrong is told by the next request's own answer.
                guard let text = try? await look() else { break }
                if text != told {
                    try await writer.write(ByteBuffer(string: Self.event(text)))
                    (told, last) = (text, .now)
                } else if .now - last >= Self.heartbeat {
                    try await writer.write(ByteBuffer(string: ": still here\n\n"))
                    last = .now
                }
                do { try await Task.sleep(for: Self.pause) } catch { break }
            }
            try await writer.finish(nil)
        }
    }

    private static func event(_ text: String) -> String {
        "event: state\n" + text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { "data: \($0)\n" }.joined() + "\n"
    }
}
