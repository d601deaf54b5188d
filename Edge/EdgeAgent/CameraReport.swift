import FrameCapture
import Glibc
import ServiceLifecycle
import WireModel

/// How the cameras of a running agent are, as its other commands read it.
package struct CameraReport: AgentReport {
    package static let fileName: String = "cameras.json"

    package struct Line: Sendable, Codable {
        /// As `--camera` names it.
        package let name: String
        /// Absent while it does not stream.
        package let path: String?
        package let card: String?
        package let mode: CaptureMode?
        /// Frames a second that came, lately.
        package let rate: Double?
        package let counters: CameraCounters
        /// Why it does not stream, while it does not.
        package let problem: Problem?

        package init(_ condition: CameraCondition) {
            (name, path, card, mode, rate, counters) =
                (condition.name, condition.path, condition.card, condition.mode, condition.rate, condition.counters)
            problem = condition.fault.map { Problem($0) }
        }
    }

    package let process: Int32
    package let cameras: [Line]
}

/// Writes down how the cameras are while the agent runs.
package struct CameraReportService: Service {
    private static let interval: Duration = .seconds(2)

    private let cameras: [Camera]
    private let directory: String

    package init(cameras: [Camera], directory: String) {
        self.cameras = cameras
        self.directory = directory
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                // A full disk is told of by what needs it more.
                try? CameraReport(process: getpid(), cameras: cameras.map { CameraReport.Line($0.condition) }).write(in: directory)
                do { try await Task.sleep(for: Self.interval) } catch { break }
            }
        }
        CameraReport.remove(in: directory)
    }
}
