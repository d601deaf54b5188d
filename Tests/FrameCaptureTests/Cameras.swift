import FrameCapture

/// Cameras as drivers list them.
enum Cameras {
    static func discrete(_ code: String, _ sizes: [(Int, Int, [UInt32])]) -> OfferedFormat {
        OfferedFormat(
            code: FourCC(code)!, label: code,
            sizes: sizes.map { width, height, rates in
                .discrete(PictureSize(width: width, height: height), intervals: rates.map { FrameInterval(numerator: 1, denominator: $0) })
            })
    }

    static func camera(
        _ path: String = "/dev/video0", card: String = "HD Webcam", bus: String = "usb-0000:00:14.0-2", serial: String? = nil, links: [String] = [],
        formats: [OfferedFormat] = []
    ) -> CameraDevice {
        CameraDevice(path: path, card: card, driver: "uvcvideo", bus: bus, serial: serial, links: links, formats: formats)
    }

    /// As `v4l2-ctl --list-formats-ext` shows a common 720p webcam: YUYV at full size only slowly.
    static let webcam: CameraDevice = camera(formats: [
        discrete("MJPG", [(1920, 1080, [30]), (1280, 720, [30, 15]), (640, 480, [30, 15]), (320, 240, [30])]),
        discrete("YUYV", [(1280, 720, [10, 5]), (640, 480, [30, 15]), (320, 240, [30])]),
    ])
}
