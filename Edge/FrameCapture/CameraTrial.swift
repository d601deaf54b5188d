import FacePipeline

/// A short look through a camera, to say how it is.
package struct CameraTrial: Sendable {
    /// Frames that are looked at.
    package static let frames: Int = 12

    package let mode: CaptureMode
    /// Of the frames that could be read, in order.
    package let surveys: [PictureSurvey]
    /// Whether every frame had the very same bytes.
    package let isFrozen: Bool
    package let counters: CameraCounters
    /// Frames that came whole and could not be decoded.
    package let undecodable: Int

    package init(mode: CaptureMode, surveys: [PictureSurvey], isFrozen: Bool, counters: CameraCounters, undecodable: Int) {
        self.mode = mode
        self.surveys = surveys
        self.isFrozen = isFrozen
        self.counters = counters
        self.undecodable = undecodable
    }

    /// Opens the camera, takes frames and closes it again. Blocks for a second or so, at most for `patience` a frame.
    /// - Throws: why it gave none.
    package static func run(_ camera: CameraDevice, policy: CapturePolicy = CapturePolicy(), patience: Duration = .seconds(4)) throws(CameraFault)
        -> CameraTrial
    {
        let session = try CaptureSession(camera, policy: policy, controls: [])
        defer { session.end() }
        var (surveys, counters, undecodable): ([PictureSurvey], CameraCounters, Int) = ([], CameraCounters(), 0)
        var sequences = SequenceWatch()
        var (first, isFrozen): ([UInt8]?, Bool) = (nil, true)
        while counters.frames < frames, counters.damaged < frames {
            switch try session.next(milliseconds: Int32(patience / .milliseconds(1))) {
            case .nothing:
                // A camera that gave something before it fell silent is judged by that.
                guard counters.frames > 0 else { throw .timedOut(path: camera.path, seconds: patience / .seconds(1)) }
                counters.timeouts += 1
                return CameraTrial(mode: session.mode, surveys: surveys, isFrozen: false, counters: counters, undecodable: undecodable)
            case .damaged(let sequence):
                counters.damaged += 1
                counters.lost += sequences.missing(before: sequence)
            case .refused(let sequence): counters.lost += sequences.missing(before: sequence)
            case .frame(let lease, let sequence):
                counters.frames += 1
                counters.lost += sequences.missing(before: sequence)
                // The first frame after a change of format can be an old one.
                if counters.frames == 1 { continue }
                lease.withBytes { bytes in
                    if let first { isFrozen = isFrozen && first.elementsEqual(bytes) } else { first = Array(bytes) }
                    let layout: RawLayout? = if case .raw(let layout) = session.form { layout } else { nil }
                    do throws(ImageError) { surveys.append(try PictureSurvey.of(bytes, layout: layout)) } catch { undecodable += 1 }
                }
            }
        }
        return CameraTrial(mode: session.mode, surveys: surveys, isFrozen: isFrozen && first != nil, counters: counters, undecodable: undecodable)
    }
}
