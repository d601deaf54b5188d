import Glibc

/// Reads a stream of JPEGs from a file descriptor, such as standard input behind a camera program.
package struct JPEGStream: Sendable {
    private let descriptor: CInt
    private let limit: Int
    private let now: @Sendable () -> ContinuousClock.Instant

    /// - Parameters:
    ///   - descriptor: stays open and the caller's.
    ///   - limit: bytes of one picture.
    ///   - now: when a picture has come.
    package init(descriptor: CInt, limit: Int, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.descriptor = descriptor
        self.limit = limit
        self.now = now
    }

    /// Calls `body` for each picture until the stream ends or `body` returns false. Blocks the calling thread.
    /// - Throws: `.system`; `.notAStream` when the stream ended inside a picture, or held none at all.
    package func forEachFrame(_ body: (Frame) -> Bool) throws(SourceFault) {
        var (splitter, gaps) = (JPEGSplitter(limit: limit), GapWatch())
        var chunk = [UInt8](repeating: 0, count: 256 * 1024)
        var number: Int = 0
        while true {
            let count: Int = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .system(errno: errno) }
            guard count > 0 else { break }
            for picture in splitter.append(chunk[0..<count]) {
                number += 1
                let arrived: ContinuousClock.Instant = now()
                let stretch: Int = gaps.came(at: arrived)
                guard body(Frame(bytes: picture, name: "frame \(number)", fingerprint: nil, arrived: arrived, stretch: stretch)) else { return }
            }
        }
        guard number > 0, splitter.pending == 0 else { throw .notAStream }
    }

    /// The stream as it is live: read on a thread of its own, and only the newest frame waits, so that a slow consumer
    /// sees the present and never grows a queue.
    package func newest() -> AsyncStream<SourceItem> {
        let (stream, continuation) = AsyncStream.makeStream(of: SourceItem.self, bufferingPolicy: .bufferingNewest(1))
        SourceThread.start {
            do throws(SourceFault) {
                try forEachFrame { frame in
                    if case .terminated = continuation.yield(.frame(frame)) { return false }
                    return true
                }
            } catch {
                continuation.yield(.unreadable(name: "standard input", reason: error))
            }
            continuation.finish()
        }
        return stream
    }

    /// The stream as a recording: no frame is dropped, the writer waits, and frames are a rate's interval apart, however fast they come.
    /// - Parameter rate: frames a second, above 0.
    package func recorded(rate: Double) -> AsyncStream<SourceItem> {
        let (stream, continuation) = AsyncStream.makeStream(of: SourceItem.self, bufferingPolicy: .bufferingOldest(4))
        SourceThread.start {
            let start: ContinuousClock.Instant = now()
            var number: Int = 0
            /// - Returns: false when nobody reads any more.
            func offer(_ item: SourceItem) -> Bool {
                while true {
                    switch continuation.yield(item) {
                    case .enqueued: return true
                    // No room: the reader has not come so far.
                    case .dropped: usleep(1_000)
                    default: return false
                    }
                }
            }
            do throws(SourceFault) {
                try forEachFrame { frame in
                    number += 1
                    let time: ContinuousClock.Instant = start + .seconds(Double(number) / rate)
                    return offer(.frame(Frame(bytes: frame.bytes, name: frame.name, fingerprint: nil, arrived: time)))
                }
            } catch {
                _ = offer(.unreadable(name: "standard input", reason: error))
            }
            continuation.finish()
        }
        return stream
    }
}
