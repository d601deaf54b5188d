import FrameCapture
import Testing

@Suite("Choosing how a camera streams")
struct CapturePolicyTests {
    private func chosen(_ camera: CameraDevice, _ size: String, _ rate: Double, _ format: CaptureFormat? = nil) -> String? {
        CapturePolicy(size: PictureSize(size)!, rate: rate, format: format).choose(from: camera)?.description
    }

    @Test("raw pixels where the bus carries them, motion JPEG beyond")
    func bandwidth() {
        #expect(chosen(Cameras.webcam, "640x480", 15) == "YUYV 640x480 at 15.0 frames a second")
        #expect(chosen(Cameras.webcam, "640x480", 30) == "MJPG 640x480 at 30.0 frames a second")
        #expect(chosen(Cameras.webcam, "1280x720", 15) == "MJPG 1280x720 at 15.0 frames a second")
        let built = Cameras.camera(
            bus: "platform:isp", formats: [Cameras.discrete("MJPG", [(1280, 720, [30])]), Cameras.discrete("YUYV", [(1280, 720, [30])])])
        #expect(chosen(built, "1280x720", 30) == "YUYV 1280x720 at 30.0 frames a second")
    }

    @Test("the nearest size and rate, too many pixels rather than too few")
    func nearest() {
        let camera = Cameras.camera(formats: [Cameras.discrete("MJPG", [(640, 480, [30]), (1600, 1200, [15]), (1920, 1080, [5])])])
        #expect(chosen(camera, "1280x960", 15) == "MJPG 1600x1200 at 15.0 frames a second")
        #expect(chosen(camera, "320x240", 15) == "MJPG 640x480 at 30.0 frames a second")
        let gap = Cameras.camera(formats: [Cameras.discrete("MJPG", [(800, 600, [15]), (1920, 1080, [15])])])
        #expect(chosen(gap, "1280x720", 15) == "MJPG 1920x1080 at 15.0 frames a second")
        #expect(chosen(Cameras.webcam, "1280x720", 29.97) == "MJPG 1280x720 at 30.0 frames a second")
    }

    @Test("colour before grey, and grey rather than nothing")
    func grey() {
        let both = Cameras.camera(formats: [Cameras.discrete("GREY", [(1280, 720, [15])]), Cameras.discrete("MJPG", [(640, 480, [15])])])
        #expect(chosen(both, "1280x720", 15) == "MJPG 640x480 at 15.0 frames a second")
        #expect(chosen(Cameras.camera(formats: [Cameras.discrete("GREY", [(640, 400, [30])])]), "1280x720", 15) == "GREY 640x400 at 30.0 frames a second")
    }

    @Test("the format that is asked for, or none")
    func asked() {
        #expect(chosen(Cameras.webcam, "1280x720", 15, .yuyv) == "YUYV 1280x720 at 10.0 frames a second")
        #expect(chosen(Cameras.webcam, "1280x720", 15, .nv12) == nil)
        #expect(chosen(Cameras.camera(formats: [Cameras.discrete("H264", [(1280, 720, [30])])]), "1280x720", 15) == nil)
        #expect(chosen(Cameras.camera(formats: []), "1280x720", 15) == nil)
    }

    @Test("a size between two is on the driver's steps, and a driver without a list is asked for what is wanted")
    func stepwise() {
        let range = OfferedSize.stepwise(
            least: PictureSize(width: 32, height: 32), most: PictureSize(width: 1024, height: 768), stepWidth: 32, stepHeight: 16, intervals: [])
        let camera = Cameras.camera(formats: [OfferedFormat(code: FourCC("NV12")!, label: "", sizes: [range])])
        #expect(chosen(camera, "650x490", 10) == "NV12 640x480 at 10.0 frames a second")
        #expect(chosen(camera, "4000x3000", 10) == "NV12 1024x768 at 10.0 frames a second")
        #expect(chosen(camera, "16x16", 10) == "NV12 32x32 at 10.0 frames a second")
        #expect(
            chosen(Cameras.camera(formats: [OfferedFormat(code: FourCC("YUYV")!, label: "", sizes: [])]), "640x480", 15)
                == "YUYV 640x480 at 15.0 frames a second")
    }

    @Test("sizes and formats are read as people write them, nonsense is refused")
    func words() {
        #expect(PictureSize("1280X720") == PictureSize(width: 1280, height: 720))
        for text in ["", "1280", "x720", "1280x", "0x0", "1280x720x3", "axb", "1280x99999"] { #expect(PictureSize(text) == nil, "\(text)") }
        #expect(FourCC("yuyv")?.description == "YUYV" && FourCC("YUYV")?.rawValue == 0x5659_5559)
        #expect(FourCC("toolong") == nil)
        #expect(FrameInterval(numerator: 0, denominator: 0).rate == 1)
    }
}
