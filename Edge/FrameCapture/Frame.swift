/// One encoded picture on its way to the pipeline.
package struct Frame: Sendable {
    /// JPEG or PNG, as it came.
    package let bytes: [UInt8]
    /// Where it came from, for the person at the terminal: a path, or `frame 12`. Never journaled.
    package let name: String
    /// Names this very content at this very place, so that an interrupted run does not meter it twice; `nil` for
    /// frames of a stream, which never come back.
    package let fingerprint: [UInt8]?
    /// When it was there to be looked at.
    package let arrived: ContinuousClock.Instant

    package init(bytes: [UInt8], name: String, fingerprint: [UInt8]?, arrived: ContinuousClock.Instant = .now) {
        self.bytes = bytes
        self.name = name
        self.fingerprint = fingerprint
        self.arrived = arrived
    }
}

/// What a source has to offer next.
package enum SourceItem: Sendable {
    case frame(Frame)
    /// One item could not be read; the source goes on.
    case unreadable(name: String, reason: SourceFault)
}

/// Why one item of a source could not be read.
package enum SourceFault: Error, Sendable, Equatable {
    case missing
    case notAFile
    case tooLarge(bytes: Int, limit: Int)
    case system(errno: CInt)
    /// A stream that ends, or goes on, without a whole JPEG.
    case notAStream
}
