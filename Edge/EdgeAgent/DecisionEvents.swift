import HTTPTypes
import Hummingbird
import NIOCore
import RecognitionAPI
import WireModel

/// `GET /v1/events`: decisions as server-sent events (WHATWG HTML §9.2). An event's id is RUN-NUMBER; `Last-Event-ID` goes on there.
struct DecisionEvents: Sendable {
    static let path: String = "/v1/events"
    /// Between two comments that show that the connection lives.
    private static let heartbeat: Duration = .seconds(15)

    let feed: DecisionFeed

    /// - Parameter lastID: `Last-Event-ID`, as sent.
    /// - Throws: `overloaded`.
    func answer(lastID: String?) throws(Problem) -> Response {
        let news: News = try feed.follow()
        let feed: DecisionFeed = feed
        let start: (number: Int64, gap: String?) = start(lastID)
        let body = ResponseBody { writer in
            try await writer.write(ByteBuffer(string: "retry: 2000\n: following\n\n" + (start.gap ?? "")))
            var number: Int64 = start.number
            try await news.forEach(atLeastEvery: Self.heartbeat) {
                var text: String = ""
                repeat {
                    let portion: DecisionFeed.Portion = feed.portion(after: number)
                    text = Self.text(portion, run: feed.run)
                    number = portion.items.last?.number ?? number + portion.missed
                    try await writer.write(ByteBuffer(string: text.isEmpty ? ": still here\n\n" : text))
                } while !text.isEmpty && number < feed.last
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"], body: body)
    }

    private func start(_ lastID: String?) -> (Int64, String?) {
        guard let lastID, !lastID.isEmpty else { return (feed.last, nil) }
        let parts: [Substring] = lastID.split(separator: "-")
        if parts.count == 2, parts[0] == feed.run, let number = Int64(parts[1]), (0...feed.last).contains(number) { return (number, nil) }
        // Of another run, or of nobody: all there is of this one, behind a gap of unknown size.
        return (0, Self.gap(nil))
    }

    private static func gap(_ missed: Int64?) -> String {
        "event: gap\ndata: {\"missed\":\(missed.map(String.init) ?? "null")}\n\n"
    }

    private static func text(_ portion: DecisionFeed.Portion, run: String) -> String {
        (portion.missed > 0 ? gap(portion.missed) : "")
            + portion.items.map { "id: \(run)-\($0.number)\nevent: decision\ndata: \($0.json)\n\n" }.joined()
    }
}

extension DecisionEvents {
    /// OpenAPI 3.1, which has no words for what is inside a stream: those are in the description.
    static let operation: JSONValue = [
        "summary": "Follow the decisions of this process",
        "description": """
        Server-sent events, until you hang up. `decision`: its data is `kind` (decided, returned or left), `time`, `source`, `api`, `outcome`, \
        `person`, `label`, `gallery`, `score`, `threshold`, `falseMatchRate`, `model`, `refusals` and journal `entry`; of a picture `box` and `quality`; \
        of a film `track`, `votes`, `agreeing` and `latencyMilliseconds`. `gap`: `missed` decisions are no longer held; null where nobody \
        knows how many, after the agent was started anew. Lines that begin with a colon say that the connection lives.
        """,
        "parameters": [["name": "Last-Event-ID", "in": "header", "description": "Go on after this event", "schema": ["type": "string"]]],
        "responses": [
            "200": ["description": "The stream", "content": ["text/event-stream": ["schema": ["type": "string"]]]],
            "default": ["description": "Declined", "content": ["application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]]],
        ],
    ]
}
