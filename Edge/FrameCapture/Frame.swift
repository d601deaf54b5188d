import FacePipeline

/// One picture on its way to the pipeline.
package struct Frame: Sendable {
    /// How the bytes are to be read.
    package enum Form: Hashable, Sendable {
        /// JPEG or PNG, as it came.
        case encoded
        /// Pixels as a camera gives them.
        case raw(RawLayout)
    }

    private enum Storage: Sendable {
        case memory([UInt8])
        case lease(FrameLease)
    }

    private let storage: Storage
    package let form: Form
    /// Where it came from, for the person at the terminal: a path, or `frame 12`. Never journaled.
    package let name: String
    /// Names this very content at this very place, so that an interrupted run does not meter it twice; `nil` for
    /// frames of a stream, which never come back.
    package let fingerprint: [UInt8]?
    /// When it was there to be looked at: what a decision's latency is counted from.
    package let arrived: ContinuousClock.Instant
    /// Frames of one number came without a gap between them; with another number begins what came after one (``GapWatch``).
    package let stretch: Int

    package init(
        bytes: [UInt8], form: Form = .encoded, name: String, fingerprint: [UInt8]?, arrived: ContinuousClock.Instant = .now, stretch: Int = 0
    ) {
        storage = .memory(bytes)
        self.form = form
        self.name = name
        self.fingerprint = fingerprint
        self.arrived = arrived
        self.stretch = stretch
    }

    /// A frame that stays in the driver's buffer; the buffer goes back when the last copy of this frame is dropped.
    init(lease: FrameLease, form: Form, name: String, arrived: ContinuousClock.Instant, stretch: Int) {
        storage = .lease(lease)
        self.form = form
        self.name = name
        fingerprint = nil
        self.arrived = arrived
        self.stretch = stretch
    }

    /// The bytes where they lie, valid for the call alone.
    package func withBytes<Answer, Failure: Error>(_ body: (UnsafeRawBufferPointer) throws(Failure) -> Answer) throws(Failure) -> Answer {
        switch storage {
        case .memory(let bytes):
            try bytes.withUnsafeBufferPointer { (buffer) throws(Failure) in try body(UnsafeRawBufferPointer(buffer)) }
        case .lease(let lease): try lease.withBytes(body)
        }
    }

    /// The same frame, holding no buffer of a driver's.
    package var detached: Frame {
        switch storage {
        case .memory: self
        case .lease: Frame(bytes: bytes, form: form, name: name, fingerprint: fingerprint, arrived: arrived)
        }
    }

    /// A copy of the bytes, where they are a camera's.
    package var bytes: [UInt8] {
        switch storage {
        case .memory(let bytes): bytes
        case .lease(let lease): lease.withBytes { Array($0) }
        }
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
