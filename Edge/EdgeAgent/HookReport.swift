import Glibc
import ServiceLifecycle
import WireModel

/// How the program that a running agent starts at decisions fares, as the agent's other commands read it.
package struct HookReport: AgentReport {
    package static let fileName: String = "hook.json"

    package let process: Int32
    package let program: String
    package let counters: DecisionHook.Counters
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
