/// One of the driver's buffers, out with a frame. Dropping the last reference gives it back to the driver.
final class FrameLease: Sendable {
    private let buffers: CaptureBuffers
    private let index: Int
    private let count: Int

    /// - Parameter count: bytes of the frame.
    init(_ buffers: CaptureBuffers, index: Int, count: Int) {
        self.buffers = buffers
        self.index = index
        self.count = count
    }

    deinit { buffers.giveBack(index) }

    func withBytes<Answer, Failure: Error>(_ body: (UnsafeRawBufferPointer) throws(Failure) -> Answer) throws(Failure) -> Answer {
        try body(UnsafeRawBufferPointer(rebasing: buffers.memory(index)[0..<count]))
    }
}
