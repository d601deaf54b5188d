import Foundation

/// Whether suites run their full counts, as `deploy/test --full` wants, or a tenth.
package enum FullTests {
    package static let isOn: Bool = ProcessInfo.processInfo.environment["VULTUS_FULL_TESTS"] != nil
}
