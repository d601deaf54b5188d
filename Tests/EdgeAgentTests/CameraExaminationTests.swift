import EdgeAgent
import FacePipeline
import FrameCapture
import Glibc
import Testing
import WireModel

/// What `doctor` says of cameras, from evidence; `Tests/CameraRig` gathers the evidence from a driver.
@Suite("Examining cameras")
struct CameraExaminationTests {
    private let camera = CameraDevice(path: "/dev/video0", card: "HD Webcam", driver: "uvcvideo", bus: "usb-1", serial: nil, links: [], formats: [])
    private let mode = CaptureMode(
        code: FourCC("YUYV")!, format: .yuyv, size: PictureSize(width: 64, height: 48), interval: FrameInterval(numerator: 1, denominator: 15))

    /// A picture whose pixel at (x, y) is as bright as `light` says, 0…255.
    private func survey(_ light: (Int, Int) -> Int) throws -> PictureSurvey {
        let layout = RawLayout(format: .grey, width: 64, height: 48)
        let bytes: [UInt8] = (0..<64 * 48).map { UInt8(min(max(light($0 % 64, $0 / 64), 0), 255)) }
        return try bytes.withUnsafeBytes { try PictureSurvey.of($0, layout: layout) }
    }

    private func trial(_ survey: PictureSurvey, isFrozen: Bool = false, _ change: (inout CameraCounters) -> Void = { _ in }) -> CameraTrial {
        var counters = CameraCounters()
        counters.frames = 12
        change(&counters)
        return CameraTrial(mode: mode, surveys: [survey], isFrozen: isFrozen, counters: counters, undecodable: 0)
    }

    private func said(_ trial: CameraTrial) -> String {
        let finding: Finding = CameraExamination.finding(camera, trial)[0]
        return finding.verdict == .ok ? "ok" : finding.remedy.isEmpty ? "no remedy" : finding.detail
    }

    @Test("tells dark, even, frozen, out of focus and lossy from good, each with a remedy")
    func pictures() throws {
        // Squares with hard edges; the same squares through a lens far out of focus: a slow wave.
        let sharp: PictureSurvey = try survey { x, y in (x / 8 + y / 8) % 2 == 0 ? 200 : 60 }
        let soft: PictureSurvey = try survey { x, y in 130 + Int(70 * sin(Double(x) * 3.14159 / 32) * sin(Double(y) * 3.14159 / 32)) }
        #expect(said(trial(sharp)) == "ok")
        #expect(said(trial(try survey { x, _ in x % 5 })).contains("dark"))
        #expect(said(trial(try survey { _, _ in 90 })).contains("even"))
        #expect(said(trial(sharp, isFrozen: true)).contains("frozen"))
        #expect(said(trial(soft)).contains("focus"))
        #expect(said(trial(sharp) { $0.lost = 2 }).contains("2 frames lost"))
        #expect(said(trial(sharp) { $0.damaged = 1 }).contains("1 frame damaged"))
        #expect(said(trial(sharp) { $0.timeouts = 1 }).contains("time-out"))
        #expect(said(CameraTrial(mode: mode, surveys: [], isFrozen: false, counters: CameraCounters(), undecodable: 11)).contains("none could be read"))
    }

    @Test("the agent's own record is judged the same, and why it waits is the fault")
    func watched() {
        var condition = CameraCondition(name: "auto")
        (condition.path, condition.card, condition.mode, condition.rate) = ("/dev/video0", "HD Webcam", mode, 14.8)
        condition.counters.frames = 900
        #expect(CameraExamination.finding(CameraReport.Line(condition)).verdict == .ok)
        condition.rate = 7
        #expect(CameraExamination.finding(CameraReport.Line(condition)).detail.contains("7.0 frames a second of 15.0"))
        condition.counters.disconnections = 2
        #expect(CameraExamination.finding(CameraReport.Line(condition)).detail.contains("unplugged 2 times"))
        condition.fault = .busy(path: "/dev/video0", holders: [DeviceHolder(process: 77, name: "cheese")])
        let finding: Finding = CameraExamination.finding(CameraReport.Line(condition))
        #expect(finding.code == .cameraBusy && finding.detail.contains("cheese (process 77)"))
        // What the driver says at the start of a stream for which the bus has no room: ENOSPC (USB 2.0, 5.6.4; uvc_video.c).
        condition.fault = .noBandwidth(path: "/dev/video0")
        let crowded: Finding = CameraExamination.finding(CameraReport.Line(condition))
        #expect(crowded.code == .cameraFailed && crowded.detail.contains("no room") && crowded.remedy.contains("another bus"))
    }

    @Test("every fault has a code of cameras, names its place and says what to do")
    func faults() {
        let faults: [(CameraFault, ProblemCode, String)] = [
            (.noDevice, .cameraMissing, "/dev/video"), (.notFound(name: "x", present: ["/dev/video0 (y)"]), .cameraMissing, "/dev/video0"),
            (.ambiguous(name: "x", candidates: ["a", "b"]), .cameraUnsuitable, "a, b"),
            (.chosenTwice(names: ["a", "b"], path: "/dev/video0"), .invalidRequest, "a and b: both are /dev/video0"),
            (.noPermission(path: "/dev/video0", group: "video"), .cameraNotPermitted, "video"),
            (.noPermission(path: "/dev/video0", group: nil), .cameraNotPermitted, "/dev/video0"),
            (.busy(path: "/dev/video0", holders: []), .cameraBusy, "another user"),
            (.noUsableFormat(path: "/dev/video0", offered: [FourCC("H264")!], wanted: nil), .cameraUnsuitable, "H264"),
            (.noUsableFormat(path: "/dev/video0", offered: [], wanted: .nv12), .cameraUnsuitable, "nv12"),
            (.noBandwidth(path: "/dev/video0"), .cameraFailed, "/dev/video0"), (.timedOut(path: "/dev/video0", seconds: 4.04), .cameraFailed, "4.0 s"),
            (.disconnected(path: "/dev/video0"), .cameraMissing, "/dev/video0"),
            (.noControl(path: "/dev/video0", name: "zoom", offered: ["focus"]), .cameraUnsuitable, "focus"),
            (.controlRefused(path: "/dev/video0", name: "focus", value: "9", allowed: "0 to 5"), .cameraUnsuitable, "0 to 5"),
            (.driver(path: "/dev/video0", call: "VIDIOC_S_FMT", errno: EIO), .cameraFailed, "VIDIOC_S_FMT"),
        ]
        for (fault, code, word) in faults {
            let problem = Problem(fault)
            #expect(problem.code == code && problem.detail.contains(word) && !problem.remedy.isEmpty, "\(fault)")
        }
        #expect(Problem(CameraFault.noPermission(path: "/dev/video0", group: "video")).remedy.contains("usermod -aG video"))
    }
}
