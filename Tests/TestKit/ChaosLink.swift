import CurlTransfer
import HubClient
import WireModel

/// A link that loses requests and answers, repeats requests, and lets them arrive late, each after or before the real hub did its
/// work: what a network, a proxy or a hub's crash can do to whole exchanges. Bytes are the chaos proxy's business.
package actor ChaosLink: HubLink {
    /// How often each happens, from 0 to 1; at most one of them to an exchange.
    package struct Chances: Sendable {
        /// The hub never hears of it.
        package var lostRequest: Double
        /// The hub has done its work, and the device never hears of it.
        package var lostAnswer: Double
        /// The hub gets the request 2 to 10 times, and the device one of the answers.
        package var duplicate: Double
        /// The device gives up; the hub gets the request up to `window` exchanges later, among others that overtook it.
        package var late: Double
        package var window: Int

        package init(lostRequest: Double = 0, lostAnswer: Double = 0, duplicate: Double = 0, late: Double = 0, window: Int = 100) {
            self.lostRequest = lostRequest
            self.lostAnswer = lostAnswer
            self.duplicate = duplicate
            self.late = late
            self.window = window
        }
    }

    /// What happened so far.
    package struct Counts: Sendable {
        package var exchanges: Int = 0
        package var lostRequests: Int = 0
        package var lostAnswers: Int = 0
        /// Copies beside the first.
        package var copies: Int = 0
        package var late: Int = 0
    }

    private let link: any HubLink
    private let chances: Chances
    private var random: SeededGenerator
    private var waiting: [(due: Int, request: SyncRequest)] = []
    package private(set) var counts = Counts()

    package init(_ link: any HubLink, seed: UInt64, chances: Chances) {
        self.link = link
        self.chances = chances
        random = SeededGenerator(seed: seed)
    }

    package var traffic: TransferTraffic { get async { await link.traffic } }

    package func sync(_ request: SyncRequest) async throws(HubClientError) -> SyncResponse {
        counts.exchanges += 1
        await deliver(dueBy: counts.exchanges)
        var fate = Double.random(in: 0..<1, using: &random)
        func isFate(_ chance: Double) -> Bool {
            fate -= chance
            return fate < 0
        }
        if isFate(chances.lostRequest) {
            counts.lostRequests += 1
            throw .timedOut(hub: "chaos")
        }
        if isFate(chances.lostAnswer) {
            counts.lostAnswers += 1
            _ = try await link.sync(request)
            throw .timedOut(hub: "chaos")
        }
        if isFate(chances.duplicate) {
            let copies = Int.random(in: 2...10, using: &random)
            counts.copies += copies - 1
            let chosen = Int.random(in: 0..<copies, using: &random)
            var answer: SyncResponse = try await link.sync(request)
            for copy in 1..<copies {
                let other: SyncResponse = try await link.sync(request)
                if copy == chosen { answer = other }
            }
            return answer
        }
        if isFate(chances.late) {
            counts.late += 1
            waiting.append((counts.exchanges + Int.random(in: 1...max(1, chances.window), using: &random), request))
            throw .timedOut(hub: "chaos")
        }
        return try await link.sync(request)
    }

    /// Everything still under way arrives, in an order of chance.
    package func settle() async { await deliver(dueBy: .max) }

    /// Nobody waits for the answers of what comes late.
    private func deliver(dueBy number: Int) async {
        let due: [SyncRequest] = waiting.filter { $0.due <= number }.map(\.request).shuffled(using: &random)
        waiting.removeAll { $0.due <= number }
        for request in due { _ = try? await link.sync(request) }
    }
}
