import CV4L2
import Glibc
import Synchronization

/// A driver's buffers, mapped, and the node they belong to. They outlive the stream as long as a frame is out in one of them:
/// the mapping keeps the memory even after the camera is unplugged.
///
/// `@unchecked Sendable`: the node and the count of what is out are behind the lock; the mappings never change until `deinit`.
final class CaptureBuffers: @unchecked Sendable {
    /// A driver's buffer that has been filled.
    struct Filled {
        let index: Int
        let count: Int
        let sequence: UInt32
        let isDamaged: Bool
    }

    private struct Held: ~Copyable {
        var node: VideoNode?
        var out: Int = 0
    }

    /// One with the consumer, one waiting for it, one just taken from the driver, one that the driver fills.
    static let wanted: Int = 4

    private let path: String
    private let held: Mutex<Held>
    private let mappings: [UnsafeRawBufferPointer]
    /// So many may be out: the driver must have one to fill.
    private var allowed: Int { mappings.count - 1 }

    /// Asks for buffers, maps them and hands them to the driver.
    /// - Throws: `.busy`, `.disconnected`, `.driver`.
    init(_ node: consuming VideoNode) throws(CameraFault) {
        path = node.path
        var request = v4l2_requestbuffers()
        request.count = UInt32(Self.wanted)
        request.type = V4L2_BUF_TYPE_VIDEO_CAPTURE.rawValue
        request.memory = V4L2_MEMORY_MMAP.rawValue
        try node.call(VULTUS_REQBUFS, "VIDIOC_REQBUFS", &request)
        var mapped: [UnsafeRawBufferPointer] = []
        let fault: CameraFault? = Self.map(node, count: request.count, into: &mapped)
        mappings = mapped
        held = Mutex(Held(node: consume node))
        if let fault { throw fault }
        guard mappings.count > 1 else { throw .driver(path: path, call: "VIDIOC_REQBUFS", errno: ENOMEM) }
    }

    deinit {
        for mapping in mappings { v4l2_munmap(UnsafeMutableRawPointer(mutating: mapping.baseAddress), mapping.count) }
    }

    private static func map(_ node: borrowing VideoNode, count: UInt32, into mapped: inout [UnsafeRawBufferPointer]) -> CameraFault? {
        do throws(CameraFault) {
            for index in 0..<count {
                var buffer: v4l2_buffer = Self.buffer(Int(index))
                try node.call(VULTUS_QUERYBUF, "VIDIOC_QUERYBUF", &buffer)
                guard let start = vultus_v4l2_map(node.descriptor, Int(buffer.length), Int(buffer.m.offset)) else {
                    return VideoNode.fault(node.path, "mmap", errno)
                }
                mapped.append(UnsafeRawBufferPointer(start: start, count: Int(buffer.length)))
                try node.call(VULTUS_QBUF, "VIDIOC_QBUF", &buffer)
            }
            return nil
        } catch {
            return error
        }
    }

    private static func buffer(_ index: Int) -> v4l2_buffer {
        var buffer = v4l2_buffer()
        buffer.index = UInt32(index)
        buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE.rawValue
        buffer.memory = V4L2_MEMORY_MMAP.rawValue
        return buffer
    }

    func memory(_ index: Int) -> UnsafeRawBufferPointer { mappings[index] }

    /// - Throws: `.noBandwidth`, `.disconnected`, `.driver`.
    func start() throws(CameraFault) { try onNode { (node) throws(CameraFault) in try Self.toggle(node, VULTUS_STREAMON, "VIDIOC_STREAMON") } }

    /// Ends the stream, lets go of the camera and closes the node. Frames that are out keep their memory, and keep nobody from the
    /// camera: not another program, nor this one, which begins anew while a frame of the former stream is still looked at.
    func end() {
        held.withLock { held in
            guard let node = held.node.take() else { return }
            try? Self.toggle(node, VULTUS_STREAMOFF, "VIDIOC_STREAMOFF")
            // Declined by a camera that is gone, which nobody can want.
            _ = vultus_v4l2_let_go(node.descriptor)
        }
    }

    private static func toggle(_ node: borrowing VideoNode, _ request: UInt, _ name: String) throws(CameraFault) {
        var type: UInt32 = V4L2_BUF_TYPE_VIDEO_CAPTURE.rawValue
        try node.call(request, name, &type)
    }

    /// What `body` does with the node while it is open.
    func onNode<Answer>(_ body: (borrowing VideoNode) throws(CameraFault) -> Answer) throws(CameraFault) -> Answer {
        let path: String = path
        return try held.withLock { (held) throws(CameraFault) in
            guard held.node != nil else { throw .disconnected(path: path) }
            return try body(held.node!)
        }
    }

    /// The next filled buffer, or `nil` when there is none yet.
    /// - Throws: `.disconnected`, `.driver`.
    func take() throws(CameraFault) -> Filled? {
        let path: String = path
        return try held.withLock { (held) throws(CameraFault) in
            guard held.node != nil else { throw .disconnected(path: path) }
            var buffer: v4l2_buffer = Self.buffer(0)
            guard held.node!.attempt(VULTUS_DQBUF, &buffer) else {
                if errno == EAGAIN { return nil }
                throw VideoNode.fault(path, "VIDIOC_DQBUF", errno)
            }
            held.out += 1
            return Filled(
                index: Int(buffer.index), count: min(Int(buffer.bytesused), mappings[Int(buffer.index)].count), sequence: buffer.sequence,
                isDamaged: buffer.flags & UInt32(V4L2_BUF_FLAG_ERROR) != 0)
        }
    }

    /// Whether one more frame may be out besides those that are.
    var mayLend: Bool { held.withLock { $0.out <= allowed } }

    /// Called from wherever the last reference to a frame is dropped.
    func giveBack(_ index: Int) {
        held.withLock { held in
            held.out -= 1
            // The driver declines only when the camera is gone: the thread that waits for frames meets that too.
            var buffer: v4l2_buffer = Self.buffer(index)
            _ = held.node?.attempt(VULTUS_QBUF, &buffer)
        }
    }
}
