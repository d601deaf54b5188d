import Foundation

/// Whether suites run their full counts, as `deploy/test --full` wants, or a tenth.
package enum FullTests {
    package static let isOn: Bool = ProcessInfo.processInfo.environment["VULTUS_FULL_TESTS"] != nil

    /// `full`, or a tenth of it.
    package static func count(_ full: Int) -> Int { isOn ? full : full / 10 }
}
