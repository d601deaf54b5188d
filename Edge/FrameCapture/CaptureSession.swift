import CV4L2
import FacePipeline
import Glibc

/// One camera, open and streaming until it is ended or gone. Everything here blocks, so it is used on a thread of its own.
struct CaptureSession {
    let path: String
    /// What the driver made of what was asked for.
    let mode: CaptureMode
    /// How its frames are to be read.
    let form: Frame.Form
    /// What the controls were before, in the order they were set.
    let before: [(id: UInt32, before: Int32)]
    private let buffers: CaptureBuffers
    private let descriptor: CInt

    /// Opens a camera and starts its stream.
    /// - Throws: `.noPermission`, `.busy`, `.noUsableFormat`, `.noBandwidth`, `.noControl`, `.controlRefused`, `.disconnected`, `.driver`.
    init(_ camera: CameraDevice, policy: CapturePolicy, controls: [ControlSetting]) throws(CameraFault) {
        guard let wanted = policy.choose(from: camera) else {
            throw .noUsableFormat(path: camera.path, offered: camera.formats.map(\.code), wanted: policy.format)
        }
        let node = try VideoNode(camera.path)
        path = camera.path
        (mode, form) = try Self.configure(node, wanted)
        var before: [(id: UInt32, before: Int32)] = []
        if !controls.isEmpty {
            let offered: [CameraControl] = node.controls()
            for setting in controls { before.append(try node.set(setting, of: offered)) }
        }
        self.before = before
        descriptor = node.descriptor
        buffers = try CaptureBuffers(node)
        do throws(CameraFault) { try buffers.start() } catch {
            buffers.end()
            throw error
        }
    }

    private static func configure(_ node: borrowing VideoNode, _ wanted: CaptureMode) throws(CameraFault) -> (CaptureMode, Frame.Form) {
        var format = v4l2_format()
        format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE.rawValue
        format.fmt.pix.width = UInt32(wanted.size.width)
        format.fmt.pix.height = UInt32(wanted.size.height)
        format.fmt.pix.pixelformat = wanted.code.rawValue
        format.fmt.pix.field = V4L2_FIELD_NONE.rawValue
        try node.call(VULTUS_S_FMT, "VIDIOC_S_FMT", &format)
        let picture: v4l2_pix_format = format.fmt.pix
        let code = FourCC(rawValue: picture.pixelformat)
        guard let known = CaptureFormat(code), known == wanted.format else {
            throw .noUsableFormat(path: node.path, offered: [code], wanted: wanted.format)
        }
        var pace = v4l2_streamparm()
        pace.type = V4L2_BUF_TYPE_VIDEO_CAPTURE.rawValue
        pace.parm.capture.timeperframe = v4l2_fract(numerator: wanted.interval.numerator, denominator: wanted.interval.denominator)
        // Not every driver lets the rate be set: then it is the driver's own.
        let isPaced: Bool = node.attempt(VULTUS_S_PARM, &pace)
        let given: v4l2_fract = pace.parm.capture.timeperframe
        let interval: FrameInterval =
            isPaced && given.numerator > 0 && given.denominator > 0
            ? FrameInterval(numerator: given.numerator, denominator: given.denominator) : wanted.interval
        let size = PictureSize(width: Int(picture.width), height: Int(picture.height))
        let mode = CaptureMode(code: code, format: known, size: size, interval: interval)
        guard let raw = known.raw else { return (mode, .encoded) }
        let layout = RawLayout(
            format: raw, width: size.width, height: size.height, stride: Int(picture.bytesperline), colour: colour(picture))
        return (mode, .raw(layout))
    }

    /// V4L2's defaults where the driver says nothing: V4L2_MAP_YCBCR_ENC_DEFAULT and V4L2_MAP_QUANTIZATION_DEFAULT of videodev2.h.
    private static func colour(_ picture: v4l2_pix_format) -> YCbCrColour {
        let encoding: UInt32 =
            if picture.ycbcr_enc != V4L2_YCBCR_ENC_DEFAULT.rawValue {
                picture.ycbcr_enc
            } else {
                [V4L2_COLORSPACE_REC709.rawValue, V4L2_COLORSPACE_DCI_P3.rawValue].contains(picture.colorspace)
                    ? V4L2_YCBCR_ENC_709.rawValue : V4L2_YCBCR_ENC_601.rawValue
            }
        let isFull: Bool =
            picture.quantization == V4L2_QUANTIZATION_FULL_RANGE.rawValue
            || (picture.quantization == V4L2_QUANTIZATION_DEFAULT.rawValue && picture.colorspace == V4L2_COLORSPACE_JPEG.rawValue)
        return YCbCrColour(
            matrix: [V4L2_YCBCR_ENC_709.rawValue, V4L2_YCBCR_ENC_XV709.rawValue].contains(encoding) ? .bt709 : .bt601, range: isFull ? .full : .limited)
    }

    /// What came within the time allowed.
    enum Arrival {
        case frame(FrameLease, sequence: UInt32)
        /// A frame that cannot be used; its buffer is the driver's again.
        case damaged(sequence: UInt32)
        /// A whole frame for which no buffer was left to lend.
        case refused(sequence: UInt32)
        case nothing
    }

    /// Waits for the next frame.
    /// - Throws: `.disconnected`, `.driver`.
    func next(milliseconds: Int32) throws(CameraFault) -> Arrival {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, milliseconds) > 0 else { return .nothing }
        let filled: CaptureBuffers.Filled? = try buffers.take()
        // An unplugged camera is signalled as an error; what the driver flushes then was never a picture.
        guard waiting.revents & Int16(POLLERR | POLLHUP) == 0 else {
            if let filled { buffers.giveBack(filled.index) }
            throw .disconnected(path: path)
        }
        guard let filled else { return .nothing }
        let isShort: Bool =
            switch form {
            case .encoded: filled.count == 0
            case .raw(let layout): filled.count < layout.byteCount
            }
        guard !filled.isDamaged, !isShort else {
            buffers.giveBack(filled.index)
            return .damaged(sequence: filled.sequence)
        }
        guard buffers.mayLend else {
            buffers.giveBack(filled.index)
            return .refused(sequence: filled.sequence)
        }
        return .frame(FrameLease(buffers, index: filled.index, count: filled.count), sequence: filled.sequence)
    }

    /// Puts controls back, ends the stream and closes the camera; frames that are out stay readable.
    func end(restoring values: [(id: UInt32, before: Int32)] = []) {
        try? buffers.onNode { (node) throws(CameraFault) in for one in values.reversed() { node.restore(one.id, to: one.before) } }
        buffers.end()
    }
}
