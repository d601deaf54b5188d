import Dispatch

/// A thread for a source that blocks in `read(2)`, away from Swift's shared pool. It ends with its source, or with the process.
enum SourceThread {
    static func start(_ body: @escaping @Sendable () -> Void) {
        DispatchQueue(label: "vultus.source").async(execute: body)
    }
}
