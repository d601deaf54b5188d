import EdgeUpdate
import Foundation
import Testing

@testable import EdgeAgent

@Suite("Who has started an agent")
struct LaunchSituationTests {
    private func situation(launcher: pid_t) -> LaunchSituation {
        LaunchSituation(environment: [
            Launcher.Variable.launcher: "\(launcher)", Launcher.Variable.updates: "/nowhere/updates", Launcher.Variable.trial: "mark",
        ])
    }

    @Test("its parent is its launcher; one that was killed before it could look has left it alone; one that is not its parent has started somebody else")
    func launchers() throws {
        let launched: LaunchSituation = situation(launcher: getppid())
        #expect(launched.folder != nil && launched.trial == "mark" && !launched.isOrphaned)
        // Ended, and asked for: there is no such process. And ended, and not asked for: a child of a shell that does not look.
        let gone = Process()
        gone.executableURL = URL(filePath: "/bin/true")
        try gone.run()
        gone.waitUntilExit()
        let left: LaunchSituation = situation(launcher: gone.processIdentifier)
        #expect(left.folder != nil && left.trial == nil && left.isOrphaned)
        let other: LaunchSituation = situation(launcher: getpid())
        #expect(other.folder == nil && other.trial == nil && !other.isOrphaned)
        #expect(LaunchSituation(environment: [:]).folder == nil)
    }

    @Test(
        "a process that has ended and that nobody has asked for does not run", arguments: [("S", true), ("R", true), ("D", true), ("Z", false), ("X", false)])
    func states(state: String, isRunning: Bool) throws {
        let root: String = FileManager.default.temporaryDirectory.path + "/vultus-machine-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: root + "/proc/7", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: root) }
        try Data("7 (a name) Z (with) it) \(state) 1 7 7 0 -1".utf8).write(to: URL(filePath: root + "/proc/7/stat"))
        #expect(Machine(root: root).isRunning(7) == isRunning)
        #expect(!Machine(root: root).isRunning(8))
    }
}
