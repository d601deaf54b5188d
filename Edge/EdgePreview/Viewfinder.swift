import EdgeAgent
import FacePipeline
import FrameCapture
import ServiceSupport

/// Makes JPEGs of the newest frames, for as many as look, once each. On a queue of its own: who looks never holds up recognition.
package actor Viewfinder {
    struct Shot: Sendable {
        let number: Int64
        let jpeg: [UInt8]
    }

    /// Pixels of the longer side.
    private static let longest: Int = 1_280

    private let executor = BlockingExecutor(label: "vultus.viewfinder")
    private let feed: LiveFeed
    private let reducer = PictureForEyes()
    private let encoder = JPEGEncoder()
    /// The newest of each source.
    private var shots: [String: Shot] = [:]

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    package init(feed: LiveFeed) { self.feed = feed }

    /// - Returns: the newest picture of a source; `nil` when there is none, or when it cannot be shown.
    func shot(of source: String) -> Shot? {
        guard let scene = feed.scene(of: source) else {
            shots[source] = nil
            return nil
        }
        if let known = shots[source], known.number == scene.number { return known }
        guard let jpeg = jpeg(scene.frame) else { return shots[source] }
        let shot = Shot(number: scene.number, jpeg: jpeg)
        shots[source] = shot
        return shot
    }

    private func jpeg(_ frame: Frame) -> [UInt8]? {
        let isReady: Bool = frame.withBytes { frame.form == .encoded && PictureForEyes.needsNothing($0, longest: Self.longest) }
        if isReady { return frame.bytes }
        return (try? frame.picture(reducer, within: Self.longest, Self.longest)).flatMap(encoder.encode)
    }
}

extension Frame {
    /// Small and upright.
    func picture(_ reducer: PictureForEyes, within width: Int, _ height: Int) throws(ImageError) -> PixelBuffer {
        try withBytes { (bytes) throws(ImageError) in
            switch form {
            case .encoded: try reducer.picture(bytes, as: nil, within: width, height)
            case .raw(let layout): try reducer.picture(bytes, as: layout, within: width, height)
            }
        }
    }
}
