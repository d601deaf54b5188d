import Glibc
import ServiceLifecycle
import ServiceSupport
import WireModel

/// How the program that a running agent starts at decisions fares, as the agent's other commands read it.
package struct HookReport: Sendable, Codable {
    package let process: Int32
    package let program: String
    package let counters: DecisionHook.Counters

    private static func path(in directory: String) -> String { directory + "/hook.json" }

    /// - Returns: `nil` when no agent of that directory has a program to start now.
    package static func read(in directory: String) -> HookReport? {
        guard let bytes = try? PrivateFiles.read(path(in: directory)), let report = try? JSON.value(HookReport.self, from: bytes) else { return nil }
        // A process of another user is there as well.
        return kill(report.process, 0) == 0 || errno == EPERM ? report : nil
    }

    func write(in directory: String) throws { try PrivateFiles.write(JSON.bytes(self), to: Self.path(in: directory), isDurable: false) }

    static func remove(in directory: String) { PrivateFiles.remove(path(in: directory)) }
}

/// Writes down how the program fares while the agent runs.
package struct HookReportService: Service {
    private static let interval: Duration = .seconds(1)

    private let hook: DecisionHook
    private let directory: String

    package init(hook: DecisionHook, directory: String) {
        self.hook = hook
        self.directory = directory
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var written: DecisionHook.Counters?
            while !Task.isCancelled {
                let counters: DecisionHook.Counters = hook.counters
                // A full disk is told of by what needs it more.
                if counters != written { try? HookReport(process: getpid(), program: hook.path, counters: counters).write(in: directory) }
                written = counters
                do { try await Task.sleep(for: Self.interval) } catch { break }
            }
        }
        HookReport.remove(in: directory)
    }
}
