import EdgeAgent
import Testing
import WireModel

@Suite("Following decisions")
struct DecisionFeedTests {
    private func notice(_ number: Int64) -> DecisionNotice {
        DecisionNotice(PassageEvent(.left, track: number), source: "camera", label: nil, at: Timestamp(milliseconds: number))
    }

    @Test("whoever follows gets every decision once and in order, or is told how many are missing", arguments: [1, 7, 40, 500])
    func portions(burst: Int64) {
        let feed = DecisionFeed(capacity: 20)
        var (place, heard, missed): (Int64, [Int64], Int64) = (0, [], 0)
        var published: Int64 = 0
        for _ in 0..<10 {
            for _ in 0..<burst {
                published += 1
                feed.publish(notice(published))
            }
            while place < feed.last {
                let portion: DecisionFeed.Portion = feed.portion(after: place)
                missed += portion.missed
                heard += portion.items.map(\.number)
                place = portion.items.last?.number ?? place + portion.missed
                #expect(portion.items.first.map { $0.number > place - Int64(portion.items.count) } ?? true)
                // What is said to be numbered so is that decision.
                for item in portion.items { #expect(item.json.contains("\"track\":\(item.number)}") || item.json.contains("\"track\":\(item.number),")) }
            }
        }
        #expect(heard == heard.sorted() && Set(heard).count == heard.count)
        #expect(Int64(heard.count) + missed == published && feed.last == published)
        #expect(burst > 25 ? missed > 0 : missed == 0)
        #expect(feed.portion(after: published).items.isEmpty && feed.portion(after: published).missed == 0)
    }

    @Test("only so many follow; one who leaves makes room")
    func followers() throws {
        let feed = DecisionFeed(mostFollowers: 2)
        let first: News = try feed.follow()
        do {
            let second: News = try feed.follow()
            #expect(throws: Problem.self) { try feed.follow() }
            withExtendedLifetime(second) {}
        }
        _ = try feed.follow()
        withExtendedLifetime(first) {}
    }

    @Test("a decision is told without a template, a picture or the numbers of either")
    func nothingElse() throws {
        let face = FaceResult(
            box: FaceArea(x: 1, y: 2, width: 3, height: 4), outcome: .match,
            person: try #require(PersonID(rawValue: "per_" + String(repeating: "0", count: 32))),
            score: 0.7, threshold: 0.47, falseMatchRate: 1e-5, model: "m",
            quality: QualityResult(eyeDistance: 60, sharpness: 0.1, yaw: 0, pitch: 0, roll: 0, brightness: 0.5), refusals: [], entry: 7)
        let json = try JSON.text(DecisionNotice(face, source: "door.jpg", label: "Ada", at: Timestamp(milliseconds: 0)))
        let known: Set<String> = [
            "kind", "time", "source", "api", "outcome", "person", "label", "score", "threshold", "falseMatchRate", "model", "entry", "box", "quality",
        ]
        let value = try JSON.value([String: Anything].self, from: json)
        #expect(Set(value.keys) == known)
    }

    private struct Anything: Decodable {}
}
