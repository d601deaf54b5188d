import Crypto
import EdgeUpdate
import Foundation
import ReleaseFiles
import TestKit
import Testing
import WireModel

@Suite("Which releases a device takes")
struct UpdateFolderTests {
    private let device: UpdatedDevice
    private let folder: UpdateFolder
    private let now = Timestamp(milliseconds: 5_000)

    init() throws {
        device = try UpdatedDevice(.forward, works: true)
        folder = UpdateFolder(device.root, disk: QuickDisk())
    }

    private func code(_ made: ReleaseWorkshop.Made) -> ProblemCode? {
        do {
            _ = try folder.begin(made.signed, at: now)
            return nil
        } catch { return (error as? Problem)?.code }
    }

    @Test("only those of a key that is trusted here, whole as signed; and none any more of a key that is not")
    func trust() throws {
        #expect(code(device.new) == nil)
        #expect(code(try device.workshop.make(.agent, "2.0.0", by: Curve25519.Signing.PrivateKey())) == .releaseUntrusted)
        let altered = SignedRelease(
            payload: device.new.signed.payload.replacing("2.0.0", with: "2.0.1"), signature: device.new.signed.signature, key: device.new.signed.key)
        #expect(code(ReleaseWorkshop.Made(signed: altered, files: [:])) == .releaseUntrusted)
        try folder.distrust(device.workshop.key.fingerprint)
        #expect(code(device.new) == .releaseUntrusted)
    }

    @Test("not one of another platform, one that ended, the same again, one that needs another before it, or an older one unless it says so")
    func suits() throws {
        let workshop: ReleaseWorkshop = device.workshop
        #expect(code(try workshop.make(.agent, "2.0.0", platform: "linux-other")) == .releaseUnsuitable)
        #expect(code(try workshop.make(.agent, "2.0.0", platform: ReleaseManifest.anyPlatform)) == .releaseUnsuitable)
        #expect(code(try workshop.make(.models, "2.0.0", platform: ReleaseManifest.anyPlatform)) == nil)
        #expect(code(try workshop.make(.agent, "2.0.0", expires: now)) == .releaseUnsuitable)
        #expect(code(try workshop.make(.agent, "1.0.0")) == .releaseUnsuitable)
        #expect(code(try workshop.make(.agent, "3.0.0", minimum: "1.5.0")) == .releaseUnsuitable)
        #expect(code(try workshop.make(.agent, "3.0.0", minimum: "1.0.0")) == nil)
        #expect(code(try workshop.make(.agent, "0.9.0")) == .releaseUnsuitable)
        #expect(code(try workshop.make(.agent, "0.9.0", allowsDowngrade: true)) == nil)
        #expect(code(try workshop.make(.agent, "1.10.0")) == nil)
    }

    @Test(
        "nor one whose files would lie elsewhere, or stand twice",
        arguments: ["../bin/x", "/etc/x", "a//b", "a/../b", ".ssh/x", "release.json", "a b", "bin/VULTUS-edge", "bin/vultus-edge/x"])
    func paths(_ path: String) throws {
        let files: [String: [UInt8]] = [ReleaseManifest.program: [1], path: [2]]
        #expect(code(try device.workshop.make(.agent, "2.0.0", files: files)) == .releaseUnsuitable)
        #expect(code(try device.workshop.make(.agent, "2.0.0", files: ["bin/other": [1]])) == .releaseUnsuitable)
    }

    @Test("three starts that come to nothing bring back what ran, and the reason is told; a start that was ended from outside does not count")
    func attempts() throws {
        let broken = try UpdatedDevice(.forward, works: false)
        let folder = UpdateFolder(broken.root, disk: QuickDisk())
        try broken.agent(QuickDisk())
        let first: Start = try folder.next()
        try folder.giveBack(try #require(first.trial))
        let starts: [Start] = try broken.launcher(QuickDisk())
        #expect(starts.map { $0.trial?.attempts } == [1, 2, 3, nil])
        #expect(starts.last?.program == folder.place(.agent, try #require(broken.before)) + "/bin/vultus-edge")
        let report: UpdateReport = try folder.reports()[0]
        #expect(
            report.state == .rolledBack && report.reason == "it ended with exit code 1" && report.version == broken.before && report.rollout == broken.rollout)
        // It is not tried again for the same rollout.
        try broken.agent(QuickDisk())
        #expect(try folder.trial() == nil)
    }

    @Test("what the disk has damaged since does not run: what ran before does, and then what was installed")
    func damaged() throws {
        try device.agent(QuickDisk())
        try device.launcher(QuickDisk())
        #expect(folder.current(.agent) == device.after)
        try folder.want([])
        try Data("other".utf8).write(to: URL(filePath: folder.place(.agent, device.after!) + "/bin/vultus-edge"))
        #expect(try folder.next().program == folder.place(.agent, device.before!) + "/bin/vultus-edge")
        #expect(try folder.reports()[0].reason?.contains("damaged on the disk") == true)
        try FileManager.default.removeItem(atPath: folder.place(.agent, device.before!) + "/share/notes.txt")
        #expect(try folder.next().program == nil)
    }

    @Test("health of another start, or of another release, does not count")
    func health() throws {
        try device.agent(QuickDisk())
        let first: Start = try folder.next()
        let second: Start = try folder.next()
        #expect(first.trial?.mark != second.trial?.mark)
        try folder.note(try #require(first.trial), "late words")
        #expect(try folder.trial()?.reason == nil)
    }

    @Test("of what ran before, one is kept, and the rest is gone")
    func cleaned() throws {
        try device.agent(QuickDisk())
        try device.launcher(QuickDisk())
        let third = try device.workshop.make(.agent, "3.0.0")
        let incoming: IncomingRelease = try folder.begin(third.signed, at: now)
        for (path, bytes) in third.files { try folder.append(bytes, to: try #require(try third.manifest.files.first { $0.path == path }), of: incoming, at: 0) }
        try folder.finish(incoming)
        try folder.mark(.agent, to: try third.manifest.version, rollout: nil)
        try folder.confirm(try #require(try folder.next().trial))
        _ = try folder.next()
        #expect(try FileManager.default.contentsOfDirectory(atPath: device.root + "/agent").sorted() == ["2.0.0", "3.0.0"])
    }
}
