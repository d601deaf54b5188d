import CV4L2
import FacePipeline
import Glibc

/// An open V4L2 node: the calls of the driver, with their faults. It closes when it is dropped.
struct VideoNode: ~Copyable {
    let path: String
    let descriptor: CInt

    /// - Throws: `.noPermission`, `.busy`, `.disconnected`, `.driver`.
    init(_ path: String) throws(CameraFault) {
        vultus_v4l2_quiet()
        self.path = path
        descriptor = vultus_v4l2_open(path)
        guard descriptor >= 0 else { throw Self.fault(path, "open", errno) }
    }

    deinit { v4l2_close(descriptor) }

    /// - Parameter name: of the call, as it is looked up in the kernel's documentation.
    func call<Argument>(_ request: UInt, _ name: String, _ argument: inout Argument) throws(CameraFault) {
        guard attempt(request, &argument) else { throw Self.fault(path, name, errno) }
    }

    /// - Returns: whether the driver did it; otherwise `errno` says why not.
    func attempt<Argument>(_ request: UInt, _ argument: inout Argument) -> Bool {
        withUnsafeMutablePointer(to: &argument) { vultus_v4l2_call(descriptor, request, $0) == 0 }
    }

    static func fault(_ path: String, _ call: String, _ code: CInt) -> CameraFault {
        switch code {
        case EACCES, EPERM: .noPermission(path: path, group: group(of: path))
        case EBUSY: .busy(path: path, holders: DeviceHolder.all(of: path).filter { $0.process != getpid() })
        case ENODEV, ENXIO, ENOENT: .disconnected(path: path)
        case ENOSPC: .noBandwidth(path: path)
        default: .driver(path: path, call: call, errno: code)
        }
    }

    /// The group that owns a node, by name.
    private static func group(of path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        var entry = group_entry()
        var found: UnsafeMutablePointer<group_entry>?
        var buffer = [CChar](repeating: 0, count: 4096)
        guard getgrgid_r(status.st_gid, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        return String(cString: entry.gr_name)
    }

    private typealias group_entry = Glibc.group

    /// What the node is; `nil` when it does not capture video (metadata, output, radio, memory-to-memory).
    func identity() throws(CameraFault) -> (card: String, driver: String, bus: String)? {
        var capability = v4l2_capability()
        try call(VULTUS_QUERYCAP, "VIDIOC_QUERYCAP", &capability)
        // One device may have several nodes: what this one can do is in device_caps, where the driver fills that in.
        let all: UInt32 = capability.capabilities & VULTUS_CAP_DEVICE_CAPS == 0 ? capability.capabilities : capability.device_caps
        guard all & UInt32(V4L2_CAP_VIDEO_CAPTURE) != 0, all & UInt32(V4L2_CAP_STREAMING) != 0 else { return nil }
        return (Self.text(capability.card), Self.text(capability.driver), Self.text(capability.bus_info))
    }

    /// Everything it offers, in the driver's order.
    func formats() -> [OfferedFormat] {
        var formats: [OfferedFormat] = []
        for index in UInt32(0)..<64 {
            var entry = v4l2_fmtdesc()
            entry.index = index
            entry.type = V4L2_BUF_TYPE_VIDEO_CAPTURE.rawValue
            guard attempt(VULTUS_ENUM_FMT, &entry) else { break }
            formats.append(OfferedFormat(code: FourCC(rawValue: entry.pixelformat), label: Self.text(entry.description), sizes: sizes(entry.pixelformat)))
        }
        return formats
    }

    private func sizes(_ format: UInt32) -> [OfferedSize] {
        var sizes: [OfferedSize] = []
        for index in UInt32(0)..<256 {
            var entry = v4l2_frmsizeenum()
            entry.index = index
            entry.pixel_format = format
            guard attempt(VULTUS_ENUM_FRAMESIZES, &entry) else { break }
            guard entry.type == V4L2_FRMSIZE_TYPE_DISCRETE.rawValue else {
                let range: v4l2_frmsize_stepwise = entry.stepwise
                let most = PictureSize(width: Int(range.max_width), height: Int(range.max_height))
                sizes.append(
                    .stepwise(
                        least: PictureSize(width: Int(range.min_width), height: Int(range.min_height)), most: most, stepWidth: max(1, Int(range.step_width)),
                        stepHeight: max(1, Int(range.step_height)), intervals: intervals(format, most)))
                break
            }
            let size = PictureSize(width: Int(entry.discrete.width), height: Int(entry.discrete.height))
            sizes.append(.discrete(size, intervals: intervals(format, size)))
        }
        return sizes
    }

    private func intervals(_ format: UInt32, _ size: PictureSize) -> [FrameInterval] {
        var intervals: [FrameInterval] = []
        for index in UInt32(0)..<64 {
            var entry = v4l2_frmivalenum()
            entry.index = index
            entry.pixel_format = format
            entry.width = UInt32(size.width)
            entry.height = UInt32(size.height)
            guard attempt(VULTUS_ENUM_FRAMEINTERVALS, &entry) else { break }
            guard entry.type == V4L2_FRMIVAL_TYPE_DISCRETE.rawValue else {
                for edge in [entry.stepwise.min, entry.stepwise.max] {
                    intervals.append(FrameInterval(numerator: edge.numerator, denominator: edge.denominator))
                }
                break
            }
            intervals.append(FrameInterval(numerator: entry.discrete.numerator, denominator: entry.discrete.denominator))
        }
        return intervals
    }

    /// Text in a fixed array of bytes.
    static func text<Bytes>(_ bytes: Bytes) -> String {
        withUnsafeBytes(of: bytes) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
