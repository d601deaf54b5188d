import Foundation
import TestKit
import Testing

@Suite("Updates at the command line")
struct UpdateCommandTests {
    @Test("a signed release comes to a running agent, is tried and stays; one that cannot start is rolled back by itself, and the hub knows why")
    func there() async throws {
        let site = try await UpdatedSite()
        try await site.publish("1.1.0")
        let good: String = try await site.rollOut("1.1.0")
        let outcome: Outcome = try await site.launched { _ in
            _ = try await site.wait(for: "confirmed", in: good)
            #expect(try await site.runs() == "1.1.0")
            try await site.publish("1.2.0", program: "exit 3")
            let bad: String = try await site.rollOut("1.2.0")
            let end = try await site.wait(for: "rolled_back", in: bad)
            #expect(end.reason.contains("exit code 3") && end.rollout == "paused")
            #expect(try await site.runs() == "1.1.0")
            // Whoever goes back runs what was installed, and says so.
            #expect(try await site.world.operate("rollout", "return", good).status == 0)
            _ = try await site.wait(for: "returned", in: good)
            #expect(try await site.runs() == nil)
        }
        #expect(outcome.errors.contains("launch: agent 1.1.0 works"), "\(outcome.errors)")
        #expect(outcome.errors.contains("runs again"))
    }

    @Test("models come the same way: they are tried on a picture, and what finds no face, or does not load, is rolled back")
    func models() async throws {
        let site = try await UpdatedSite()
        try await site.publishModels("1.0.0")
        let good: String = try await site.rollOut("1.0.0")
        let outcome: Outcome = try await site.launched(["VULTUS_ENGINE": "facenet"]) { _ in
            _ = try await site.wait(for: "confirmed", in: good)
            #expect(try await site.runs("models") == "1.0.0")
            try await site.publishModels("1.1.0", damaged: true)
            let end = try await site.wait(for: "rolled_back", in: try await site.rollOut("1.1.0"))
            #expect(end.reason.contains("face_recognition_sface"), "\(end.reason)")
            #expect(try await site.runs("models") == "1.0.0")
        }
        #expect(outcome.errors.contains("sface-2021dec finds 1 face in demo/obama.jpg"), "\(outcome.errors)")
    }

    @Test("what somebody else has signed is refused, and said to be; no key, no release")
    func untrusted() async throws {
        let site = try await UpdatedSite()
        let other: String = site.world.folder + "/other-key"
        #expect(try await site.world.operate("release", "keygen", other, data: false).status == 0)
        try await site.publish("1.1.0", by: other)
        let rollout: String = try await site.rollOut("1.1.0")
        _ = try await site.launched { _ in
            let end = try await site.wait(for: "refused", in: rollout)
            #expect(end.reason.contains("release_untrusted") && end.rollout == "paused")
            #expect(try await site.runs() == nil)
        }
        // Whoever has the hub has no key that devices trust: what it signs itself is not even published under the right one.
        let altered: String = site.world.folder + "/release-1.1.0"
        #expect(try await site.world.operate("release", "publish", altered, "--key", site.key + ".pub").code == "release_untrusted")
    }

    @Test("the launcher killed while something is tried, again and again: there is an agent after it, and the trial comes to its end")
    func killed() async throws {
        let site = try await UpdatedSite()
        try await site.publish("1.1.0")
        let rollout: String = try await site.rollOut("1.1.0")
        for _ in 0..<2 {
            let ended: Outcome = try await site.launched { process in
                for _ in 0..<300 where !FileManager.default.fileExists(atPath: site.world.folder + "/edge/updates/trial.json") {
                    try await Task.sleep(for: .milliseconds(20))
                }
                kill(process, SIGKILL)
            }
            #expect(ended.status == -9)
            // What was started by it ends by itself, or has: the next launcher starts its own.
        }
        _ = try await site.launched { _ in
            _ = try await site.wait(for: "confirmed", in: rollout)
            #expect(try await site.runs() == "1.1.0")
        }
    }
}
