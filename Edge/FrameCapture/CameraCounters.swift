/// What became of a camera's frames since the agent began to watch it.
package struct CameraCounters: Hashable, Sendable, Codable {
    /// Frames that came whole.
    package var frames: Int = 0
    /// Of those, not looked at because a newer one came first.
    package var superseded: Int = 0
    /// Frames the driver numbered and never gave: lost on the bus, or no buffer was free.
    package var lost: Int = 0
    /// Frames the driver marked as damaged, or that hold fewer bytes than their size needs.
    package var damaged: Int = 0
    /// Times that no frame came for as long as is waited for one.
    package var timeouts: Int = 0
    /// Times that streaming was begun anew because of time-outs or of the driver's faults.
    package var restarts: Int = 0
    /// Times that the camera was gone.
    package var disconnections: Int = 0

    package init() {}
}

/// Counts what a driver's sequence numbers say is missing.
package struct SequenceWatch: Sendable {
    private var last: UInt32?

    package init() {}

    /// - Parameter sequence: of the frame that came; numbers go round after 2³².
    /// - Returns: frames missing between the last one and this one. A number that goes backwards is a driver's that began anew.
    package mutating func missing(before sequence: UInt32) -> Int {
        defer { last = sequence }
        guard let last else { return 0 }
        let step: UInt32 = sequence &- last
        return step == 0 || step > 1 << 31 ? 0 : Int(step) - 1
    }
}
