import Glibc
import ServiceSupport
import WireModel

/// What a running agent writes down for its other commands to read, in a file of the device's directory.
package protocol AgentReport: Codable, Sendable {
    static var fileName: String { get }
    /// The agent's.
    var process: Int32 { get }
}

extension AgentReport {
    private static func path(in directory: String) -> String { "\(directory)/\(fileName)" }

    /// - Returns: `nil` when no agent of that directory writes this now.
    package static func read(in directory: String) -> Self? {
        guard let bytes = try? PrivateFiles.read(path(in: directory)), let report = try? JSON.value(Self.self, from: bytes) else { return nil }
        // A process of another user is there as well.
        return kill(report.process, 0) == 0 || errno == EPERM ? report : nil
    }

    func write(in directory: String) throws { try PrivateFiles.write(JSON.bytes(self), to: Self.path(in: directory), isDurable: false) }

    static func remove(in directory: String) { PrivateFiles.remove(path(in: directory)) }
}
