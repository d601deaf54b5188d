import Glibc

/// Reads a stream of JPEGs from a file descriptor, such as standard input behind a camera program.
package struct JPEGStream: Sendable {
    private let descriptor: CInt
    private let limit: Int

    /// - Parameters:
    ///   - descriptor: stays open and the caller's.
    ///   - limit: bytes of one picture.
    package init(descriptor: CInt, limit: Int) {
        self.descriptor = descriptor
        self.limit = limit
    }

    /// Calls `body` for each picture until the stream ends or `body` returns false. Blocks the calling thread.
    /// - Throws: `.system`; `.notAStream` when the stream ended inside a picture, or held none at all.
    package func forEachFrame(_ body: (Frame) -> Bool) throws(SourceFault) {
        var splitter = JPEGSplitter(limit: limit)
        var chunk = [UInt8](repeating: 0, count: 256 * 1024)
        var number: Int = 0
        while true {
            let count: Int = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .system(errno: errno) }
            guard count > 0 else { break }
            for picture in splitter.append(chunk[0..<count]) {
                number += 1
                guard body(Frame(bytes: picture, name: "frame \(number)", fingerprint: nil)) else { return }
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
}
