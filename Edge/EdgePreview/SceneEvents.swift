import EdgeAgent
import HTTPTypes
import Hummingbird
import NIOCore
import WireModel

/// `GET /events`: what is in the picture, decisions and the state of camera and sync, as server-sent events.
struct SceneEvents: Sendable {
    /// Between two states of camera and sync.
    private static let interval: Duration = .seconds(2)
    /// Decisions that whoever comes is shown.
    private static let recent: Int64 = 8

    let feed: LiveFeed
    let decisions: DecisionFeed
    let standing: AgentStanding

    private struct SceneLine: Encodable {
        let source: String
        let number: Int64
        let rate: Double
        let lookedRate: Double
        let view: SceneView
    }

    func answer(seat: Seat) -> Response {
        let (feed, decisions, standing): (LiveFeed, DecisionFeed, AgentStanding) = (feed, decisions, standing)
        let body = ResponseBody { writer in
            defer { seat.leave() }
            try await writer.write(ByteBuffer(string: "retry: 1000\n\n"))
            var shown: [String: Int64] = [:]
            var decided: Int64 = max(0, decisions.last - Self.recent)
            var time: ContinuousClock.Instant = .now - .seconds(60)
            try await feed.news().forEach(atLeastEvery: .milliseconds(500)) {
                var text: String = ""
                for source in feed.sources {
                    guard let scene = feed.scene(of: source), shown[source] != scene.number else { continue }
                    shown[source] = scene.number
                    text += try Self.event(
                        "scene",
                        SceneLine(source: source, number: scene.number, rate: scene.rate, lookedRate: scene.lookedRate, view: scene.view))
                }
                let portion: DecisionFeed.Portion = decisions.portion(after: decided)
                decided = portion.items.last?.number ?? decided + portion.missed
                for item in portion.items { text += "event: decision\ndata: \(item.json)\n\n" }
                if .now - time >= Self.interval {
                    time = .now
                    text += try Self.event("state", await standing.state(of: feed))
                }
                if !text.isEmpty { try await writer.write(ByteBuffer(string: text)) }
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"], body: body)
    }

    private static func event(_ name: String, _ value: some Encodable) throws -> String { "event: \(name)\ndata: \(try JSON.text(value))\n\n" }
}
