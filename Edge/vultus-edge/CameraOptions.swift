import ArgumentParser
import EdgeAgent
import FrameCapture
import WireModel

/// Which cameras are watched, and how.
struct CameraOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A camera: `auto`, a node (/dev/video0), a link of /dev/v4l, its bus, its serial number or its label; several times for several cameras.",
            valueName: "name"))
    var camera: [String] = []

    @Option(help: "Width and height wanted, such as 1280x720; the nearest the camera offers is taken.") var size: String?
    @Option(help: "Frames a second wanted, 15 unless you say otherwise.") var rate: Double = 15
    @Option(help: "mjpeg, yuyv, nv12 or grey; otherwise what the bus carries and costs least.") var format: String?
    @Option(
        help: ArgumentHelp(
            "A setting of the camera, such as exposure_time_absolute=157 or \"power_line_frequency=50 Hz\"; several times, in order. Put back at the end.",
            valueName: "name=value"))
    var control: [String] = []

    var isEmpty: Bool { camera.isEmpty }

    /// - Parameter report: told what happens to which camera.
    func cameras(report: @escaping @Sendable (String, CameraEvent) -> Void) throws(Problem) -> [Camera] {
        var policy = CapturePolicy()
        if let size {
            guard let wanted = PictureSize(size) else { throw refused("--size \(size)", "Give a width and a height, such as 1280x720.") }
            policy.size = wanted
        }
        guard (0.1...240).contains(rate) else { throw refused("--rate \(rate)", "Give 0.1 to 240 frames a second.") }
        policy.rate = rate
        if let format {
            guard let wanted = CaptureFormat(rawValue: format.lowercased()) ?? FourCC(format).flatMap(CaptureFormat.init) else {
                throw refused("--format \(format)", "Choose mjpeg, yuyv, nv12 or grey.")
            }
            policy.format = wanted
        }
        var settings: [ControlSetting] = []
        for text in control {
            guard let setting = ControlSetting(text) else { throw refused("--control \(text)", "Give NAME=VALUE; `vultus-edge cameras` lists the names.") }
            settings.append(setting)
        }
        let choices: [CameraChoice] = camera.map { CameraChoice($0) }
        let names: [String]
        do throws(CameraFault) { names = try CameraChoice.names(choices) } catch { throw Problem(error) }
        try checkThoseThere(policy)
        let claims = CameraClaims()
        return zip(choices, names).map { choice, name in
            Camera(.init(choice: choice, name: name, policy: policy, controls: settings), claims: claims) { report(name, $0) }
        }
    }

    /// A camera that is not there yet is waited for; one that is there and can never do as asked is said at once.
    private func checkThoseThere(_ policy: CapturePolicy) throws(Problem) {
        let present: [CameraDevice] = CameraList.survey().cameras
        var taken: [String: String] = [:]
        // Those that are named have theirs before `auto` takes what is left.
        let named: [String] = camera.filter { CameraChoice($0) != .automatic }
        for name in named + camera.filter({ CameraChoice($0) == .automatic }) {
            do throws(CameraFault) {
                let device: CameraDevice = try CameraChoice(name).find(in: present, taken: Set(taken.keys))
                if let other = taken.updateValue(name, forKey: device.path) { throw .chosenTwice(names: [other, name], path: device.path) }
                guard policy.choose(from: device) == nil else { continue }
                throw .noUsableFormat(path: device.path, offered: device.formats.map(\.code), wanted: policy.format)
            } catch {
                if !error.isPassing { throw Problem(error) }
            }
        }
    }

    private func refused(_ detail: String, _ remedy: String) -> Problem {
        Problem(.invalidRequest, "That cannot be asked of a camera.", detail: detail, remedy: remedy)
    }
}
