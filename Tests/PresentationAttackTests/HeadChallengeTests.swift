import PresentationAttack
import Testing

@Suite("A head is turned as asked")
struct HeadChallengeTests {
    /// Plays poses ten times a second.
    private struct Player {
        var challenge: HeadChallenge
        private(set) var time: ContinuousClock.Instant = .now

        init(_ prompts: [HeadChallenge.Prompt], yaw: Double = 0, pitch: Double = 0) {
            challenge = HeadChallenge(prompts, yaw: yaw, pitch: pitch, at: time, term: .seconds(5))
        }

        mutating func hold(yaw: Double = 0, pitch: Double = 0, looks: Int = 3, isSame: Bool? = true) {
            for _ in 0..<looks {
                time += .milliseconds(100)
                challenge.saw(yaw: yaw, pitch: pitch, isSame: challenge.wantsWitness(yaw: yaw, pitch: pitch) ? isSame : nil, at: time)
            }
        }
    }

    @Test("turns as asked pass, with the head straight between them; each step tells what is asked now")
    func passes() {
        var player = Player([.left, .up, .left])
        player.hold(looks: 8)
        let request: HeadChallenge.Request? = player.challenge.request(at: player.time)
        #expect(request?.prompt == .left && request?.step == 1 && request?.steps == 3 && request?.left == .milliseconds(4_200))
        player.hold(yaw: 24)
        #expect(player.challenge.request(at: player.time)?.prompt == nil && player.challenge.result == nil)
        player.hold()
        #expect(player.challenge.request(at: player.time)?.prompt == .up && player.challenge.request(at: player.time)?.step == 2)
        player.hold(yaw: 3, pitch: 18)
        player.hold()
        player.hold(yaw: 22, pitch: 4)
        #expect(player.challenge.result == .passed && player.challenge.request(at: player.time) == nil)
    }

    @Test("the last step does not count before the first, nor one turn for two steps")
    func holding() {
        var player = Player([.left, .left])
        player.hold(yaw: 25, looks: 30)
        #expect(player.challenge.result == nil)
    }

    @Test("a turn to the other side fails", arguments: [(HeadChallenge.Prompt.left, -25.0, 0.0), (.right, 25, 0), (.up, 25, 2), (.left, 0, 18)])
    func otherwise(prompt: HeadChallenge.Prompt, yaw: Double, pitch: Double) {
        var player = Player([prompt, prompt])
        player.hold(yaw: yaw, pitch: pitch)
        #expect(player.challenge.result == .failed(.otherwise))
    }

    @Test("one look alone is neither a turn nor a fault: a landmark may jump")
    func jump() {
        var player = Player([.left])
        for _ in 0..<3 {
            player.hold(yaw: -30, looks: 1)
            player.hold(looks: 2)
            player.hold(yaw: 30, looks: 1)
            player.hold(looks: 2)
        }
        #expect(player.challenge.result == nil)
    }

    @Test("whoever does nothing in time, or leaves, has not done it")
    func notDone() {
        var player = Player([.left])
        player.hold(yaw: 5, looks: 60)
        #expect(player.challenge.result == .notDone)
        var gone = Player([.left])
        gone.challenge.left()
        #expect(gone.challenge.result == .notDone)
        var late = Player([.left])
        late.challenge.waited(until: late.time + .seconds(4))
        #expect(late.challenge.result == nil)
        late.challenge.waited(until: late.time + .seconds(5))
        #expect(late.challenge.result == .notDone)
    }

    @Test("another's face that turns fails, and a turn without a template to witness it does not count")
    func witnesses() {
        var player = Player([.left])
        player.hold(yaw: 25, isSame: nil)
        #expect(player.challenge.result == nil)
        player.hold(yaw: 25, isSame: false)
        #expect(player.challenge.result == .failed(.anotherFace))
    }

    @Test("turning is measured from where the head was")
    func offset() {
        var player = Player([.left], yaw: 9)
        player.hold(yaw: 22)
        #expect(player.challenge.result == nil)
        player.hold(yaw: 30)
        #expect(player.challenge.result == .passed)
    }

    @Test("what is asked is drawn at random, every prompt in every step")
    func drawn() {
        var random = SystemRandomNumberGenerator()
        let drawn = (0..<2_000).map { _ in HeadChallenge.draw(using: &random) }
        #expect(Set(drawn).count == 9 && drawn.allSatisfy { $0.count == HeadChallenge.standardSteps })
    }
}
