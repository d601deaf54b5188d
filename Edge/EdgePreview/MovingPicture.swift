import EdgeAgent
import HTTPTypes
import Hummingbird
import NIOCore

/// `GET /picture`: JPEG after JPEG, each taking the place of the one before (multipart/x-mixed-replace), as browsers show in an `img`.
/// A slow viewer gets fewer; it never gets old ones.
struct MovingPicture: Sendable {
    private static let boundary: String = "vultus-frame"
    /// At most so often.
    private static let interval: Duration = .milliseconds(60)
    /// Sent again after so long, so that a viewer who has left is noticed; the first time soon, for a browser shows a picture when
    /// another one follows (Chromium 156, seen here).
    private static let repetitions: (first: Duration, further: Duration) = (.milliseconds(200), .seconds(5))

    let feed: LiveFeed
    let viewfinder: Viewfinder

    func answer(_ source: String, seat: Seat) -> Response {
        let (feed, viewfinder): (LiveFeed, Viewfinder) = (feed, viewfinder)
        let body = ResponseBody { writer in
            defer { seat.leave() }
            try await writer.write(ByteBuffer(string: "--\(Self.boundary)\r\n"))
            var (shown, times, time): (Int64, Int, ContinuousClock.Instant) = (0, 0, .now)
            try await feed.news().forEach(atLeastEvery: .milliseconds(250)) {
                let patience: Duration = times < 2 ? Self.repetitions.first : Self.repetitions.further
                guard let shot = await viewfinder.shot(of: source), shot.number != shown || .now - time > patience else { return }
                var part = ByteBuffer(string: "Content-Type: image/jpeg\r\nContent-Length: \(shot.jpeg.count)\r\n\r\n")
                part.writeBytes(shot.jpeg)
                // The next boundary at once: without it a browser does not know that the picture is whole.
                part.writeString("\r\n--\(Self.boundary)\r\n")
                try await writer.write(part)
                times = shot.number == shown ? times + 1 : 1
                (shown, time) = (shot.number, .now)
                try await Task.sleep(for: Self.interval)
            }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok, headers: [.contentType: "multipart/x-mixed-replace; boundary=\(Self.boundary)", .cacheControl: "no-store"], body: body)
    }
}
